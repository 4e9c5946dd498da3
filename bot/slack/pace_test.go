package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"

	"github.com/slack-go/slack"
)

// Forty cards in four channels that change all the time, with messages in
// their threads, while people ask for whatever else Slack counts: Slack never
// has to say that it is too much.
func TestStormOfEditsStaysBelowTheLimits(t *testing.T) {
	boxed(t, rooms(4), func(b *box) {
		b.room = func(incident string) string { return fmt.Sprintf("C0ROOM%04d", incident[len(incident)-1]%4) }
		ctx, stop := context.WithCancel(b.Context())
		var people sync.WaitGroup
		for n := range 4 {
			people.Go(func() { b.bother(ctx, n) })
		}
		for round := range 6 {
			for n := range 40 {
				b.news(fmt.Sprintf("pd:acme:Q%d", n), fmt.Sprintf("round %d", round))
			}
			b.pass(10 * time.Second)
		}
		stop()
		people.Wait()
		b.pass(time.Hour)
		if n := b.tooMany(); n != 0 {
			t.Errorf("%d times 429", n)
		}
		if acts, views := b.waits(); acts+views != 0 {
			t.Errorf("%d acts and %d views wait", acts, views)
		}
		if edits := b.calls("chat.update"); edits > 240/2 {
			t.Errorf("%d edits: they are not merged", edits)
		}
	})
}

// bother makes calls without end, of the methods that the outbox does not know.
func (b *box) bother(ctx context.Context, n int) {
	w := b.ours
	for ctx.Err() == nil {
		_, _ = w.api.GetUserInfoContext(ctx, alice)
		_, _ = w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: ops})
		_, _ = w.api.PostEphemeralContext(ctx, ops, alice, slack.MsgOptionText("x", false))
		_, _, _ = w.api.PostMessageContext(ctx, fmt.Sprintf("C0ROOM%04d", n), slack.MsgOptionText("an answer", false))
		_, _ = w.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: ops})
		_, _ = w.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: alice, View: HomeView(bot.Home{User: alice}, "")})
	}
}

// A call that would have to wait for long is told so and not sent; one that
// waits for a moment is.
func TestCallsWaitForTheirTurn(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		post := func() error {
			_, _, err := w.ours.api.PostMessageContext(w.Context(), ops, slack.MsgOptionText("x", false))
			return err
		}
		start := time.Now()
		for range channelBurst + 3 {
			if err := post(); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start).Round(time.Second); took != 3*time.Second {
			t.Errorf("three over the burst took %s", took)
		}
		w.sim.Fault(simslack.Fault{Method: "chat.postMessage", Status: http.StatusTooManyRequests, RetryAfter: 20 * time.Second})
		_ = post()
		before := w.calls("chat.postMessage")
		err := post()
		var limited *slack.RateLimitedError
		if !errors.As(err, &limited) || limited.RetryAfter != 20*time.Second {
			t.Errorf("while it rests: %v", err)
		}
		if w.calls("chat.postMessage") != before {
			t.Error("Slack was asked all the same")
		}
		time.Sleep(20 * time.Second)
		start = time.Now()
		for range 4 {
			if err := post(); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took < 4*time.Second {
			t.Errorf("after a 429 it is as fast as before: four posts in %s", took)
		}
	})
}

func TestCallThatIsGivenUpWhileItWaitsWasNotSent(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		post := func(ctx context.Context) error {
			_, _, err := w.ours.api.PostMessageContext(ctx, ops, slack.MsgOptionText("x", false))
			return err
		}
		for range channelBurst {
			if err := post(w.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(w.Context(), 100*time.Millisecond)
		defer cancel()
		err := post(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !unsent(err) {
			t.Errorf("error %v", err)
		}
		synctest.Wait()
	})
}
