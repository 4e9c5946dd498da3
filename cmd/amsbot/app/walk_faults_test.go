package app_test

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"syscall"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
)

func (w *walk) slackFails() string {
	f := slack.Fault{Method: slackMethods[w.draw[0]%len(slackMethods)], Times: 1 + w.draw[2]%4}
	switch w.draw[1] % 9 {
	case 0:
		f.Status, f.RetryAfter = http.StatusTooManyRequests, time.Duration(1+w.draw[3]%30)*time.Second
	case 1:
		f.Status, f.NoHeader = http.StatusTooManyRequests, true
	case 2:
		f.Status = http.StatusInternalServerError
	case 3:
		f.Status = http.StatusServiceUnavailable
	case 4:
		f.Hang, f.Times = true, 1
	case 5:
		f.Cut = true
	case 6:
		f.CutAfter = true
	case 7:
		f.Slow = time.Duration(1+w.draw[3]%12) * time.Second
	case 8:
		f.Error = "internal_error"
	}
	w.lifts = append(w.lifts, w.sim.Slack.Fault(f))
	return fmt.Sprintf("%+v", f)
}

func (w *walk) pagerFails() string {
	f := pagerduty.Fault{Path: pagerPaths[w.draw[0]%len(pagerPaths)], Times: 1 + w.draw[2]%4, For: 5 * time.Minute}
	switch w.draw[1] % 8 {
	case 0:
		f.Kind, f.Delay = pagerduty.FaultLimit, time.Duration(1+w.draw[3]%30)*time.Second
	case 1:
		f.Kind = pagerduty.FaultBareLimit
	case 2:
		f.Kind, f.Status = pagerduty.FaultStatus, http.StatusInternalServerError
	case 3:
		f.Kind, f.Status = pagerduty.FaultStatus, http.StatusBadGateway
	case 4:
		f.Kind, f.Times = pagerduty.FaultHang, 1
	case 5:
		f.Kind = pagerduty.FaultCutBefore
	case 6:
		f.Kind = pagerduty.FaultCutAfter
	case 7:
		f.Kind, f.Delay = pagerduty.FaultSlow, time.Duration(1+w.draw[3]%12)*time.Second
	}
	w.sim.PagerDuty.Fault(f)
	return fmt.Sprintf("%s %s %d, %d times", f.Kind, f.Path, f.Status, f.Times)
}

func (w *walk) hookFails() string {
	f := pagerduty.Fault{Method: "webhook", Times: 1 + w.draw[2]%3, Delay: time.Duration(w.draw[3]%90) * time.Second}
	f.Kind = []pagerduty.Kind{pagerduty.FaultLate, pagerduty.FaultTwice, pagerduty.FaultLost, pagerduty.FaultReversed}[w.draw[1]%4]
	w.sim.PagerDuty.Fault(f)
	return fmt.Sprintf("%s %s, %d times", f.Kind, f.Delay, f.Times)
}

func (w *walk) socketFails() string {
	switch w.draw[0] % 4 {
	case 0:
		w.sim.Slack.Drop(1 + w.draw[1]%2)
		return "dropped"
	case 1:
		w.sim.Slack.Duplicate(1 + w.draw[1]%3)
		return "envelopes twice"
	}
	reason := []string{"warning", "refresh_requested"}[w.draw[1]%2]
	w.sim.Slack.Disconnect(reason)
	return reason
}

// walkDisk is the disk of a random walk: it refuses the next commits, or takes them
// and says that it has not. That of opening the file it takes, else nothing starts.
type walkDisk struct {
	mu    sync.Mutex
	fails int // how many are still to fail
	why   error
	taken bool
}

func (d *walkDisk) around(what string, commit func() error) error {
	d.mu.Lock()
	ill, why, taken := d.fails > 0 && what != "upkeep", d.why, d.taken
	if ill {
		d.fails--
	}
	d.mu.Unlock()
	switch {
	case ill && taken:
		return cmp.Or(commit(), why)
	case ill:
		return why
	}
	return commit()
}

// fail has the next n commits fail; 0 makes it well.
func (d *walkDisk) fail(n int, why error, taken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fails, d.why, d.taken = n, why, taken
}

func (w *walk) diskFails() string {
	why := []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EIO}[w.draw[1]%3]
	n, taken := 1+w.draw[0]%12, w.draw[1]%3 == 2
	w.disk.fail(n, why, taken)
	return fmt.Sprintf("%v, %d times, taken all the same: %v", why, n, taken)
}

// killSoon kills amsbot at an effect that is still to come.
func (w *walk) killSoon() string {
	n, after := 1+w.draw[0]%30, w.draw[1]%2 == 0
	w.fuse.arm(n, after)
	return fmt.Sprintf("at effect %d from now, after it: %v", n, after)
}

func (w *walk) stopAndStart() string {
	if w.fuse.dead() {
		return "dead already"
	}
	w.stop()
	d := time.Duration(w.draw[0]%300) * time.Second
	w.pass(d)
	w.powered(newFuse(nil))
	return "away for " + d.String()
}

func (w *walk) timeGoes() string {
	d := time.Duration(1+w.draw[0]%25) * time.Minute
	w.pass(d)
	return d.String()
}

// sendOne is a person who sends the dialogue that a press has opened before them,
// however long ago.
func (w *walk) sendOne() string {
	for n := range crowdOfPressers {
		if sent := w.sends(crowdOfPressers[(w.draw[0]+n)%len(crowdOfPressers)]); sent != "" {
			return sent
		}
	}
	return "no dialogue is open"
}

// sends sends the dialogue before a person, mostly with something typed where that
// can be; "" if there is none.
func (w *walk) sends(who string) string {
	open := w.sim.Slack.State(who).Modals
	if len(open) == 0 {
		return ""
	}
	v, act, values := open[len(open)-1], "one", slack.Values{}
	if form := wordsOf.FindStringSubmatch(string(v.View)); form != nil {
		act = form[1]
		if w.draw[1]%4 > 0 {
			values = filled(act, map[string]string{"text": "it was the pool"})
		}
	}
	r, err := w.sim.Slack.Submit(w.ctx, slack.Submit{User: who, ViewID: v.ID, Values: values})
	return fmt.Sprintf("%s sends the dialogue of %s: %v", nameOf(who), act, err == nil && r.Acked)
}

// wordsOf finds whose dialogue it is that has a field for words.
var wordsOf = regexp.MustCompile(`"block_id":"(\w+)\.text"`)
