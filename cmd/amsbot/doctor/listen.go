package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/bot/pagerduty"
)

// post takes webhooks while no amsbot runs. It keeps none: whatever is no test
// event is answered 503, also what is signed with another secret, so that PagerDuty
// sends it again and switches nothing off.
type post struct {
	hook   *pagerduty.Webhook
	server *http.Server
	over   chan struct{}
}

// listen opens the address at which amsbot would listen.
func (d *doctor) listen() (*post, error) {
	hook, err := pagerduty.NewWebhook(d.secrets.Webhook, threshold{}, nil)
	if err != nil {
		return nil, err
	}
	listen := d.o.Network.Listen
	if listen == nil {
		listen = net.Listen
	}
	l, err := listen("tcp", d.c.Listen)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc(pagerduty.WebhookPath, func(w http.ResponseWriter, r *http.Request) { hook.ServeHTTP(&lenient{ResponseWriter: w}, r) })
	p := &post{hook: hook, over: make(chan struct{}), server: &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, MaxHeaderBytes: 32 << 10,
	}}
	go func() {
		defer close(p.over)
		_ = p.server.Serve(l) // it ends with close
	}()
	return p, nil
}

func (p *post) heard(context.Context) (admin.Heard, error) { return admin.Heard(p.hook.Heard()), nil }

func (p *post) close() {
	_ = p.server.Close()
	<-p.over
}

// threshold is a door that lets nothing in but test events.
type threshold struct{}

func (threshold) Receive(_ context.Context, h bot.Hint) error {
	if h.Type == pagerduty.Ping {
		return nil
	}
	return errors.New("no amsbot runs")
}

// lenient turns a refusal for good into one for now.
type lenient struct{ http.ResponseWriter }

func (l *lenient) WriteHeader(status int) {
	if status/100 == 4 {
		l.Header().Set("Retry-After", "60")
		status = http.StatusServiceUnavailable
	}
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap lets deadlines be set.
func (l *lenient) Unwrap() http.ResponseWriter { return l.ResponseWriter }
