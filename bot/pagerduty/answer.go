package pagerduty

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

// PagerDuty's error codes that mean something of their own here.
const (
	codeNoEscalation = 1006
	codeNoAssignee   = 1007
	codeNoRequester  = 1008
	codeNoPolicy     = 1014
	codeNobodyOnCall = 1015
	codeUnauthorized = 1018
	codeAuth         = 2006
	codeDenied       = 2010
	codeAbility      = 2014
	codeLimit        = 2020
	codeNotFound     = 2100
	codeGone         = 5001
)

// callError is a call that did not succeed. errors.Is finds bot.ErrNotFound,
// bot.ErrRefused and the context's errors in it.
type callError struct {
	verb    string
	write   bool
	status  int // 0: no answer
	code    int
	message string
	after   time.Duration // what a rate limit asks for
	unsent  bool          // it certainly did not reach PagerDuty
	cause   error
}

func (e *callError) Error() string {
	switch {
	case e.code != 0:
		return fmt.Sprintf("pagerduty: %s: %s (status %d, code %d)", e.verb, e.message, e.status, e.code)
	case e.status != 0 && e.status/100 != 2:
		return fmt.Sprintf("pagerduty: %s: status %d", e.verb, e.status)
	}
	return fmt.Sprintf("pagerduty: %s: %v", e.verb, e.cause)
}

// Unwrap gives the port's error, if it is one of those, and the cause.
func (e *callError) Unwrap() []error {
	switch {
	case e.gone():
		return []error{bot.ErrNotFound, e.cause}
	case e.forbidden():
		return []error{bot.ErrRefused, e.cause}
	}
	return []error{e.cause}
}

func (e *callError) gone() bool {
	return e.status == http.StatusNotFound || e.status/100 == 4 && (e.code == codeNotFound || e.code == codeGone)
}

func (e *callError) forbidden() bool {
	switch e.status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return true
	}
	return e.status/100 == 4 && (e.code == codeAuth || e.code == codeDenied || e.code == codeAbility)
}

// stranger says that PagerDuty does not let amsbot, or the person in whose name
// it asks, do that: no other target will change it.
func (e *callError) stranger() bool {
	return e.forbidden() || e.code == codeNoRequester || e.code == codeUnauthorized
}

// silent says that PagerDuty did not answer, or said that it is in trouble.
func (e *callError) silent() bool {
	return e.status == 0 && !errors.Is(e.cause, errNoBudget) || e.status >= 500 || e.status == http.StatusRequestTimeout
}

func (e *callError) limited() bool {
	return e.status == http.StatusTooManyRequests || e.code == codeLimit
}

// state says what the failed call means for the act that made it. This is the
// one place that decides it.
func (e *callError) state() outbox.State {
	switch {
	case e.limited(), e.unsent:
		return outbox.Again
	case e.status/100 == 4 && e.status != http.StatusRequestTimeout:
		return outbox.Refused
	case e.status/100 == 3:
		return outbox.Refused // we do not follow: api_url leads elsewhere
	case e.write:
		// No answer, a server's error, or an answer nobody can read: it may
		// have been done.
		return outbox.Unknown
	}
	return outbox.Again
}

// result is the outcome of an act whose call failed. Why is for people: it
// never carries a Go error.
func (e *callError) result(w words.Catalogue) outbox.Result {
	r := outbox.Result{State: e.state(), Why: e.words(w), Down: e.silent()}
	if r.State == outbox.Again {
		r.After = e.after
	}
	if e.limited() && r.After <= 0 { // said without a time: what waits behind it must not press on
		r.After = bareLimit
	}
	return r
}

func (e *callError) words(w words.Catalogue) string {
	switch {
	case e.limited():
		return w.Say("pagerduty.limit")
	case e.code == codeNoRequester:
		return w.Say("pagerduty.requester")
	case e.code == codeUnauthorized:
		return w.Say("pagerduty.unauthorized")
	case e.gone():
		return w.Say("pagerduty.gone")
	case e.forbidden():
		return w.Say("pagerduty.token", unended(or(e.message, w.Say("pagerduty.no_permission"))))
	case e.status/100 == 4:
		return w.Say("pagerduty.refused", unended(or(e.message, fmt.Sprintf("status %d", e.status))))
	case e.status/100 == 3:
		return w.Say("pagerduty.address")
	case e.status >= 500:
		return w.Say("pagerduty.fault", e.status)
	case e.unsent:
		return w.Say("pagerduty.unreached")
	case e.status/100 == 2:
		return w.Say("pagerduty.unread")
	}
	return w.Say("pagerduty.silent")
}

// unended is what PagerDuty says, without the full stop that ours brings.
func unended(s string) string { return strings.TrimRight(s, " .") }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// resultOf is the outcome of an act after any error of this package.
func resultOf(err error, w words.Catalogue) outbox.Result {
	var e *callError
	if errors.As(err, &e) {
		return e.result(w)
	}
	if errors.Is(err, bot.ErrNotFound) {
		return outbox.Result{State: outbox.Refused, Why: w.Say("pagerduty.gone")}
	}
	return outbox.Result{State: outbox.Again, Why: w.Say("pagerduty.unasked")}
}

// refusal says whether PagerDuty said no: it certainly was not done.
func refusal(err error) bool {
	var e *callError
	return errors.As(err, &e) && e.state() == outbox.Refused
}
