package pagerduty

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
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
func (e *callError) result() outbox.Result {
	r := outbox.Result{State: e.state(), Why: e.words(), Down: e.silent()}
	if r.State == outbox.Again {
		r.After = e.after
	}
	return r
}

func (e *callError) words() string {
	switch {
	case e.limited():
		return "PagerDuty's rate limit is reached."
	case e.code == codeNoRequester:
		return "PagerDuty does not know the user in whose name this was to be done."
	case e.code == codeUnauthorized:
		return "PagerDuty does not allow this user to do that."
	case e.gone():
		return "It does not exist in PagerDuty (any more)."
	case e.forbidden():
		return sentence("PagerDuty refuses amsbot's token: " + or(e.message, "no permission"))
	case e.status/100 == 4:
		return sentence("PagerDuty refused it: " + or(e.message, fmt.Sprintf("status %d", e.status)))
	case e.status/100 == 3:
		return "PagerDuty's address leads elsewhere: pagerduty.api_url is wrong."
	case e.status >= 500:
		return fmt.Sprintf("PagerDuty has a fault of its own (status %d).", e.status)
	case e.unsent:
		return "PagerDuty cannot be reached."
	case e.status/100 == 2:
		return "PagerDuty's answer could not be read."
	}
	return "PagerDuty did not answer."
}

// sentence ends what PagerDuty may have ended already.
func sentence(s string) string { return strings.TrimRight(s, " .") + "." }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// resultOf is the outcome of an act after any error of this package.
func resultOf(err error) outbox.Result {
	var e *callError
	if errors.As(err, &e) {
		return e.result()
	}
	if errors.Is(err, bot.ErrNotFound) {
		return outbox.Result{State: outbox.Refused, Why: "It does not exist in PagerDuty (any more)."}
	}
	return outbox.Result{State: outbox.Again, Why: "PagerDuty could not be asked."}
}

// refusal says whether PagerDuty said no: it certainly was not done.
func refusal(err error) bool {
	var e *callError
	return errors.As(err, &e) && e.state() == outbox.Refused
}
