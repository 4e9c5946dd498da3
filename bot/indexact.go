package bot

import (
	"context"
	"fmt"
)

// showCard takes what is chosen in an index: an incident whose card somebody wants
// now. Whoever may see the incident may. It is recorded once, as a card stands once.
func (b *Bot) showCard(ctx context.Context, k Click) (Answer, error) {
	found, err := b.find(ctx, k.question())
	if err != nil || found.key == "" {
		return found.answer, err
	}
	key, answer := found.key, found.answer
	in, err := b.load(ctx, key)
	if err != nil {
		return Answer{}, err
	}
	if in.gone() {
		return Answer{Text: b.WordsIn(k.Channel, k.Room).Say("refused.forgotten")}, nil
	}
	may := b.may(ctx, in.project, k.User)
	as, _ := b.personOf(ctx, k.User)
	k.Name = nameOf(k, as)
	stands := b.shows(ctx, key)
	_, err = b.commit(ctx, key, func(c *change) error {
		switch {
		case !may.can(k.Act):
			answer = c.refuse(k, c.w.Say("refused.permission", c.w.Say("act."+k.Act), may.who(k.Act, c.w)))
		case stands || c.in.asked:
			answer = Answer{Text: c.w.Say("refused.card", c.in.number())}
		default:
			c.write(kindCardAsked, k.Name, cardAsked{User: k.User, Name: k.Name})
			answer = Answer{Done: true}
		}
		return nil
	})
	if err != nil {
		return Answer{}, fmt.Errorf("bot: act %s on %s: %w", k.Act, key, err)
	}
	return answer, nil
}
