package bot

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"amsbot/bot/words"
	"amsbot/store"
)

// single is the act on one incident that an act on all of a group card is.
func single(act string) string {
	switch act {
	case DoTakeAll:
		return DoTake
	case DoEscalateAll:
		return DoEscalate
	}
	return ""
}

// groupAtOnce is how many incidents of a press are written side by side.
const groupAtOnce = 16

// pressed is a press on a group card while it is carried out.
type pressed struct {
	Click
	name     string // of the act on all
	standing bool   // it was pressed where the card stands
	as       Person
	unsure   error
	w        words.Catalogue

	mu   sync.Mutex
	may  map[string]permits // by project
	sees map[string]bool
	told map[string][]int // the incidents by what is told of them; "" are those that it acts on
	lost error            // why some could not be written
}

// actGroup takes a press on all of a group card: a click on each of the incidents
// that the card stood for when it was drawn, on the offer that stood then, each in
// a commit of its own. Whatever ends it midway, what was accepted stays so, and
// pressing again does the rest.
func (b *Bot) actGroup(ctx context.Context, k Click) (Answer, error) {
	key, set, _ := strings.Cut(k.Incident, groupBetween)
	_, channel, _ := strings.Cut(strings.TrimPrefix(key, groupKey), ":")
	w := b.WordsIn(k.Channel, k.Room)
	numbers, ok := readNumbers(set)
	if !ok || single(k.Act) == "" {
		return Answer{Text: w.Say("group.stale")}, nil
	}
	card, _, err := b.DB.View(ctx, key)
	if err != nil {
		return Answer{}, fmt.Errorf("bot: act %s on %s: %w", k.Act, key, err)
	}
	p := &pressed{Click: k, name: k.Act, w: w, may: map[string]permits{}, sees: map[string]bool{}, told: map[string][]int{}}
	at, _, _ := strings.Cut(card.Ref, "/")
	p.standing = at != "" && at == k.Channel
	p.as, p.unsure = b.personOf(ctx, k.User)
	p.Act, p.Name = single(k.Act), nameOf(k, p.as)
	turns, all := make(chan struct{}, groupAtOnce), sync.WaitGroup{}
	for _, n := range numbers {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			p.tell(n, b.pressOne(ctx, p, n, channel))
		})
	}
	all.Wait()
	if p.lost != nil && len(p.told) == 1 {
		return Answer{}, fmt.Errorf("bot: act %s on %s: %w", k.Act, key, p.lost)
	}
	if p.lost != nil {
		b.Log.Error("bot: a press on all could not be written for each", "act", k.Act, "card", key, "err", p.lost)
	}
	b.sayPressed(ctx, p, channel)
	return p.answer(), nil
}

// outcome is what came of a press for one incident.
type outcome struct {
	Answer
	err error
}

// tell notes what came of a press for one incident.
func (p *pressed) tell(number int, o outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	why := o.Text
	switch {
	case o.err != nil:
		p.lost, why = o.err, p.w.Say("group.lost")
	case o.Done:
		why = ""
	}
	p.told[why] = append(p.told[why], number)
}

// pressOne clicks on one of the incidents.
func (b *Bot) pressOne(ctx context.Context, p *pressed, number int, channel string) outcome {
	key, ok, err := b.DB.Named(ctx, numberName(number))
	if err != nil || !ok {
		return outcome{Answer{Text: p.w.Say("find.never")}, err}
	}
	in, err := b.load(ctx, key)
	if err != nil {
		return outcome{err: err}
	}
	if in.project == nil || in.project.Channel != channel {
		return outcome{Answer: Answer{Text: p.w.Say("refused.view")}}
	}
	if !b.mayPress(ctx, p, in.project) {
		return b.refuseOne(ctx, p, key)
	}
	if _, err := b.scenario(ctx, in); err != nil { // the commit asks what is loaded
		return outcome{err: err}
	}
	p.mu.Lock()
	who := presser{of: in.project.Name, may: p.may[in.project.Name], as: p.as, unsure: p.unsure}
	p.mu.Unlock()
	k := p.Click
	k.Incident = key
	var answer Answer
	_, err = b.commit(ctx, key, func(c *change) error {
		answer = c.clickGroup(k, who)
		return nil
	})
	b.kick(key)
	return outcome{answer, err}
}

// refuseOne records that the presser may not see one of the incidents.
func (b *Bot) refuseOne(ctx context.Context, p *pressed, key string) outcome {
	k := p.Click
	k.Incident = key
	var answer Answer
	_, err := b.commit(ctx, key, func(c *change) error {
		answer = c.refuse(k, c.w.Say("refused.view"))
		return nil
	})
	return outcome{answer, err}
}

// mayPress asks what the presser may in a project, and says whether they may see
// it from where they press.
func (b *Bot) mayPress(ctx context.Context, p *pressed, project *projectView) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.may[project.Name]; !known {
		p.may[project.Name] = b.may(ctx, project, p.User)
		p.sees[project.Name] = p.standing || b.sees(ctx, Question{User: p.User, Channel: p.Channel, Room: p.Room}, project.Name)
	}
	return p.sees[project.Name]
}

// clickGroup is click for one of many: on the newest offer of the act that the card
// knew when it was drawn, never on one that was made since.
func (c *change) clickGroup(k Click, p presser) Answer {
	drawn := k.Offer
	k.Offer = 0
	for _, o := range c.in.offers {
		if o.act == k.Act && o.pos <= drawn {
			k.Offer = o.seq
		}
	}
	if k.Offer == 0 && !c.in.over() && p.may.can(k.Act) {
		return c.refuse(k, c.tooLate(k))
	}
	return c.click(k, p)
}

// answer is the sum of a press, for whoever pressed.
func (p *pressed) answer() Answer {
	a := Answer{Done: len(p.told[""]) > 0}
	var lines []string
	for _, why := range sortedKeys(p.told) {
		numbers := p.told[why]
		switch {
		case why == "":
			lines = append(lines, p.w.Say("told."+p.name, len(numbers), shortNumbers(numbers)))
		default:
			lines = append(lines, p.w.Say("told.not", len(numbers), shortNumbers(numbers), why))
		}
	}
	a.Text = strings.Join(lines, "\n")
	return a
}

// sayPressed says in the channel what a press came to, in one line.
func (b *Bot) sayPressed(ctx context.Context, p *pressed, channel string) {
	done := p.told[""]
	if len(done) == 0 {
		return
	}
	said := post(channel, p.w.Say("accepted."+p.name, plain(p.Name, 80), len(done), shortNumbers(done)))
	_, err := b.DB.Commit(ctx, botStream, func(*store.View) (store.Change, error) {
		return store.Change{Events: []store.NewEvent{said}}, nil
	})
	if err != nil {
		b.Log.Error("bot: what a press on all came to is not said in the channel", "act", p.name, "err", err)
	}
}
