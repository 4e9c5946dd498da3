package bench

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"amsbot/cmd/amsbot/floor"
)

// BenchmarkIntake is webhooks to 202 with 50 in parallel, with amsbot within
// this process and each form of the floor beside it, for a profile to be taken:
//
//	go test ./cmd/amsbot/bench -run '^$' -bench Intake -benchtime 3000x -cpuprofile cpu.out
func BenchmarkIntake(b *testing.B) {
	for _, who := range append([]floor.Form{amsbotItself}, floor.Forms...) {
		b.Run(string(who), func(b *testing.B) {
			w := newBenchWorld(b)
			address := serve(b, w, who)
			hooks, err := w.raise(context.Background(), "well", b.N)
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			sent, took := w.load(context.Background(), address, hooks, 50)
			b.StopTimer()
			times, err := answered(sent)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(inMillis(percentile(times, 50)), "p50-ms")
			b.ReportMetric(inMillis(percentile(times, 99)), "p99-ms")
			b.ReportMetric(float64(len(times))/took.Seconds(), "webhooks/s")
		})
	}
}

// BenchmarkCard is from a webhook to the first message about its incident, one
// after another, with the floor beside amsbot. More than one a second is more than
// Slack takes for long, so that the time that counts is card-ms.
func BenchmarkCard(b *testing.B) {
	for _, who := range []floor.Form{amsbotItself, floor.Update} {
		b.Run(string(who), func(b *testing.B) {
			w := newBenchWorld(b)
			address := serve(b, w, who)
			hooks, err := w.raise(context.Background(), "well", b.N)
			if err != nil {
				b.Fatal(err)
			}
			var sent []sending
			for _, h := range hooks {
				sent = append(sent, w.send(context.Background(), address, h))
				w.awaitNames(context.Background(), sent, nameMost)
				time.Sleep(time.Second)
			}
			named, _ := w.arrivals.since(sent)
			if len(named) < len(sent) {
				b.Fatalf("%d of %d were named", len(named), len(sent))
			}
			b.ReportMetric(inMillis(percentile(named, 50)), "card-ms")
		})
	}
}

func newBenchWorld(tb testing.TB) *world {
	said := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // of what is cut short in the end
	tb.Cleanup(func() { slog.SetDefault(said) })
	w, err := newWorld(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := w.stop(); err != nil {
			tb.Error(err)
		}
	})
	return w
}

// serve starts amsbot or the floor within this process, until the test is over.
func serve(tb testing.TB, w *world, who floor.Form) (address string) {
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	if who == amsbotItself {
		address, stop, err := w.inside(ctx)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() {
			if err := stop(); err != nil {
				tb.Error(err)
			}
		})
		return address
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	over := make(chan error, 1)
	go func() {
		over <- floor.Serve(ctx, l, floor.Options{
			Form: who, File: tb.TempDir() + "/file", Secret: w.access.WebhookSecret,
			PostURL: w.access.SlackAPI + "chat.postMessage", Token: w.access.BotToken, Channel: floorChannel,
		})
	}()
	tb.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			tb.Error(err)
		}
	})
	return "http://" + l.Addr().String() + "/"
}
