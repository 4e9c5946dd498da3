package pagerduty

import (
	"context"
	"errors"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

func TestWhatAFailedCallMeans(t *testing.T) {
	cut := errors.New("connection reset")
	for _, c := range []struct {
		name        string
		err         callError
		read, write outbox.State
		port        error
	}{
		{"not reached", callError{unsent: true, cause: cut}, outbox.Again, outbox.Again, nil},
		{"sent, no answer", callError{cause: cut}, outbox.Again, outbox.Unknown, nil},
		{"deadline", callError{cause: context.DeadlineExceeded}, outbox.Again, outbox.Unknown, context.DeadlineExceeded},
		{"answer cut", callError{status: 200, cause: cut}, outbox.Again, outbox.Unknown, nil},
		{"429", callError{status: 429, code: 2020, cause: cut}, outbox.Again, outbox.Again, nil},
		{"429 bare", callError{status: 429, cause: cut}, outbox.Again, outbox.Again, nil},
		{"code 2020 under another status", callError{status: 400, code: 2020, cause: cut}, outbox.Again, outbox.Again, nil},
		{"500", callError{status: 500, cause: cut}, outbox.Again, outbox.Unknown, nil},
		{"503", callError{status: 503, cause: cut}, outbox.Again, outbox.Unknown, nil},
		{"504", callError{status: 504, cause: cut}, outbox.Again, outbox.Unknown, nil},
		{"408", callError{status: 408, cause: cut}, outbox.Again, outbox.Unknown, nil},
		{"400", callError{status: 400, code: 2001, cause: cut}, outbox.Refused, outbox.Refused, nil},
		{"already resolved", callError{status: 400, code: 1001, cause: cut}, outbox.Refused, outbox.Refused, nil},
		{"401", callError{status: 401, code: 2006, cause: cut}, outbox.Refused, outbox.Refused, bot.ErrRefused},
		{"402", callError{status: 402, code: 2014, cause: cut}, outbox.Refused, outbox.Refused, bot.ErrRefused},
		{"403", callError{status: 403, code: 2010, cause: cut}, outbox.Refused, outbox.Refused, bot.ErrRefused},
		{"404", callError{status: 404, cause: cut}, outbox.Refused, outbox.Refused, bot.ErrNotFound},
		{"not found by code", callError{status: 400, code: 2100, cause: cut}, outbox.Refused, outbox.Refused, bot.ErrNotFound},
		{"413", callError{status: 413, cause: cut}, outbox.Refused, outbox.Refused, nil},
		{"redirect", callError{status: 302, cause: cut}, outbox.Refused, outbox.Refused, nil},
	} {
		read, write := c.err, c.err
		read.verb, write.verb, write.write = "read incident Q1", "change incident Q1", true
		read.after, write.after = 7*time.Second, 7*time.Second
		if got := read.state(); got != c.read {
			t.Errorf("%s: read: %s, want %s", c.name, got, c.read)
		}
		if got := write.state(); got != c.write {
			t.Errorf("%s: write: %s, want %s", c.name, got, c.write)
		}
		for _, port := range []error{bot.ErrNotFound, bot.ErrRefused, context.DeadlineExceeded} {
			if got := errors.Is(&write, port); got != (port == c.port) {
				t.Errorf("%s: is %v: %v", c.name, port, got)
			}
		}
		r := write.result(words.In("en"))
		if r.Why == "" || (r.After != 0) != (r.State == outbox.Again) {
			t.Errorf("%s: result %+v", c.name, r)
		}
	}
}
