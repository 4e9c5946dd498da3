package slack

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"

	"github.com/slack-go/slack"
)

func says(code string) error { return slack.SlackErrorResponse{Err: code} }

// called is an error as http.Client returns it.
func called(err error) error {
	return &url.Error{Op: "Post", URL: "https://hooks.example/commands/secret", Err: err}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		err   error
		state outbox.State
		after time.Duration
		place bool
		why   string // a part of it
	}{
		{&slack.RateLimitedError{RetryAfter: 30 * time.Second}, outbox.Again, 30 * time.Second, false, "slow down"},
		{fmt.Errorf("wrapped: %w", &slack.RateLimitedError{RetryAfter: time.Second}), outbox.Again, time.Second, false, "slow down"},
		{slack.StatusCodeError{Code: 429}, outbox.Again, 15 * time.Second, false, "slow down"},
		{says("ratelimited"), outbox.Again, 15 * time.Second, false, "slow down"},
		{says("internal_error"), outbox.Unknown, 0, false, "internal_error"},
		{says("fatal_error"), outbox.Unknown, 0, false, "fatal_error"},
		{says("request_timeout"), outbox.Again, 0, false, "request_timeout"},
		{slack.StatusCodeError{Code: 500}, outbox.Unknown, 0, false, "HTTP 500"},
		{slack.StatusCodeError{Code: 503}, outbox.Unknown, 0, false, "HTTP 503"},
		{slack.StatusCodeError{Code: 403}, outbox.Again, tokenPause, false, "HTTP 403"},
		{slack.StatusCodeError{Code: 413}, outbox.Refused, 0, false, "HTTP 413"},
		{says("message_not_found"), outbox.Refused, 0, true, "gone"},
		{says("cant_update_message"), outbox.Refused, 0, true, "gone"},
		{says("edit_window_closed"), outbox.Refused, 0, true, "gone"},
		{says("not_in_channel"), outbox.Refused, 0, false, "/invite"},
		{says("is_archived"), outbox.Refused, 0, false, "archived"},
		{says("invalid_blocks"), outbox.Refused, 0, false, "invalid_blocks"},
		{says("msg_blocks_too_long"), outbox.Refused, 0, false, "longer"},
		{slack.SlackErrorResponse{Err: "missing_scope", Needed: "files:write"}, outbox.Refused, 0, false, "files:write"},
		{says("some_new_error"), outbox.Refused, 0, false, "some_new_error"},
		{says("invalid_auth"), outbox.Again, tokenPause, false, "invalid_auth"},
		{says("token_revoked"), outbox.Again, tokenPause, false, "token"},
		{says("account_inactive"), outbox.Again, tokenPause, false, "token"},
		{called(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), outbox.Again, 0, false, "reached"},
		{called(&net.DNSError{Err: "no such host", Name: "slack.com"}), outbox.Again, 0, false, "reached"},
		{called(x509.UnknownAuthorityError{}), outbox.Again, 0, false, "reached"},
		{called(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), outbox.Unknown, 0, false, "arrive"},
		{called(io.EOF), outbox.Unknown, 0, false, "arrive"},
		{called(context.DeadlineExceeded), outbox.Unknown, 0, false, "arrive"},
		{context.Canceled, outbox.Unknown, 0, false, "arrive"},
		{io.ErrUnexpectedEOF, outbox.Unknown, 0, false, "arrive"},
	} {
		r := classify(c.err)
		if r.state != c.state || r.after != c.after || r.place != c.place {
			t.Errorf("%v: %+v", c.err, r)
		}
		why := r.why(english)
		if !strings.Contains(why, c.why) || !strings.HasSuffix(why, ".") || strings.Contains(why, "%!") || strings.Contains(why, "secret") {
			t.Errorf("%v: why %q", c.err, why)
		}
	}
}

// Every code that is known has a whole sentence.
func TestEveryCodeHasItsSentence(t *testing.T) {
	for c := range codes {
		r := classify(slack.SlackErrorResponse{Err: c, Needed: "chat:write"})
		if r.key == "slack.why.channel" {
			r.arg = "#ops"
		}
		why := r.why(english)
		if strings.HasPrefix(why, "slack.") || strings.Contains(why, "%") || r.state == "" {
			t.Errorf("%s: %q, %s", c, why, r.state)
		}
	}
}

func TestReadInTheWordsOfThePorts(t *testing.T) {
	for _, c := range []struct {
		err  error
		want error
	}{
		{says("user_not_found"), bot.ErrNotFound}, {says("users_not_found"), bot.ErrNotFound}, {says("no_such_subteam"), bot.ErrNotFound},
		{says("missing_scope"), bot.ErrRefused}, {says("invalid_auth"), bot.ErrRefused}, {says("plan_upgrade_required"), bot.ErrRefused},
		{says("internal_error"), nil}, {&slack.RateLimitedError{RetryAfter: time.Second}, nil}, {called(io.EOF), nil},
	} {
		err := read("read user", c.err)
		for _, known := range []error{bot.ErrNotFound, bot.ErrRefused} {
			if errors.Is(err, known) != (c.want == known) {
				t.Errorf("%v: %v", c.err, err)
			}
		}
	}
}

func TestTroubledHasAHintAndNoAddress(t *testing.T) {
	for c, hint := range map[string]string{
		"invalid_auth": "install the app", "not_allowed_token_type": "xapp-", "link_disabled": "Socket Mode",
		"missing_scope": "connections:write", "token_revoked": "new tokens",
	} {
		p, ok := errors.AsType[*Problem](troubled("open", says(c)))
		if !ok || !strings.Contains(p.Hint(), hint) || p.Error() != "slack: open: "+c {
			t.Errorf("%s: %v", c, p)
		}
	}
	if _, ok := errors.AsType[*Problem](troubled("open", called(io.EOF))); ok {
		t.Error("a cut connection is not for people to mend")
	}
	if text := terse(called(io.EOF)); text != "EOF" {
		t.Errorf("%q", text)
	}
}
