package app_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"amsbot/store"
)

// shopToken is a secret of the shop's scenarios.
const shopToken = "shop-7f3d91c2-token"

// echo answers with what it was sent, as debug pages do.
func (s *stage) echo(address string) {
	s.Helper()
	l, err := s.net.Listen(address)
	s.must(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		given := r.Header.Get("Authorization")
		io.WriteString(w, "you sent "+given+"\nin base64 "+base64.StdEncoding.EncodeToString([]byte(given))+
			"\nquoted "+url.QueryEscape(given)+"\nagain "+given+"\n")
	})}
	over := make(chan error, 1)
	go func() { over <- server.Serve(l) }()
	s.Cleanup(func() { server.Close(); <-over })
}

// parrot is a PagerDuty that refuses to resolve and quotes the token.
type parrot struct{ http.RoundTripper }

func (p parrot) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/incidents") {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte(`"resolved"`)) {
			said := `{"error":{"message":"Not with ` + r.Header.Get("Authorization") + `","code":2001,"errors":["` + r.Header.Get("Authorization") + `"]}}`
			return &http.Response{StatusCode: 400, Status: "400 Bad Request", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
				Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(said)), ContentLength: int64(len(said))}, nil
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return p.RoundTripper.RoundTrip(r)
}

// leaks looks for secrets in everything that amsbot wrote anywhere.
func (s *stage) leaks(secrets ...string) {
	s.Helper()
	s.stop()
	sinks := map[string]string{"the log": s.log.String()}
	for _, c := range s.sim.Slack.Calls() {
		for k, v := range c.Args {
			sinks["Slack, "+c.Method+" "+k] += v
		}
	}
	for _, a := range s.sim.Slack.Acks() {
		sinks["an acknowledgement"] += string(a.Payload)
	}
	for _, m := range s.sim.Slack.Messages(room) {
		sinks["a message"] += m.Text + string(m.Blocks) + string(m.Attachments)
		for _, f := range m.Files {
			sinks["a file"] += f.Preview
		}
	}
	for _, c := range s.sim.PagerDuty.Calls() {
		sinks["PagerDuty, "+c.Path] += c.Query + c.Body
	}
	card, events := s.terminal()
	sinks["amsbot history"] = strings.Join(append(card, events...), "\n")
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	all, err := db.Events(s.ctx, "pd:shop:"+s.incident)
	s.must(err)
	for _, e := range all {
		sinks["the events"] += string(e.Data)
	}
	s.must(db.Close())
	file, err := os.ReadFile(s.config.Database)
	s.must(err)
	sinks["the database"] = string(file)
	for where, text := range sinks {
		for _, secret := range secrets {
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret)} {
				if strings.Contains(text, form) {
					i := strings.Index(text, form)
					s.Errorf("%s: …%q…", where, text[max(0, i-60):min(len(text), i+80)])
				}
			}
		}
	}
	if len(sinks) < 10 || !strings.Contains(sinks["the events"], "[redacted]") {
		s.Errorf("%d sinks; nothing was redacted", len(sinks))
	}
}

// A step's output quotes the secret that the step used, and PagerDuty's error
// quotes the token: neither is anywhere in what amsbot keeps or says.
func TestNoSecretLeaves(t *testing.T) {
	alone(t) // environment and log belong to the process
	t.Setenv("SHOP_TOKEN", shopToken)
	std := slog.Default()
	defer slog.SetDefault(std)
	story(t, map[string]string{"web.yaml": web("secrets: {token: env:SHOP_TOKEN}", `check:
  - name: health
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}
  - name: debug page
    http: {url: "http://web-1.shop.example:8098/", headers: {Authorization: "Bearer ${{ secrets.token }}"}}
    timeout: 2s`, `gather:
  - name: debug page again
    http: {url: "http://web-1.shop.example:8098/", headers: {Authorization: "Bearer ${{ secrets.token }}"}}
    timeout: 2s`)}, func(s *stage) {
		slog.SetDefault(slog.New(slog.NewTextHandler(s.log, nil)))
		s.stop()
		s.meddle = func(way http.RoundTripper) http.RoundTripper { return parrot{way} }
		s.start()
		s.echo(host + ":8098")
		s.ail("errors")
		s.raise("Health check of web-1 failed with "+s.secrets.PagerDuty.Reveal(), map[string]any{"leak": s.secrets.SlackBot.Reveal()})
		s.press(ben, "Take Over")
		s.press(chie, "Resolve")
		s.said("Not resolved")
		s.settle()
		s.ams(chie, "history 1")
		s.ams(chie, "show 1")
		s.ams(chie, "note 1 the token is "+s.secrets.SlackApp.Reveal())
		s.settle()
		s.said("PagerDuty refused it: Not with Token token=[redacted]")
		s.said("/ you sent Bearer [redacted] /")
		s.said("Chie Mori added a note. / &gt; the token is [redacted]")
		s.leaks(shopToken, s.secrets.PagerDuty.Reveal(), s.secrets.SlackBot.Reveal(), s.secrets.SlackApp.Reveal(), s.secrets.Webhook[0].Reveal())
	}, unhurried)
}
