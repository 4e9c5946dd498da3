package scenarios

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxBody      = 1 << 20 // bytes of an answer that are read
	maxRedirects = 5
)

func (a *request) try(ctx context.Context, w *world, t Tools) Outcome {
	began := time.Now()
	way := a.open(ctx, t, a.expect.within)
	defer way.end()
	req, err := a.build(way.ctx, w)
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	conf, err := a.tls.config(w, "")
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	client := &http.Client{Transport: way.transport(conf), CheckRedirect: sameHost}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return way.outcome(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		o := way.outcome(err)
		o.Fields = map[string]any{"status": res.StatusCode, "ms": int(time.Since(began).Milliseconds())}
		return o
	}
	way.end()
	return a.conclude(readAnswer(res, data, w.mask), w, time.Since(began))
}

// readAnswer keeps of an answer what is judged and shown.
func readAnswer(res *http.Response, data []byte, mask masks) answer {
	a := answer{status: res.StatusCode, header: res.Header}
	if len(data) > maxBody {
		data, a.cut = data[:maxBody], true
	}
	text := string(data)
	if a.cut {
		text = mask.cut(text, false, true)
	} else {
		a.jsonOK = json.Unmarshal(data, &a.json) == nil
	}
	a.body = text
	return a
}

// conclude judges an answer and makes the outcome of it.
func (a *request) conclude(got answer, w *world, took time.Duration) Outcome {
	verdict, why := a.expect.judge(got, w)
	body := w.mask.clean(got.body)
	o := Outcome{Verdict: verdict, Why: why, Line: lastLine(body), Output: []byte(body)}
	headers := map[string]any{}
	for name, values := range got.header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	o.Fields = map[string]any{"status": got.status, "ms": int(took.Milliseconds()), "headers": headers,
		"body": clipBytes(body, maxOutput)}
	if got.jsonOK && len(got.body) <= maxOutput {
		o.Fields["json"] = plainValue(got.json, newBudget(1), 0)
	}
	return o
}

// transport is net/http over the wire, without anything that would go another
// way.
func (w *wire) transport(conf *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // a proxy of the environment would dial in our place, unchecked
		DialContext:            w.dial,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxOutput,
		TLSClientConfig:        conf,
	}
}

// sameHost follows redirects to the same host alone: any other would let a
// server choose whom amsbot asks.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if req.URL.Host != first.Host || req.URL.Scheme != first.Scheme || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}
