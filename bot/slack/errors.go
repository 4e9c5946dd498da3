package slack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// Problem is something about Slack that only a person can put right.
type Problem struct {
	Text string // what is wrong, as every error is written
	hint string
	err  error
}

func (p *Problem) Error() string { return p.Text }

// Hint is the next thing to do.
func (p *Problem) Hint() string { return p.hint }

func (p *Problem) Unwrap() error { return p.err }

// refusal is an error of Slack's, read once: what it means for whatever was
// being done. All that this package knows of Slack's errors is in this file.
type refusal struct {
	state outbox.State
	after time.Duration // with Again: not before that
	place bool          // the message that was to be changed is gone
	token bool          // the token is at fault: nothing will work until a person acts
	down  bool          // no answer, or one that says that Slack is in trouble
	key   string        // of the sentence for people
	arg   string        // its argument, "" if it takes none
}

// tokenPause is how long to wait when the token is at fault. Nothing is lost by
// it: what could not be said is said when the token is good again.
const tokenPause = time.Minute

// barePause is how long to rest when Slack says that it is too much, and not for
// how long.
const barePause = 15 * time.Second

// codes are Slack's error codes that mean more than "refused".
var codes = map[string]refusal{
	"ratelimited":  {state: outbox.Again, after: barePause, key: "slack.why.limit"},
	"rate_limited": {state: outbox.Again, after: barePause, key: "slack.why.limit"},
	// Slack says of these that it does not know how far it came.
	"fatal_error":         {state: outbox.Unknown, down: true, key: "slack.why.trouble"},
	"internal_error":      {state: outbox.Unknown, down: true, key: "slack.why.trouble"},
	"service_unavailable": {state: outbox.Unknown, down: true, key: "slack.why.trouble"},
	// And of these, that it did nothing.
	"request_timeout":          {state: outbox.Again, down: true, key: "slack.why.trouble"},
	"team_added_to_org":        {state: outbox.Again, key: "slack.why.trouble", after: tokenPause},
	"streaming_state_conflict": {state: outbox.Again, key: "slack.why.trouble"},

	"message_not_found":     {place: true, key: "slack.why.gone"},
	"cant_update_message":   {place: true, key: "slack.why.gone"},
	"edit_window_closed":    {place: true, key: "slack.why.gone"},
	"cant_delete_message":   {key: "slack.why.gone"},
	"thread_not_found":      {key: "slack.why.thread"},
	"channel_not_found":     {key: "slack.why.channel"},
	"not_in_channel":        {key: "slack.why.invite"},
	"is_archived":           {key: "slack.why.archived"},
	"is_inactive":           {key: "slack.why.archived"},
	"invalid_blocks":        {key: "slack.why.blocks"},
	"invalid_attachments":   {key: "slack.why.blocks"},
	"no_text":               {key: "slack.why.blocks"},
	"block_mismatch":        {key: "slack.why.blocks"},
	"msg_too_long":          {key: "slack.why.long"},
	"msg_blocks_too_long":   {key: "slack.why.long"},
	"view_too_large":        {key: "slack.why.long"},
	"user_not_found":        {key: "slack.why.user"},
	"users_not_found":       {key: "slack.why.user"},
	"user_not_visible":      {key: "slack.why.user"},
	"user_disabled":         {key: "slack.why.user"},
	"plan_upgrade_required": {key: "slack.why.plan"},
	"paid_teams_only":       {key: "slack.why.plan"},
	"missing_scope":         {key: "slack.why.scope"},
	"restricted_action":     {key: "slack.why.forbidden"},
	"access_denied":         {key: "slack.why.forbidden"},
	"no_permission":         {key: "slack.why.forbidden"},
	"not_allowed":           {key: "slack.why.forbidden"},

	"invalid_auth":            {token: true},
	"not_authed":              {token: true},
	"account_inactive":        {token: true},
	"token_revoked":           {token: true},
	"token_expired":           {token: true},
	"not_allowed_token_type":  {token: true},
	"team_access_not_granted": {token: true},
	"forbidden_team":          {token: true},
	"app_uninstalled":         {token: true},
	"link_disabled":           {token: true},
	// An administrator keeps the app out, or the people of the workspace.
	"enterprise_is_restricted":  {token: true},
	"ekm_access_denied":         {token: true},
	"org_login_required":        {token: true},
	"two_factor_setup_required": {token: true},
	"accesslimited":             {token: true},
}

// classify reads any error of a call. The zero state never leaves it.
func classify(err error) refusal {
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return refusal{state: outbox.Again, after: limited.RetryAfter, key: "slack.why.limit"}
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return classifyCode(answer)
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return classifyStatus(status.Code)
	}
	if _, ours := errors.AsType[*notSent](err); ours {
		return refusal{state: outbox.Again, key: "slack.why.limit"}
	}
	if unsent(err) {
		return refusal{state: outbox.Again, down: true, key: "slack.why.down"}
	}
	return refusal{state: outbox.Unknown, down: true, key: "slack.why.lost"}
}

