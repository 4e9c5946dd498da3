package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/admin"
	"amsbot/bot/pagerduty"
)

// lookAtHooks looks at the way on which PagerDuty tells of incidents.
func (d *doctor) lookAtHooks(ctx context.Context, n *notes, ours []pagerduty.Service) {
	const what = "webhook subscription"
	if !d.c.Hooked() {
		n.ok(what, "none is expected, as amsbot.yaml says; the poll finds incidents every %s", d.c.PagerDuty.Poll)
		return
	}
	var all []pagerduty.Subscription
	var err error
	within(ctx, func(ctx context.Context) { all, err = d.pager.Subscriptions(ctx) })
	switch {
	case err != nil:
		n.wrong(what, err)
	case len(all) == 0:
		n.ng(what, "none leads to an address that ends in "+pagerduty.WebhookPath,
			"create one for https://YOUR-HOST"+pagerduty.WebhookPath+" with all incident events (Integrations, Generic Webhooks); where none can reach amsbot, say webhook: none under pagerduty in amsbot.yaml")
	default:
		var live []pagerduty.Subscription
		for _, s := range all {
			if lookAtHook(n, s) {
				live = append(live, s)
			}
		}
		lookAtCover(n, live, ours)
		d.lookAtSecret(ctx, n, live)
	}
}

// lookAtHook says whether a subscription delivers.
func lookAtHook(n *notes, s pagerduty.Subscription) bool {
	what := fmt.Sprintf("webhook subscription %s to %s", s.ID, s.URL)
	switch {
	case !s.Active:
		n.ng(what, "it is switched off", "switch it on (Integrations, Generic Webhooks)")
		return false
	case s.Disabled:
		n.ng(what, "PagerDuty has switched it off for a day, after three webhooks in a row that were refused",
			"put its secret or address right, then enable it there")
		return false
	case len(s.Lacks) > 0:
		n.ng(what, "it does not tell of "+strings.Join(s.Lacks, ", "), "tick all incident events there; until then the poll finds them, later")
	default:
		n.ok(what, "it is on, and tells of all that amsbot needs")
	}
	return true
}

// lookAtCover finds services that no subscription tells of. Which services a team
// has is not asked: one that tells of a team's may have them all.
func lookAtCover(n *notes, live []pagerduty.Subscription, ours []pagerduty.Service) {
	if slices.ContainsFunc(live, func(s pagerduty.Subscription) bool { return s.Team || s.Service == "" }) || len(live) == 0 {
		return
	}
	for _, v := range ours {
		if !slices.ContainsFunc(live, func(s pagerduty.Subscription) bool { return s.Service == v.ID }) {
			n.ng("webhooks of service "+nameOf(v.Ref), "no subscription tells of it", "create one for it, or one for the whole account")
		}
	}
}

const (
	// testFor is how long a test event may take.
	testFor   = 15 * time.Second
	testEvery = 250 * time.Millisecond
)

// lookAtSecret finds out whether PagerDuty signs with a secret of ours.
func (d *doctor) lookAtSecret(ctx context.Context, n *notes, live []pagerduty.Subscription) {
	const what = "webhook secret"
	switch {
	case len(d.secrets.Webhook) == 0:
		n.unknown(what, "there is none to compare with", "set PAGERDUTY_WEBHOOK_SECRET first")
	case len(live) == 0:
		n.unknown(what, "no subscription delivers", "put that right first")
	case d.running == nil && !d.alone():
		n.unknown(what, "the amsbot that runs cannot be asked what came", "ask as the user that it runs as")
	case d.o.SendTest:
		d.sendTests(ctx, n, live)
	case d.running != nil && !d.running.Heard.Signed.IsZero() && d.running.Heard.Refused.Before(d.running.Heard.Signed):
		n.ok(what, "the newest webhook was signed with it (%s)", moment(d.running.Heard.Signed))
	case d.running != nil && !d.running.Heard.Refused.IsZero():
		n.ng(what, "the newest webhook was signed with another ("+moment(d.running.Heard.Refused)+")", secretNext)
	default:
		n.add(what, Unknown, "it is not tested", "amsbot doctor --send-test has PagerDuty send a test event")
		n.all[len(n.all)-1].Unasked = true
	}
}

const secretNext = "give amsbot the secret that PagerDuty showed when that subscription was created; if nobody has it, create the subscription anew"

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// sendTests has each subscription send a test event, and looks whether it comes: at
// the amsbot that runs, or, if none does, where that would listen.
func (d *doctor) sendTests(ctx context.Context, n *notes, live []pagerduty.Subscription) {
	heard := d.ask
	if d.running == nil {
		l, err := d.listen()
		if err != nil {
			n.ng("listen "+d.c.Listen, tell(err), "choose another address under listen in amsbot.yaml")
			return
		}
		defer l.close()
		heard = l.heard
	}
	for _, s := range live {
		what := "webhook secret of subscription " + s.ID
		before, err := heard(ctx)
		if err == nil {
			err = d.pager.Ping(ctx, s.ID)
		}
		if err != nil {
			n.wrong(what, err)
			continue
		}
		d.await(ctx, n, what, before, heard)
	}
}

// await waits for a test event, or for one that somebody else signed.
func (d *doctor) await(ctx context.Context, n *notes, what string, before admin.Heard, heard func(context.Context) (admin.Heard, error)) {
	ctx, cancel := context.WithTimeout(ctx, testFor)
	defer cancel()
	for ctx.Err() == nil {
		now, err := heard(ctx)
		switch {
		case err == nil && !now.Pinged.Equal(before.Pinged):
			n.ok(what, "PagerDuty's test event came, signed with it")
			return
		case err == nil && !now.Refused.Equal(before.Refused):
			n.ng(what, "a webhook came that was signed with another", secretNext)
			return
		}
		t := time.NewTimer(testEvery)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
	n.unknown(what, fmt.Sprintf("PagerDuty's test event has not come within %s", testFor),
		"see that the subscription's address leads to "+d.c.Listen+" on this machine, with a certificate that PagerDuty trusts")
}

// ask asks the amsbot that runs what it has heard.
func (d *doctor) ask(ctx context.Context) (admin.Heard, error) {
	b, err := d.o.Dial(d.c.Database)
	if err != nil {
		return admin.Heard{}, err
	}
	defer b.Close()
	h, err := b.Health(ctx)
	return h.Heard, err
}
