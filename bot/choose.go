package bot

import (
	"context"
	"fmt"
)

// choose offers all that a person can do to an incident now, or does what they
// have chosen: at once, or by way of the act's own dialogue.
func (b *Bot) choose(ctx context.Context, k Click) (Answer, error) {
	if k.Fields != nil {
		act, offer := chosen(k.field("act"))
		if act == "" {
			return Answer{Wrong: map[string]string{"act": b.WordsIn(k.Channel, k.Room).Say("choose.none")}}, nil
		}
		k.Act, k.Offer, k.Open, k.Fields = act, offer, HasForm(act), nil
		return b.Act(ctx, k)
	}
	f, err := b.find(ctx, Question{User: k.User, Channel: k.Channel, Room: k.Room, Incident: k.Incident})
	key, answer := f.key, f.answer
	if err != nil || key == "" {
		return answer, err
	}
	if !IsIncident(key) {
		return Answer{Text: b.WordsIn(k.Channel, k.Room).Say("choose.storm")}, nil
	}
	in, err := b.load(ctx, key)
	if err != nil {
		return Answer{}, err
	}
	may := b.may(ctx, in.project, k.User)
	if _, err := b.scenario(ctx, in); err != nil {
		return Answer{}, err
	}
	_, err = b.commit(ctx, key, func(c *change) error {
		switch {
		case c.in.gone():
			answer = Answer{Text: c.w.Say("refused.forgotten")}
		case !may.ok["view"], c.in.projectName() != in.projectName(): // it was matched into another one meanwhile
			answer = Answer{Text: c.w.Say("refused.view")}
		case c.in.over():
			answer = Answer{Text: c.w.Say("refused.over", c.overWords())}
		default:
			answer = Answer{Form: c.chooser()}
		}
		return nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: offer the acts of %s: %w", key, err)
	}
	return answer, nil
}

// chooser is the dialogue of all acts that stand.
func (c *change) chooser() *Form {
	acts := c.acts()
	return &Form{
		Act: DoChoose, Incident: c.in.key, Title: c.w.Say("form.choose"), Send: c.w.Say("form.send.choose"),
		Text:   fmt.Sprintf("#%d %s", c.in.number(), cut(oneLine(c.in.title()), 150)),
		Fields: []Entry{{Name: "act", Kind: EntryChoice, Label: c.w.Say("form.act"), Choices: acts, Value: acts[0].Value}},
	}
}
