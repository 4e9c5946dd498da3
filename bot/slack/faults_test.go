package slack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	simslack "amsbot/bot/sim/slack"
)

// Whatever Slack does to the first calls, in the end the card stands once in its
// newest state with its message once in the thread; or it was refused, and the
// log says why, for whoever runs amsbot.
func TestWhateverSlackDoes(t *testing.T) {
	const lost = "Slack's answer did not arrive"
	for name, c := range map[string]struct {
		fault   simslack.Fault
		says    string // in the log
		refused bool   // this version of the card is given up
	}{
		"429, 1 s":        {simslack.Fault{Status: 429, RetryAfter: time.Second, Times: 2}, "slow down", false},
		"429, 30 s":       {simslack.Fault{Status: 429, RetryAfter: 30 * time.Second, Times: 2}, "slow down", false},
		"429, an hour":    {simslack.Fault{Status: 429, RetryAfter: time.Hour}, "slow down", false},
		"429, bare":       {simslack.Fault{Status: 429, NoHeader: true, Times: 2}, "slow down", false},
		"500":             {simslack.Fault{Status: http.StatusInternalServerError, Times: 3}, "HTTP 500", false},
		"502":             {simslack.Fault{Status: http.StatusBadGateway, Times: 3}, "HTTP 502", false},
		"503, for long":   {simslack.Fault{Status: http.StatusServiceUnavailable, Times: 30}, "HTTP 503", false},
		"hang":            {simslack.Fault{Hang: true, Times: 3}, lost, false},
		"cut before":      {simslack.Fault{Cut: true, Times: 3}, lost, false},
		"cut after":       {simslack.Fault{CutAfter: true, Times: 3}, lost, false},
		"slow":            {simslack.Fault{Slow: 9 * time.Second, Times: 5}, "", false},
		"too slow":        {simslack.Fault{Slow: 11 * time.Second, Times: 2}, lost, false},
		"ratelimited":     {simslack.Fault{Error: "ratelimited", Times: 2}, "slow down", false},
		"invalid_auth":    {simslack.Fault{Error: "invalid_auth", Times: 3}, "invalid_auth", false},
		"token_revoked":   {simslack.Fault{Error: "token_revoked", Times: 3}, "token_revoked", false},
		"internal_error":  {simslack.Fault{Error: "internal_error", Times: 3}, "internal_error", false},
		"not_in_channel":  {simslack.Fault{Error: "not_in_channel"}, "", false}, // it joins
		"no such channel": {simslack.Fault{Error: "channel_not_found"}, "Slack knows no channel", true},
		"archived":        {simslack.Fault{Error: "is_archived"}, "The Slack channel is archived", true},
		"too long":        {simslack.Fault{Error: "msg_blocks_too_long"}, "longer than Slack accepts", true},
	} {
		t.Run(name, func(t *testing.T) {
			boxed(t, rooms(0), func(b *box) {
				fault := c.fault
				fault.Method = "chat.postMessage"
				b.sim.Fault(fault)
				b.news("pd:acme:Q1", "a message")
				b.pass(2 * time.Hour)
				b.news("pd:acme:Q1")
				b.pass(2 * time.Hour)
				if acts, views := b.waits(); acts+views != 0 {
					t.Errorf("%d acts and %d views wait", acts, views)
				}
				cards, messages := 0, 0
				for _, m := range b.sim.Messages(ops) {
					switch {
					case strings.Contains(string(m.Metadata), cardEvent):
						if cards++; !strings.Contains(m.Text, "Web is down: state") {
							t.Errorf("the card says %s", m.Text)
						}
					case strings.Contains(string(m.Metadata), actEvent):
						messages++
					}
				}
				if cards != 1 || messages != 1 {
					t.Errorf("%d cards and %d messages stand", cards, messages)
				}
				if log := b.log.String(); !strings.Contains(log, c.says) {
					t.Errorf("the log does not say %q:\n%s", c.says, log)
				} else if c.refused != strings.Contains(log, "a view was refused") {
					t.Errorf("refused: want %v\n%s", c.refused, log)
				}
			})
		})
	}
}

// An edit that Slack does not take ends with the newest card as well: in its
// place where that can be, and as one new card where the old one is gone.
func TestWhateverSlackDoesToAnEdit(t *testing.T) {
	for name, c := range map[string]struct {
		fault simslack.Fault
		cards int // posted in all
	}{
		"429":                {simslack.Fault{Status: 429, RetryAfter: 30 * time.Second}, 1},
		"500":                {simslack.Fault{Status: 500, Times: 3}, 1},
		"hang":               {simslack.Fault{Hang: true, Times: 3}, 1},
		"cut after":          {simslack.Fault{CutAfter: true, Times: 3}, 1},
		"message_not_found":  {simslack.Fault{Error: "message_not_found"}, 2},
		"edit_window_closed": {simslack.Fault{Error: "edit_window_closed"}, 2},
		"token_revoked":      {simslack.Fault{Error: "token_revoked", Times: 3}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			boxed(t, rooms(0), func(b *box) {
				b.news("pd:acme:Q1")
				b.pass(time.Minute)
				fault := c.fault
				fault.Method = "chat.update"
				b.sim.Fault(fault)
				b.news("pd:acme:Q1")
				b.pass(time.Hour)
				if acts, views := b.waits(); acts+views != 0 {
					t.Errorf("%d acts and %d views wait", acts, views)
				}
				if n := b.calls("chat.postMessage"); n != c.cards {
					t.Errorf("%d cards were posted, want %d", n, c.cards)
				}
				all := b.sim.Messages(ops)
				if last := all[len(all)-1].Text; !strings.Contains(last, "state 2") {
					t.Errorf("the newest card says %q", last)
				}
			})
		})
	}
}
