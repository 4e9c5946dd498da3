// Package doctor looks at all that amsbot needs before it is of use: the two
// neighbours with their tokens, rights, channels, groups, levels and webhooks, the
// machine, and the scenarios; and says of each what was found and what to do.
//
// It asks with the bot's own clients, within their limits, and changes nothing:
// whether incidents may be changed it tries on one that cannot exist, and a test event
// is sent if that is asked for. It works beside a running amsbot, which it asks for
// what only that can know, and without one.
//
// The package does not know how findings are printed, nor what an incident is.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/bot/pagerduty"
	"amsbot/bot/slack"
	"amsbot/cmd/amsbot/app"
	"amsbot/scenarios"
)

// State is what a look found.
type State string

// The states, which are a verdict's. Unknown means that it could not be found out.
const (
	OK      State = "OK"
	NG      State = "NG"
	Unknown State = "UNKNOWN"
)

// Finding is one thing that was looked at. Its texts are foreign in part, and may
// hold whatever a neighbour said.
type Finding struct {
	Group string `json:"group"` // Configuration, Slack, PagerDuty, This machine or Scenarios
	What  string `json:"what"`
	State State  `json:"state"`
	Why   string `json:"why,omitempty"`
	Next  string `json:"next,omitempty"` // what to do; of what is OK, what might be better
	// Unasked says that nobody asked for what it would take to find it out.
	Unasked bool `json:"unasked,omitempty"`
}

// Well says whether amsbot can be of use as it is: nothing is NG, and what is
// UNKNOWN is so because nobody asked.
func Well(all []Finding) bool {
	return !slices.ContainsFunc(all, func(f Finding) bool { return f.State == NG || f.State == Unknown && !f.Unasked })
}

// Bot is an amsbot that runs, as the socket beside its database tells of it.
type Bot interface {
	Health(ctx context.Context) (admin.Health, error)
	Close()
}

// Options say what to look at, and how the world is reached.
type Options struct {
	Config   string              // the configuration file
	Getenv   func(string) string // required
	Network  app.Network
	SendTest bool // have PagerDuty send a test event
	// Dial finds the amsbot that runs on a database; admin.ErrNoBot when none does.
	// Required.
	Dial func(db string) (Bot, error)
}

const (
	// oneFor bounds one look.
	oneFor = 20 * time.Second
	// groupFor bounds all of one neighbour: its limits may ask to wait.
	groupFor = 2 * time.Minute
)

// The groups, in their order.
const (
	configuration = "Configuration"
	atSlack       = "Slack"
	atPagerDuty   = "PagerDuty"
	machine       = "This machine"
	inScenarios   = "Scenarios"
)

// doctor is one round.
type doctor struct {
	o       Options
	c       app.Config
	secrets app.Secrets
	set     *scenarios.Set // nil: it cannot be read
	slack   *slack.Workspace
	pager   *pagerduty.Client // nil: it cannot be asked
	running *admin.Health     // nil: none runs, or none answers
	silent  error             // why none answers; admin.ErrNoBot: none runs
}

// Look looks at everything, side by side, and ends within some minutes.
func Look(ctx context.Context, o Options) []Finding {
	n := &notes{group: configuration}
	d := &doctor{o: o}
	var err error
	if d.c, err = app.LoadConfig(o.Config); err != nil {
		n.wrong(o.Config, err)
		why := "; " + n.all[0].Why // the file is named once
		why = strings.ReplaceAll(why, "; "+o.Config+": ", "; ")
		n.all[0].Why = strings.TrimPrefix(strings.ReplaceAll(why, "; "+o.Config+":", "; line "), "; ")
		n.unknown("everything else", "what to look at is in that file", "mend it and ask again")
		return n.all
	}
	n.ok(o.Config, "every key is known")
	d.lookAtSecrets(n)
	set, err := app.LoadScenarios(d.c.Scenarios)
	if err == nil {
		d.set = set
	}
	scenariosErr := err
	d.slack = slack.New(d.c.SlackOptions(d.secrets, o.Network))
	d.pager, err = pagerduty.New(d.c.PagerDutyOptions(d.secrets, o.Network))
	if err != nil && !d.secrets.PagerDuty.Empty() {
		n.wrong("pagerduty", err)
	}
	d.askRunning(ctx)

	var groups [4][]Finding
	var side sync.WaitGroup
	for i, look := range []func(context.Context) []Finding{
		d.lookAtSlack, d.lookAtPagerDuty, d.lookAtMachine,
		func(context.Context) []Finding { return d.lookAtScenarios(scenariosErr) },
	} {
		side.Go(func() {
			timed, cancel := context.WithTimeout(ctx, groupFor)
			defer cancel()
			groups[i] = look(timed)
		})
	}
	side.Wait()
	groups[2] = append(groups[2], d.lookAtClock()...) // the neighbours have said theirs
	return slices.Concat(append([][]Finding{n.all}, groups[:]...)...)
}

// lookAtSecrets says which variables of the environment are missing.
func (d *doctor) lookAtSecrets(n *notes) {
	var missing []error
	d.secrets, missing = app.FoundSecrets(d.o.Getenv, d.c)
	for _, err := range missing {
		next := app.Hint(err)
		if next == "" {
			next = "set it, or NAME_FILE to a file that holds it"
		}
		n.ng("secrets in the environment", err.Error(), next)
	}
	if len(missing) == 0 {
		n.ok("secrets in the environment", "all are set")
	}
}

// askRunning asks the amsbot that runs on the database, if one does.
func (d *doctor) askRunning(ctx context.Context) {
	b, err := d.o.Dial(d.c.Database)
	if err != nil {
		d.silent = err
		return
	}
	defer b.Close()
	ctx, cancel := context.WithTimeout(ctx, oneFor)
	defer cancel()
	h, err := b.Health(ctx)
	if err != nil {
		d.silent = err
		return
	}
	d.running = &h
}

// alone says that no amsbot runs on the database.
func (d *doctor) alone() bool { return errors.Is(d.silent, admin.ErrNoBot) }

// notes are the findings of one group.
type notes struct {
	group string
	all   []Finding
}

func (n *notes) add(what string, state State, why, next string) {
	n.all = append(n.all, Finding{Group: n.group, What: what, State: state, Why: why, Next: next})
}

func (n *notes) ok(what, format string, args ...any) {
	n.add(what, OK, fmt.Sprintf(format, args...), "")
}

// advise is ok with what might be better.
func (n *notes) advise(what, why, next string)  { n.add(what, OK, why, next) }
func (n *notes) ng(what, why, next string)      { n.add(what, NG, why, next) }
func (n *notes) unknown(what, why, next string) { n.add(what, Unknown, why, next) }

// wrong notes an error: what says what to do, or is a neighbour's answer, is NG;
// what only says that nobody answered leaves it unknown.
func (n *notes) wrong(what string, err error) {
	why := tell(err)
	switch hint := app.Hint(err); {
	case hint != "":
		n.ng(what, why, hint)
	case errors.Is(err, bot.ErrNotFound), errors.Is(err, bot.ErrRefused):
		n.ng(what, why, "look there whether it still exists, and whether amsbot may read it")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		n.unknown(what, "no answer in time", "see whether this machine reaches it, then ask again")
	default:
		n.unknown(what, why, "see whether this machine reaches it, then ask again")
	}
}

// tell is an error on one line, without the name of its package.
func tell(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	for _, name := range []string{"slack: ", "pagerduty: ", "store: ", "config: "} {
		text = strings.TrimPrefix(text, name)
	}
	return text
}

// within gives one look its time.
func within(ctx context.Context, look func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, oneFor)
	defer cancel()
	look(ctx)
}
