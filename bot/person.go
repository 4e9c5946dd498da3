package bot

import (
	"context"
	"errors"
	"strings"

	"amsbot/bot/words"
)

// stranger says that PagerDuty does not know a person, and why: a key of the
// catalogue.
type stranger string

// errTooLate is why nobody was asked who somebody is.
var errTooLate = errors.New("bot: not asked who it is: too late for what they pressed")

// Error says it for the log.
func (s stranger) Error() string { return "bot: no PagerDuty user: " + string(s) }

// personOf is the PagerDuty user of a Slack user: whom amsbot.yaml names, else who
// has their e-mail address. A stranger is an error, and so it is when nobody could
// be asked.
func (b *Bot) personOf(ctx context.Context, user string) (Person, error) {
	email, named := b.People[user]
	if !named {
		var err error
		if email, err = b.Members.Email(ctx, user); err != nil {
			return Person{}, unknown(err, "refused.user.hidden")
		}
	}
	find, why := b.Users.ByEmail, stranger("refused.user")
	if named {
		why = "refused.user.named"
	}
	if !strings.Contains(email, "@") {
		find = b.Users.ByID
	}
	p, err := find(ctx, email)
	return p, unknown(err, why)
}

// unknown tells that somebody is not known from that nobody could be asked.
func unknown(err error, why stranger) error {
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused) {
		return why
	}
	return err
}

// unsaid is why an act is not done in a person's own name; "" if it is.
func (p presser) unsaid(w words.Catalogue) string {
	var who stranger
	switch {
	case errors.As(p.unsure, &who):
		return w.Say(string(who))
	case p.unsure != nil:
		return w.Say("refused.unsaid")
	case p.as.ID == "":
		return w.Say("refused.user")
	}
	return ""
}
