package doctor

import (
	"context"
	"fmt"
	"maps"
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
		d.lookAtSubscriptions(ctx, n, all, ours)
	}
}

// lookAtSubscriptions looks at all that lead to an amsbot. An account may have several
// of those, staging beside production: test events tell which is this one.
func (d *doctor) lookAtSubscriptions(ctx context.Context, n *notes, all []pagerduty.Subscription, ours []pagerduty.Service) {
	var live []pagerduty.Subscription
	hosts := map[string]bool{}
	for _, s := range all {
		hosts[s.Host] = true
		if s.Active && !s.Disabled {
			live = append(live, s)
		}
	}
	secret := &notes{group: n.group}
	came := d.lookAtSecret(ctx, secret, live)
	another := func(s pagerduty.Subscription) bool { return len(came) > 0 && !came[s.Host] }
	for _, s := range all {
		if another(s) {
			n.advise(hookName(s), "it leads to "+s.Host+", from where no test event came while another's did: it is another amsbot's, as it seems",
				"if "+s.Host+" is to be this one, see that it leads to "+d.c.Listen+" on this machine, and that the subscription is on")
			continue
		}
		lookAtHook(n, s)
	}
	if len(hosts) > 1 && len(came) == 0 {
		n.advise("webhook subscriptions", "they lead to "+strings.Join(slices.Sorted(maps.Keys(hosts)), " and ")+": some may be another amsbot's",
			"amsbot doctor --send-test tells which lead to this one")
	}
	lookAtCover(n, slices.DeleteFunc(live, another), ours)
	n.all = append(n.all, secret.all...)
}

func hookName(s pagerduty.Subscription) string {
	return fmt.Sprintf("webhook subscription %s to %s", s.ID, s.URL)
}

// lookAtHook says whether a subscription delivers.
func lookAtHook(n *notes, s pagerduty.Subscription) {
	what := hookName(s)
	switch {
	case !s.Active:
		n.ng(what, "it is switched off", "switch it on (Integrations, Generic Webhooks)")
	case s.Disabled:
		n.ng(what, "PagerDuty has switched it off for a day, after three webhooks in a row that were refused",
			"put its secret or address right, then enable it there")
	case len(s.Lacks) > 0:
		n.ng(what, "it does not tell of "+strings.Join(s.Lacks, ", "), "tick all incident events there; until then the poll finds them, later")
	default:
		n.ok(what, "it is on, and tells of all that amsbot needs")
	}
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

// lookAtSecret finds out whether PagerDuty signs with a secret of ours. It answers the
// hosts by which test events came, if any were sent.
func (d *doctor) lookAtSecret(ctx context.Context, n *notes, live []pagerduty.Subscription) (came map[string]bool) {
	const what = "webhook secret"
	switch {
	case len(d.secrets.Webhook) == 0:
		n.unknown(what, "there is none to compare with", "set PAGERDUTY_WEBHOOK_SECRET first")
	case len(live) == 0:
		n.unknown(what, "no subscription delivers", "put that right first")
	case d.running == nil && !d.alone():
		n.unknown(what, "the amsbot that runs cannot be asked what came", "ask as the user that it runs as")
	case d.o.SendTest:
		return d.sendTests(ctx, n, live)
	case d.running != nil && !d.running.Heard.Signed.IsZero() && d.running.Heard.Refused.Before(d.running.Heard.Signed):
		n.ok(what, "the newest webhook was signed with it (%s)", moment(d.running.Heard.Signed))
	case d.running != nil && !d.running.Heard.Refused.IsZero():
		n.ng(what, "the newest webhook was signed with another ("+moment(d.running.Heard.Refused)+")", secretNext)
	default:
		n.add(what, Unknown, "it is not tested", "amsbot doctor --send-test has PagerDuty send a test event")
		n.all[len(n.all)-1].Unasked = true
	}
	return nil
}

const secretNext = "give amsbot the secret that PagerDuty showed when that subscription was created; if nobody has it, create the subscription anew"

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// sendTests has each subscription send a test event, and looks whether it comes: at
// the amsbot that runs, or, if none does, where that would listen. It answers the
// hosts by which one came. Of those by which none did it says nothing if one came by
// another.
func (d *doctor) sendTests(ctx context.Context, n *notes, live []pagerduty.Subscription) (came map[string]bool) {
	heard := d.ask
	if d.running == nil {
		l, err := d.listen()
		if err != nil {
			n.ng("listen "+d.c.Listen, tell(err), "choose another address under listen in amsbot.yaml")
			return nil
		}
		defer l.close()
		heard = l.heard
	}
	came = map[string]bool{}
	var lost []pagerduty.Subscription
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
		switch now := await(ctx, before, heard); {
		case !now.Pinged.Equal(before.Pinged):
			came[s.Host] = true
			n.ok(what, "PagerDuty's test event came, signed with it")
		case !now.Refused.Equal(before.Refused):
			// Nothing tells by which host: what was refused is sent again.
			n.ng(what, "a webhook came that was signed with another", secretNext)
		default:
			lost = append(lost, s)
		}
	}
	for _, s := range lost {
		if len(came) == 0 || came[s.Host] {
			n.unknown("webhook secret of subscription "+s.ID, fmt.Sprintf("PagerDuty's test event has not come within %s", testFor),
				"see that the subscription's address leads to "+d.c.Listen+" on this machine, with a certificate that PagerDuty trusts")
		}
	}
	return came
}

// await waits for a test event, or for one that somebody else signed, and answers
// what was heard; before, if nothing was.
func await(ctx context.Context, before admin.Heard, heard func(context.Context) (admin.Heard, error)) admin.Heard {
	ctx, cancel := context.WithTimeout(ctx, testFor)
	defer cancel()
	for ctx.Err() == nil {
		now, err := heard(ctx)
		if err == nil && (!now.Pinged.Equal(before.Pinged) || !now.Refused.Equal(before.Refused)) {
			return now
		}
		t := time.NewTimer(testEvery)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
	return before
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
