package bench

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"amsbot/scenarios/secret"
)

// Target is an address that takes signed PagerDuty V3 webhooks. All but Service
// is required.
type Target struct {
	URL     *url.URL
	Secrets []secret.Text // each signs: two are a rotation
	// Service is the name of a PagerDuty service. With it every webhook says that an
	// incident of that service has begun, which no PagerDuty knows; without it each
	// is a ping, which no incident follows from.
	Service string
}

// made is the beginning of the ID of every event that is sent to a target, by
// which whoever reads its log tells it from what is real.
const made = "amsbot-bench-"

// patience is PagerDuty's: what is answered later counts as not answered.
const patience = 5 * time.Second

// Aim measures webhooks to 2xx at an address elsewhere, at 1, 50 and 500 in
// parallel. Nothing is compared: there is no floor there. It fails before the load
// begins when the first webhook is not answered 2xx, and says why.
func Aim(ctx context.Context, t Target, quick bool) (Report, error) {
	loads := []struct{ parallel, hooks int }{{1, 300}, {50, 3000}, {500, 3000}}
	if quick {
		loads = []struct{ parallel, hooks int }{{1, 20}, {50, 100}, {500, 500}}
	}
	w := &world{client: &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // PagerDuty follows none
	}}
	defer w.client.CloseIdleConnections()
	run := made + strings.ToLower(rand.Text()[:8])
	report, p := Report{Machine: here()}, Part{Name: Intake}
	hooks, err := t.hooks(run, 0, 1)
	if err != nil {
		return report, fmt.Errorf("bench: %w", err)
	}
	if first := w.send(ctx, t.URL.String(), hooks[0]); first.err != nil {
		return report, fmt.Errorf("bench: send one webhook to %s: %w", t.URL.Redacted(), first.err)
	}
	sent := 1
	for _, load := range loads {
		if hooks, err = t.hooks(run, sent, load.hooks); err != nil {
			return report, fmt.Errorf("bench: %w", err)
		}
		sent += load.hooks
		all, took := w.load(ctx, t.URL.String(), hooks, load.parallel)
		if ctx.Err() != nil {
			return report, fmt.Errorf("bench: %w", ctx.Err())
		}
		p.aimed(load.parallel, all, took)
	}
	p.note("%d webhooks were sent to %s, %s; the IDs of their events begin with %s.", sent, t.URL.Redacted(), t.kind(), run)
	report.Parts = []Part{p}
	return report, nil
}

// aimed tells what came of one load.
func (p *Part) aimed(parallel int, all []sending, took time.Duration) {
	name := func(what string) string { return fmt.Sprintf("%s, %d in parallel", what, parallel) }
	times, err := answered(all)
	p.add(
		millis(name("webhook to 2xx, p50"), percentile(times, 50)), millis(name("webhook to 2xx, p99"), percentile(times, 99)),
		row(name("webhooks taken in"), PerSecond, float64(len(times))/took.Seconds()),
		row(name("not answered 2xx"), Count, float64(len(all)-len(times))))
	if err != nil {
		p.note("%d in parallel, the last that was not: %v.", parallel, err)
	}
}

func (t Target) kind() string {
	if t.Service == "" {
		return "pings, from which no incident follows"
	}
	return fmt.Sprintf("each of an incident of %q that PagerDuty does not know", t.Service)
}

// hooks are n signed webhooks, behind as many that were sent before.
func (t Target) hooks(run string, sent, n int) ([]hook, error) {
	hooks := make([]hook, 0, n)
	for i := range n {
		number := sent + i + 1
		body, err := json.Marshal(t.event(run, number))
		if err != nil {
			return nil, err
		}
		hooks = append(hooks, hook{number: number, body: body, signature: t.sign(body)})
	}
	return hooks, nil
}

// object is JSON.
type object map[string]any

// event is what PagerDuty sends when somebody presses Send Test Event, or when an
// incident begins.
func (t Target) event(run string, number int) object {
	e := object{
		"id": fmt.Sprintf("%s-%d", run, number), "event_type": "pagey.ping", "resource_type": "pagey",
		"occurred_at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "agent": nil, "client": nil,
		"data": object{"type": "ping", "message": "amsbot bench measures"},
	}
	if t.Service != "" {
		e["event_type"], e["resource_type"] = "incident.triggered", "incident"
		e["data"] = object{
			"type": "incident", "id": fmt.Sprintf("QBENCH%s%d", strings.ToUpper(strings.TrimPrefix(run, made)), number),
			"number": number, "status": "triggered", "urgency": "low", "title": "amsbot bench measures: this is no incident",
			"service": object{"type": "service_reference", "id": t.Service, "summary": t.Service}, "assignees": []any{},
		}
	}
	return object{"event": e}
}

func (t Target) sign(body []byte) string {
	var all []string
	for _, s := range t.Secrets {
		mac := hmac.New(sha256.New, []byte(s.Reveal()))
		mac.Write(body)
		all = append(all, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, ",")
}

// ParseTarget reads the address of a target.
func ParseTarget(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("it is no URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("a URL begins with http:// or https:// and names a host")
	}
	return u, nil
}

// answer reads an answer to its end: nil where it is 2xx.
func answer(r *http.Response) error {
	_, err := io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20))
	r.Body.Close()
	if r.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", r.Status)
	}
	return err
}
