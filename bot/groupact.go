package bot

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"amsbot/bot/words"
	"amsbot/store"
)

// groupAtOnce is how many incidents of a press are written side by side.
const groupAtOnce = 16

// pressed is an act on several incidents while it is carried out: a press on a
// group card, or a command.
type pressed struct {
	Click
	name     string // of the act on all
	channel  string // of the card; "" for a command
	standing bool   // it was pressed where the card stands
	as       Person
	unsure   error
	w        words.Catalogue

	mu   sync.Mutex
	may  map[string]permits // by project
	sees map[string]bool
	told map[string][]int // the incidents by what is told of them; "" are those that it acts on
	done map[string][]int // those by their projects' channels
	lost error            // why some could not be written
}

// pressedBy is an act on several incidents before it begins.
func (b *Bot) pressedBy(ctx context.Context, k Click) *pressed {
	p := &pressed{Click: k, name: k.Act, w: b.WordsIn(k.Channel, k.Room),
		may: map[string]permits{}, sees: map[string]bool{}, told: map[string][]int{}, done: map[string][]int{}}
	p.as, p.unsure = b.personOf(ctx, k.User)
	p.Act, p.Name = single(k.Act), nameOf(k, p.as)
	return p
}

// actGroup takes a press on all of a group card: a click on each of the incidents
// that the card stood for when it was drawn, on the offer that stood then, each in
// a commit of its own. Whatever ends it midway, what was accepted stays so, and
// pressing again does the rest.
func (b *Bot) actGroup(ctx context.Context, k Click) (Answer, error) {
	if k.Typed && single(k.Act) != "" {
		return b.actSeveral(ctx, k)
	}
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
	p := b.pressedBy(ctx, k)
	p.channel = channel
	at, _, _ := strings.Cut(card.Ref, "/")
	p.standing = at != "" && at == k.Channel
	return b.pressAll(ctx, p, numbers)
}

// pressAll does one act on each of the incidents, and says what came of it: to
// whoever pressed in one answer, to everybody in one line.
func (b *Bot) pressAll(ctx context.Context, p *pressed, numbers []int) (Answer, error) {
	turns, all := make(chan struct{}, groupAtOnce), sync.WaitGroup{}
	for _, n := range numbers {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			p.tell(n, b.pressOne(ctx, p, n))
		})
	}
	all.Wait()
	if p.lost != nil && len(p.told) == 1 {
		return Answer{}, fmt.Errorf("bot: act %s: %w", p.name, p.lost)
	}
	if p.lost != nil {
		b.Log.Error("bot: an act on all could not be written for each", "act", p.name, "err", p.lost)
	}
	for _, channel := range sortedKeys(p.done) {
		b.sayPressed(ctx, p, channel)
	}
	return p.answer(), nil
}

// outcome is what came of a press for one incident.
type outcome struct {
	Answer
	channel string // of its project
	err     error
}

// tell notes what came of a press for one incident.
func (p *pressed) tell(number int, o outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	why := o.Text
	switch {
	case o.err != nil:
		p.lost, why = o.err, p.either("group.lost", "several.lost")
	case o.Done:
		why = ""
		p.done[o.channel] = append(p.done[o.channel], number)
	}
	p.told[why] = append(p.told[why], number)
}

// either is a text for whoever pressed on a card, or for whoever typed.
func (p *pressed) either(card, typed string) string {
	if p.Typed {
		return p.w.Say(typed)
	}
	return p.w.Say(card)
}

// pressOne clicks on one of the incidents. Whoever types the number of one that they
// may not see is not told that it exists.
func (b *Bot) pressOne(ctx context.Context, p *pressed, number int) outcome {
	key, ok, err := b.DB.Named(ctx, numberName(number))
	if err != nil || !ok {
		return outcome{Answer: Answer{Text: p.either("find.never", "several.none")}, err: err}
	}
	in, err := b.load(ctx, key)
	if err != nil {
		return outcome{err: err}
	}
	if in.project == nil || !p.Typed && in.project.Channel != p.channel {
		return outcome{Answer: Answer{Text: p.either("refused.view", "several.none")}}
	}
	switch sees := b.mayPress(ctx, p, in.project); {
	case !sees && p.Typed:
		return outcome{Answer: Answer{Text: p.w.Say("several.none")}}
	case !sees:
		return b.refuseOne(ctx, p, key)
	}
	if _, err := b.scenario(ctx, in); err != nil { // the commit asks what is loaded
		return outcome{err: err}
	}
	p.mu.Lock()
	who := presser{of: in.project.Name, may: p.may[in.project.Name], as: p.as, unsure: p.unsure}
	p.mu.Unlock()
	k := p.Click
	if k.Incident = key; k.Once != "" {
		k.Once += " " + numberName(number)
	}
	var answer Answer
	_, err = b.commit(ctx, key, func(c *change) error {
		answer = c.clickGroup(k, who)
		return nil
	})
	b.kick(key)
	return outcome{Answer: answer, channel: in.project.Channel, err: err}
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
	return outcome{Answer: answer, err: err}
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
// knew when it was drawn, never on one that was made since; for a command, as for
// one incident, on the offer that stands.
func (c *change) clickGroup(k Click, p presser) Answer {
	drawn := k.Offer
	k.Offer = 0
	for _, o := range c.in.offers {
		if o.act == k.Act && o.pos <= drawn {
			k.Offer = o.seq
		}
	}
	if !k.Typed && k.Offer == 0 && !c.in.over() && p.may.can(k.Act) {
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
			lines = append(lines, p.w.Say("told.not", shortNumbers(numbers), why))
		}
	}
	a.Text = strings.Join(lines, "\n")
	return a
}

// sayPressed says in a channel what a press came to there, in one line, and once
// however often it is delivered.
func (b *Bot) sayPressed(ctx context.Context, p *pressed, channel string) {
	if channel == "" {
		return
	}
	done, w := p.done[channel], b.WordsIn(channel, strings.TrimPrefix(channel, "#"))
	said := post(channel, w.Say("accepted."+p.name, plain(p.Name, 80), len(done), shortNumbers(done)))
	once := fitKey("pressed:" + p.Once + " " + channel)
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		switch {
		case p.Once == "":
			return store.Change{Events: []store.NewEvent{said}}, nil
		case v.Seen(once):
			return store.Change{}, nil
		}
		return store.Change{Events: []store.NewEvent{said}, Seen: []string{once}}, nil
	})
	if err != nil {
		b.Log.Error("bot: what an act on all came to is not said in the channel", "act", p.name, "err", err)
	}
}
