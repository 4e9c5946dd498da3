package patient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"time"
)

// condition is what a probe found.
type condition int

const (
	unknown condition = iota // it could not find out: nothing is raised or cleared
	fine
	ill
)

// finding is the result of one probe.
type finding struct {
	state condition
	text  string // what it saw
	title string // of the alert
	value int
}

// check is one thing that the monitor looks at.
type check struct {
	name, service, host, severity, path string
	judge                               func(reply) finding
}

// reply is what the patient answered.
type reply struct {
	status int
	took   time.Duration
	body   map[string]any
	err    error
}

var checks = []check{
	{"health", Web, "web-1.shop.example", "critical", "/healthz", judgeHealth},
	{"latency", Web, "web-1.shop.example", "warning", "/healthz", judgeLatency},
	{"disk", DB, "db-1.shop.example", "warning", "/disk", above("used_percent", 90, "Disk of db-1 is nearly full: %d %%")},
	{"replica", DB, "db-2.shop.example", "error", "/replica", above("lag_seconds", 60, "Replica db-2 is behind: %d s")},
	{"queue", Queue, "queue-1.shop.example", "error", "/queue", above("depth", 1000, "Queue orders is stuck: %d waiting")},
	{"certificate", Edge, "edge-1.shop.example", "warning", "/certificate", judgeCertificate},
}

func judgeHealth(r reply) finding {
	var why string
	switch {
	case r.err == nil && r.status == http.StatusOK:
		return finding{state: fine, text: "status 200"}
	case r.err == nil:
		why = fmt.Sprintf("status %d", r.status)
	case errors.Is(r.err, syscall.ECONNREFUSED):
		why = "connection refused"
	case errors.Is(r.err, context.DeadlineExceeded):
		why = "no answer in time"
	default:
		why = "connection lost"
	}
	return finding{state: ill, text: why, title: "Health check of web-1 failed: " + why, value: r.status}
}

// judgeLatency judges only good answers: the others are the health check's.
func judgeLatency(r reply) finding {
	ms := int(r.took / time.Millisecond)
	text := fmt.Sprintf("%d ms", ms)
	switch {
	case r.err != nil || r.status != http.StatusOK:
		return finding{text: "no good answer"}
	case ms < 1000:
		return finding{state: fine, text: text}
	}
	return finding{state: ill, text: text, title: "API of web-1 is slow: " + text, value: ms}
}

// above finds the patient ill when the number is greater than the limit.
func above(field string, limit int, title string) func(reply) finding {
	return func(r reply) finding {
		n, ok := r.number(field)
		switch text := fmt.Sprintf("%s %d", field, n); {
		case !ok:
			return finding{text: "no good answer"}
		case n <= limit:
			return finding{state: fine, text: text}
		default:
			return finding{state: ill, text: text, title: fmt.Sprintf(title, n), value: n}
		}
	}
}

func judgeCertificate(r reply) finding {
	n, ok := r.number("days_left")
	switch text := fmt.Sprintf("%d days left", n); {
	case !ok:
		return finding{text: "no good answer"}
	case n >= 14:
		return finding{state: fine, text: text}
	default:
		return finding{state: ill, text: text, title: fmt.Sprintf("Certificate of www.shop.example ends in %d days", n), value: n}
	}
}

func (r reply) number(field string) (int, bool) {
	n, ok := r.body[field].(float64)
	return int(n), ok && r.err == nil && r.status == http.StatusOK
}

func (c check) probe(ctx context.Context, m *Monitor) finding {
	return c.judge(m.ask(ctx, c.path))
}

// ask sends one request over a connection of its own.
func (m *Monitor) ask(ctx context.Context, path string) reply {
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.p.Address()+path, nil)
	if err != nil {
		return reply{err: err}
	}
	req.Close = true
	began := time.Now()
	resp, err := m.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	r := reply{status: resp.StatusCode}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	r.took, r.err = time.Since(began), err
	if err == nil && len(b) > 0 && b[0] == '{' {
		r.err = json.Unmarshal(b, &r.body)
	}
	return r
}

// alert is what the finding becomes.
func (m *Monitor) alert(c check, f finding) Alert {
	return Alert{
		Service: c.service, Title: f.title, Severity: c.severity, Key: c.host + "/" + c.name,
		Details: m.details(c.host, c.name, c.path, f.value),
	}
}

func (m *Monitor) details(host, check, path string, value int) map[string]any {
	address := m.p.Address()
	return map[string]any{
		"host": host, "address": address, "url": "http://" + address + path, "control": m.p.ControlAddress(),
		"environment": "production", "check": check, "value": value,
	}
}
