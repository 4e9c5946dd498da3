package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sending is one webhook that was sent.
type sending struct {
	hook hook
	at   time.Time     // when it began
	took time.Duration // until it was answered
	err  error         // why it was not answered 2xx
}

// send sends one webhook.
func (w *world) send(ctx context.Context, address string, h hook) sending {
	s := sending{hook: h, at: time.Now()}
	said, err := w.post(ctx, address, h)
	s.took = time.Since(s.at)
	if err != nil {
		s.err = err
		return s
	}
	s.err = answer(said)
	return s
}

// load sends all webhooks to a bot, so many side by side, and says how long all
// took.
func (w *world) load(ctx context.Context, address string, hooks []hook, parallel int) ([]sending, time.Duration) {
	sent := make([]sending, len(hooks))
	next := make(chan int)
	start := time.Now()
	var all sync.WaitGroup
	for range min(parallel, len(hooks)) {
		all.Go(func() {
			for i := range next {
				sent[i] = w.send(ctx, address, hooks[i])
			}
		})
	}
	for i := range hooks {
		next <- i
	}
	close(next)
	all.Wait()
	return sent, time.Since(start)
}

// answered are the times of what was answered 2xx, and the last reason why
// something was not.
func answered(sent []sending) (took []time.Duration, err error) {
	for _, s := range sent {
		if s.err != nil {
			err = fmt.Errorf("webhook #%d: %w", s.hook.number, s.err)
			continue
		}
		took = append(took, s.took)
	}
	return took, err
}