func classifyCode(answer slack.SlackErrorResponse) refusal {
	r, known := codes[answer.Err]
	switch {
	case !known:
		r = refusal{key: "slack.why.code", arg: answer.Err}
	case r.token:
		r.state, r.after, r.down, r.key, r.arg = outbox.Again, tokenPause, true, "slack.why.token", answer.Err
	case r.key == "slack.why.scope":
		r.arg = answer.Needed
		if r.arg == "" {
			r.arg = "?"
		}
	case r.key == "slack.why.blocks", r.key == "slack.why.forbidden", r.key == "slack.why.trouble":
		r.arg = answer.Err
	}
	if r.state == "" {
		r.state = outbox.Refused
	}
	return r
}

// classifyStatus reads an answer that is none of Slack's: from a proxy, or from
// Slack in trouble. A 5xx may come before or after it was done.
func classifyStatus(code int) refusal {
	r := refusal{state: outbox.Unknown, key: "slack.why.trouble", arg: fmt.Sprintf("HTTP %d", code)}
	switch {
	case code == http.StatusTooManyRequests:
		return refusal{state: outbox.Again, after: barePause, key: "slack.why.limit"}
	case code == http.StatusRequestEntityTooLarge, code == http.StatusRequestURITooLong, code == http.StatusBadRequest:
		r.state = outbox.Refused
	case code >= 500, code == http.StatusRequestTimeout:
		r.down = true
	case code >= 300 && code < 500 && code != http.StatusRequestTimeout:
		r.state, r.after, r.down = outbox.Again, tokenPause, true
	}
	return r
}

// unsent says whether the call certainly did not reach Slack: there was no
// connection to send it over.
func unsent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*notSent](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok
}

// why is the sentence for people.
func (r refusal) why(w words.Catalogue) string {
	if r.arg != "" {
		return w.Say(r.key, r.arg)
	}
	return w.Say(r.key)
}

// result is the refusal as the outbox wants it.
func (r refusal) result(w words.Catalogue) outbox.Result {
	return outbox.Result{State: r.state, After: r.after, Why: r.why(w), Down: r.down}
}

// isCode says whether Slack answered with one of these error codes.
func isCode(err error, any ...string) bool {
	answer, ok := errors.AsType[slack.SlackErrorResponse](err)
	if !ok {
		return false
	}
	for _, c := range any {
		if answer.Err == c {
			return true
		}
	}
	return false
}

// locked are the codes that no other token changes: an administrator has to.
var locked = map[string]bool{
	"access_denied": true, "no_permission": true, "enterprise_is_restricted": true, "ekm_access_denied": true,
	"org_login_required": true, "two_factor_setup_required": true, "accesslimited": true, "team_access_not_granted": true,
}

// troubled wraps an error of a call for developers and for whoever runs amsbot:
// a bad token becomes a Problem with a hint. Errors of the library hold neither
// tokens nor bodies; an address may hold a ticket, so only its host is kept.
func troubled(verb string, err error) error {
	text := "slack: " + verb + ": " + terse(err)
	r := classify(err)
	answer, _ := errors.AsType[slack.SlackErrorResponse](err)
	switch {
	case answer.Err == "not_allowed_token_type":
		return &Problem{Text: text, err: err, hint: "this kind of token is not for this call: the bot token begins with xoxb-, the app token with xapp-"}
	case locked[answer.Err]:
		return &Problem{Text: text, err: err, hint: "Slack keeps the app out until an administrator of the workspace lets it in: ask there"}
	case answer.Err == "link_disabled":
		return &Problem{Text: text, err: err, hint: "switch Socket Mode on at the app's page “Socket Mode”"}
	case r.token:
		return &Problem{Text: text, err: err, hint: "install the app into the workspace again and give amsbot its new tokens"}
	case answer.Err == "missing_scope":
		return &Problem{Text: text, err: err, hint: "add the scope " + answer.Needed + " to the app and install it again (the app token needs connections:write)"}
	case isStatus(err, http.StatusNotFound):
		return &Problem{Text: text, err: err, hint: "look at slack.api_url: nothing answers Slack's calls there"}
	}
	return fmt.Errorf("slack: %s: %w", verb, err)
}

// needed is the scope that was missing, "" if that was not the reason.
func needed(err error) string {
	answer, _ := errors.AsType[slack.SlackErrorResponse](err)
	return answer.Needed
}

func isStatus(err error, code int) bool {
	status, ok := errors.AsType[slack.StatusCodeError](err)
	return ok && status.Code == code
}

// terse is an error as short as it can be said, without the address that was
// called: a response URL is as good as a password for half an hour.
func terse(err error) string {
	if called, ok := errors.AsType[*url.Error](err); ok {
		err = called.Err
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return answer.Err
	}
	return strings.TrimSpace(err.Error())
}

// read wraps an error of a read in the words of bot's ports.
func read(verb string, err error) error {
	switch r := classify(err); {
	case isCode(err, "user_not_found", "users_not_found", "user_not_visible", "no_such_subteam", "subteam_not_found"):
		return fmt.Errorf("slack: %s: %w", verb, bot.ErrNotFound)
	case r.token, r.state == outbox.Refused:
		return fmt.Errorf("slack: %s: %s: %w", verb, terse(err), bot.ErrRefused)
	}
	return fmt.Errorf("slack: %s: %w", verb, err)
}

// over says whether a call ended because its caller gave up.
func over(ctx context.Context) bool { return ctx.Err() != nil }

// isAnswer says whether an error of a read is Slack's answer to the question,
// and not a failure to ask it.
func isAnswer(err error) bool {
	return errors.Is(err, bot.ErrNotFound) || errors.Is(err, bot.ErrRefused)
}
