package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/scenarios"
)

// told is a Source with fixed answers.
type told struct {
	history History
	list    []Incident
	health  Health
	page    Page
	from    chan From
	err     error
	asked   chan Which
	hang    chan struct{}

	verified Verified
	copied   string
}

func (s *told) History(ctx context.Context, incident string) (History, error) {
	if s.hang != nil {
		close(s.hang)
		<-ctx.Done()
	}
	if incident != s.history.Key {
		return History{}, fmt.Errorf("%q: %w", incident, ErrNoIncident)
	}
	return s.history, s.err
}

func (s *told) Incidents(_ context.Context, which Which) ([]Incident, error) {
	if s.asked != nil {
		s.asked <- which
	}
	return s.list, s.err
}

func (s *told) Pasts(_ context.Context, from From) (Page, error) {
	if s.from != nil {
		s.from <- from
	}
	return s.page, s.err
}

func (s *told) Verify(_ context.Context, stretch Stretch) (Verified, error) {
	v := s.verified
	v.Next = stretch.Incident + "|" + stretch.Behind
	return v, s.err
}

func (s *told) Backup(_ context.Context, path string) (int64, error) {
	s.copied = path
	return 4096, s.err
}

func (s *told) Health(context.Context) (Health, error) { return s.health, s.err }

// example has all fields set, so that one that the wire loses is seen.
func example() *told {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	one := Incident{Key: "pd:main:Q1/ü ?&#", Number: 7, Title: "<!channel> \"x\"", Status: "NG", Open: true, First: at, Last: at.Add(time.Hour)}
	return &told{
		history: History{Incident: one, Card: []string{"NG: the health check fails", ""}, Events: []Event{
			{Seq: 1, At: at, By: "PagerDuty", Kind: "received", Text: "received", Data: json.RawMessage(`{"a":[1,2]}`)},
			{Seq: 2, At: at, Kind: "read"},
		}},
		list: []Incident{one, {Key: "pd:main:Q2"}},
		page: Page{Incidents: []Pasts{{Incident: one, Runs: []bot.Past{{Run: 1, At: at, Scenario: "web-down", Steps: []bot.PastStep{{At: at, Phase: "check", Name: "c",
			Definition: "d", Outcome: scenarios.Outcome{Verdict: scenarios.NG, Fields: map[string]any{"exit": 1.0}}}}}}}},
			Next: &From{First: at, Key: "pd:main:Q1/ü ?&#"}},
		health: Health{OK: true, Version: "v1", PID: 42, Since: at, Parts: []Part{{Name: "slack", OK: true}, {Name: "disk", Why: "full"}}},
	}
}

// up serves on a database until the test ends, or the returned function is called.
func up(t *testing.T, db string, source Bot) (down func() error) {
	t.Helper()
	l, err := listen(db)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, l, source) }()
	stopped := false
	down = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() { _ = down() })
	return down
}

func dial(t *testing.T, db string) *Client {
	t.Helper()
	c, err := Dial(db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestClientAnswersAsTheSourceDoes(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	want := example()
	up(t, db, want)
	c := dial(t, db)
	for name, ask := range map[string]func(Source) (any, error){
		"history":   func(s Source) (any, error) { return s.History(t.Context(), want.history.Key) },
		"incidents": func(s Source) (any, error) { return s.Incidents(t.Context(), Which{}) },
		"pasts":     func(s Source) (any, error) { return s.Pasts(t.Context(), From{}) },
		"health":    func(s Source) (any, error) { return s.Health(t.Context()) },
	} {
		w, werr := ask(want)
		g, gerr := ask(c)
		if !reflect.DeepEqual(g, w) || gerr != nil || werr != nil {
			t.Errorf("%s:\n got %+v, %v\nwant %+v, %v", name, g, gerr, w, werr)
		}
	}
}

func TestFilterReachesTheSource(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	source := example()
	source.asked = make(chan Which, 1)
	up(t, db, source)
	c := dial(t, db)
	for asked, want := range map[Which]Which{
		{}:                     {Limit: DefaultLimit},
		{Open: true, Limit: 3}: {Open: true, Limit: 3},
	} {
		if _, err := c.Incidents(t.Context(), asked); err != nil {
			t.Fatal(err)
		}
		if got := <-source.asked; got != want {
			t.Errorf("asked %+v: got %+v, want %+v", asked, got, want)
		}
	}
}

func TestPlaceOfAPageReachesTheSource(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	source := example()
	source.from = make(chan From, 1)
	up(t, db, source)
	c := dial(t, db)
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	for _, want := range []From{{}, {First: at, Key: "pd:main:Q1/ü ?&#"}, {First: at, Limit: 7}} {
		if _, err := c.Pasts(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got := <-source.from; got != want {
			t.Errorf("asked for %+v: got %+v", want, got)
		}
	}
}

func TestErrorsComeBack(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	source := example()
	down := up(t, db, source)
	c := dial(t, db)
	_, err := c.History(t.Context(), "last")
	if !errors.Is(err, ErrNoIncident) || err.Error() != `admin: ask for history: "last": no such incident` {
		t.Errorf("unknown incident: %v", err)
	}
	source.health.OK = false
	if h, err := c.Health(t.Context()); err != nil || h.OK || len(h.Parts) != 2 {
		t.Errorf("an ill bot: %+v, %v", h, err)
	}
	source.err = errors.New("store: file is damaged")
	if _, err := c.Incidents(t.Context(), Which{}); err == nil || errors.Is(err, ErrNoIncident) || !strings.HasSuffix(err.Error(), "file is damaged") {
		t.Errorf("a failing source: %v", err)
	}
	if err := down(); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := c.Health(t.Context()); !errors.Is(err, ErrNoBot) {
		t.Errorf("after the bot has stopped: %v", err)
	}
}

func TestStopDoesNotWaitForASlowAnswer(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	source := example()
	source.hang = make(chan struct{})
	down := up(t, db, source)
	c := dial(t, db)
	answered := make(chan error, 1)
	go func() {
		_, err := c.History(context.Background(), "x")
		answered <- err
	}()
	<-source.hang
	began := time.Now()
	if err := down(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("stopped after %s", took)
	}
	if err := <-answered; err == nil {
		t.Error("an answer came")
	}
}

func TestBadQuestions(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	up(t, db, example())
	c := dial(t, db)
	for what, want := range map[string]int{
		"GET /v1/incidents?limit=x":  400,
		"GET /v1/incidents?limit=-1": 400,
		"GET /v1/pasts?limit=0":      400,
		"GET /v1/pasts?first=soon":   400,
		"GET /v1/nothing":            404,
		"POST /v1/history":           405,
		"GET /v1/history":            404,
	} {
		method, target, _ := strings.Cut(what, " ")
		request, err := http.NewRequestWithContext(t.Context(), method, "http://amsbot"+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := c.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", what, response.StatusCode, want)
		}
	}
}

func TestServerThatAnswersOtherwise(t *testing.T) {
	for body, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc":         "invalid character",
		"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n404":  "it is of another version",
		"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nhm": "the bot answers 502",
		"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"ok\":tr": "unexpected EOF",
		"SSH-2.0\r\n": "malformed HTTP",
	} {
		db := filepath.Join(t.TempDir(), "a.db")
		l, err := listen(db)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go answerWith(l, body)
		if _, err := dial(t, db).Health(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func answerWith(l net.Listener, text string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		buffer := make([]byte, 4096)
		_, _ = conn.Read(buffer)
		_, _ = conn.Write([]byte(text))
		_ = conn.Close()
	}
}
