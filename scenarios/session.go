package scenarios

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// lostWords is said of a command whose end nobody saw.
const lostWords = "the connection ended while the command ran: whether it finished is not known"

// session is one command on the other machine, and what comes of it.
type session struct {
	channel        ssh.Channel
	ended          chan ran      // how it ended, once; outputs not included
	copied         chan struct{} // closed when both outputs are at their end
	seen           atomic.Int64  // bytes of output so far
	stdout, stderr capture       // to be read when copied is closed
}

// command runs a command over the link until it ends or ctx does, and cuts the
// link.
func (l *link) command(ctx context.Context, line string, mask masks) ran {
	channel, requests, err := l.client.OpenChannel("session", nil)
	if err != nil {
		return ran{why: l.broken(ctx, "the server opens no session: "+inner(err))}
	}
	s := &session{channel: channel, ended: make(chan ran, 1), copied: make(chan struct{})}
	go s.listen(requests)
	go s.read()
	r := s.start(ctx, l, line)
	if r == nil {
		r = s.await(ctx, l)
	}
	l.cut()
	<-s.copied
	r.out, r.complaints = s.stdout.text(mask, false), s.stderr.text(mask, false)
	return *r
}

// broken says why a link broke: because the try was over, or as told.
func (l *link) broken(ctx context.Context, otherwise string) string {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errTimeout):
		return "connected, no answer in time"
	case cause != nil:
		return "stopped: " + cause.Error()
	}
	return otherwise
}

// start asks for the command; nil means that it runs.
func (s *session) start(ctx context.Context, l *link, line string) *ran {
	ok, err := s.channel.SendRequest("exec", true, ssh.Marshal(struct{ Line string }{line}))
	switch {
	case err != nil:
		return &ran{why: l.broken(ctx, lostWords)}
	case !ok:
		return &ran{why: "the server does not let this user run commands"}
	case !l.keep():
		return &ran{why: l.broken(ctx, lostWords)}
	}
	_ = s.channel.CloseWrite() // no input; what the command thinks of it shows
	return nil
}

// listen waits for the word about the end.
func (s *session) listen(requests <-chan *ssh.Request) {
	for r := range requests {
		switch r.Type {
		case "exit-status":
			var m struct{ Status uint32 }
			if ssh.Unmarshal(r.Payload, &m) == nil {
				s.end(ran{exit: int(m.Status)})
			}
		case "exit-signal":
			var m struct {
				Signal   string
				Core     bool
				Message  string
				Language string
			}
			if ssh.Unmarshal(r.Payload, &m) == nil {
				s.end(ran{why: "ended by signal " + oneLine(m.Signal, 20)})
			}
		}
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
	s.end(ran{why: lostWords})
}

// end keeps the first that is said about the end.
func (s *session) end(r ran) {
	select {
	case s.ended <- r:
	default:
	}
}

// read reads both outputs to their end.
func (s *session) read() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(counting{&s.stderr, &s.seen}, s.channel.Stderr())
	}()
	_, _ = io.Copy(counting{&s.stdout, &s.seen}, s.channel)
	<-done
	close(s.copied)
}

// counting says how much went through.
type counting struct {
	to   *capture
	seen *atomic.Int64
}

func (c counting) Write(p []byte) (int, error) {
	c.seen.Add(int64(len(p)))
	return c.to.Write(p)
}

// await waits for the end of the command.
func (s *session) await(ctx context.Context, l *link) *ran {
	select {
	case r := <-s.ended:
		s.rest(ctx)
		return &r
	case <-ctx.Done():
		return s.interrupt(ctx, l)
	}
}

// rest reads what is still on its way after the exit: the word about it may
// come before the last of the output, and a daemon that was started may hold
// the output open for good.
func (s *session) rest(ctx context.Context) {
	for {
		before := s.seen.Load()
		timer := time.NewTimer(pipeGrace)
		select {
		case <-s.copied:
		case <-ctx.Done():
		case <-timer.C:
			if s.seen.Load() != before {
				continue
			}
		}
		timer.Stop()
		return
	}
}

// interrupt tells the command to end, as far as the server passes that on.
func (s *session) interrupt(ctx context.Context, l *link) *ran {
	why := "stopped: " + context.Cause(ctx).Error()
	if errors.Is(context.Cause(ctx), errTimeout) {
		why = "not finished in time"
	}
	// Even a signal may hang on a connection that takes nothing any more.
	guard := time.AfterFunc(killGrace+pipeGrace, l.cut)
	defer guard.Stop()
	for _, one := range []struct {
		signal string
		grace  time.Duration
	}{{"TERM", killGrace}, {"KILL", pipeGrace}} {
		_, _ = s.channel.SendRequest("signal", false, ssh.Marshal(struct{ Signal string }{one.signal}))
		timer := time.NewTimer(one.grace)
		select {
		case r := <-s.ended:
			timer.Stop()
			if r.why == lostWords {
				return &ran{why: why + "; it may still be running there"}
			}
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), pipeGrace)
			s.rest(grace)
			cancel()
			return &ran{why: why + ", stopped"}
		case <-timer.C:
		}
	}
	return &ran{why: why + "; it may still be running there"}
}
