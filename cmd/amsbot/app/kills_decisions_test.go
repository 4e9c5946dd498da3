package app_test

import (
	"slices"
	"strings"
	"time"

	"amsbot/store"
)

// decisions are the ways of a first response in which people decide by more than
// one press: two of them, one in spite of that, or by a dialogue.
func decisions() []branch {
	const byTwoSoon = "approval: {expires: 1m, second_person: true}"
	taken := slow(3 * time.Second)
	asks := func() func(*stage, int) { return presses(aiko, "Run Recovery") } // each has patience of her own
	waits := func(but string) func(*stage) bool {
		return func(s *stage) bool { return cardSays("waits for a person")(s) && !saying(but)(s) }
	}
	alone := filled("break_glass", map[string]string{"text": "nobody else is awake"})
	return []branch{
		{name: "approved", files: byTwo(restartOnce), once: true, options: []option{taken}, lasts: 3 * time.Minute,
			each: all(at(0, down), asks(), presses(aiko, "Run Again"), presses(ben, "Approve")), ends: both(ended(overNow, atAiko), twoDecide), says: "Ben Brook approves it"},
		{name: "not approved", files: one(web(byTwoSoon, restartOnce)), once: true, lasts: 3 * time.Minute,
			each: all(at(0, down), asks()), ends: both(ended(atAiko), neverRecovered), says: "nobody approved it in time"},
		{name: "withdrawn", files: byTwo(restartOnce), once: true,
			each: all(at(0, down), asks(), fills(dan, "Run Checks Again", nil, cardSays("Approve waits")),
				at(60, func(s *stage) { s.must(s.sim.PagerDuty.Resolve(benPD, s.incident)) })), ends: both(ended(overNow), neverRecovered), says: "it is checked again"},
		{name: "glass broken", files: byTwo(restartOnce), once: true, options: []option{taken, configured(glass)}, lasts: 3 * time.Minute,
			each: all(at(0, down), asks(), fills(chie, "Break Glass", alone, cardSays("Approve waits"))), ends: both(ended(overNow, atAiko), twoDecide), says: "Reason: nobody else is awake"},
		{name: "glass broken by word", files: byTwo(restartOnce), once: true, options: []option{taken, configured(glass)},
			each: all(at(0, down), types(chie, "recover 1 break glass: nobody else is awake", cardSays("waits for a person"))), ends: both(ended(overNow, atAiko), twoDecide), says: "Reason: nobody else is awake"},
		{name: "storm approved", files: byTwo(restartOnce, brakes("storm: 2 per 5m")), once: true, lasts: 3 * time.Minute,
			each: all(at(0, machines(3)), presses(chie, "Run Recovery on All"), presses(ben, "Approve")), ends: twoDecide, says: "Done: 3 working again."},
		{name: "storm and glass", files: byTwo(restartOnce, brakes("storm: 2 per 5m")), once: true, options: []option{configured(glass)}, lasts: 3 * time.Minute,
			each: all(at(0, machines(2)), types(chie, "recover storm break glass: nobody else is awake", func(s *stage) bool { return s.offered("Run Recovery on All 2")() })), ends: twoDecide, says: "Done: 2 working again."},
		{name: "escalated by dialogue", files: one(web()), each: all(at(0, down), fills(ben, "Escalate",
			filled("escalate", map[string]string{"to": "second_line", "text": "the pool is full"}), waits("escalates it"))), ends: ended(atChie), says: "the pool is full"},
		{name: "resolved as noise", files: one(web()), each: all(at(0, down), fills(ben, "Add Note", filled("note", map[string]string{"text": "a probe"}), waits("a probe")),
			from(30, fills(aiko, "Resolve", filled("resolve", map[string]string{"noise": "noise"}), cardSays("waits for a person")))), ends: ended(overNow), says: "It was noise."},
		{name: "by the shortcut", files: one(web(restartOnce)), once: true, options: []option{taken},
			each: all(at(0, down), chooses(aiko, "Run Recovery", cardSays("Run Recovery waits")), presses(aiko, "Run Again")), ends: ended(overNow, atAiko), says: "Aiko Tanaka pressed Run Recovery"},
		{name: "pause lifted", files: one(web("autonomy: auto", restartOnce)), once: true, options: []option{taken}, lasts: 3 * time.Minute,
			each: all(answers(aiko, "pause", filled("pause", map[string]string{"text": "we are moving"}), func(*stage) bool { return true }), at(8, down), asks(),
				from(60, types(ben, "resume project:shop", cardSays("Held"))), presses(aiko, "Run Again")), ends: ended(overNow, atAiko), says: "Aiko Tanaka pressed Run Recovery"},
		{name: "paused meanwhile", files: one(web("approval: 2h", restartOnce)), once: true,
			each: all(at(0, down), types(aiko, "pause project:shop we are moving", cardSays("Run Recovery waits")),
				from(20, types(ben, "resume project:shop", cardSays("Paused: please")))), ends: both(both(ended(atAiko), neverRecovered), saysThePause), says: "Ben Brook resumed project:shop."},
		{name: "held and lifted", files: one(web("autonomy: auto", "approval: 2h", restartOnce)), once: true,
			each: all(types(aiko, "pause project:shop", func(*stage) bool { return true }), at(8, down),
				from(20, types(ben, "resume project:shop", cardSays("Held")))), ends: saysThePause, says: "Ben Brook resumed project:shop."},
		{name: "maintained by dialogue", files: planned(web("autonomy: auto", restartOnce)), once: true,
			each: all(answers(aiko, "maintenance new", filled("maintain", map[string]string{"for": "30m0s", "text": "a new kernel"}), func(*stage) bool { return true }), at(8, down)),
			ends: both(ended(atAiko), neverRecovered), says: "a new kernel"},
	}
}

// machines is an incident about each of so many machines.
func machines(n int) func(*stage) { return func(s *stage) { s.onEach(n) } }

// saying says whether something stands in the channel.
func saying(text string) func(*stage) bool {
	return func(s *stage) bool { return text != "" && strings.Contains(s.slackLines(), text) }
}

func both(one, other func(*past)) func(*past) {
	return func(p *past) { p.Helper(); one(p); other(p) }
}

// twoDecide holds that no recovery has fewer people behind it than it takes.
func twoDecide(p *past) { p.Helper(); p.twoVoices() }

// saysThePause holds that the card of an incident that waits for a person, or that a
// pause held, says what the record of pauses ends with.
func saysThePause(p *past) {
	p.Helper()
	m, have := p.card()
	last := ""
	for _, e := range p.streams[store.BotStream] {
		if e.Kind == "paused" || e.Kind == "resumed" {
			last = e.Kind
		}
	}
	if !slices.Contains(have, "Run Recovery") || last == "" {
		return
	}
	paused, resumed := strings.Contains(drawn(m), "paused (project:shop) by Aiko Tanaka"), strings.Contains(drawn(m), "Ben Brook resumed project:shop. It may run now")
	if paused != (last == "paused") || resumed != (last == "resumed") {
		p.Errorf("it was %s last, and the card says %s", last, drawn(m))
	}
}

func neverRecovered(p *past) { p.Helper(); p.recoveries(0) }
