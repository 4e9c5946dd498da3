package slack

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one request that a client made, for tests and the page's log.
type Call struct {
	At time.Time `json:"at"`
	// Method is "chat.postMessage", or "upload" or "response".
	Method string `json:"method"`
	// Token says which one was given: bot, app, none, other. The token itself
	// is nowhere in a Call.
	Token string            `json:"token"`
	Args  map[string]string `json:"args"`
	OK    bool              `json:"ok"`
	// Error is Slack's error code; Status the HTTP status (0: no answer sent).
	Error  string          `json:"error,omitempty"`
	Status int             `json:"status"`
	Answer json.RawMessage `json:"answer,omitempty"`
	// Lost: the call was carried out, or not, but its answer never arrived.
	Lost bool `json:"lost,omitempty"`
	// Faulted: an injected fault had its way with it.
	Faulted bool `json:"faulted,omitempty"`
}

// request is one call of a method.
type request struct {
	method string
	args   map[string]string
	token  string
	base   string // how the client reached us: http://host/prefix
}

// arg returns an argument, or a default when it is missing.
func (r *request) arg(name, otherwise string) string {
	if v, ok := r.args[name]; ok && v != "" {
		return v
	}
	return otherwise
}

func (r *request) yes(name string) bool {
	v := r.args[name]
	return v == "true" || v == "1"
}

// number returns a whole number within bounds.
func (r *request) number(name string, otherwise, most int) int {
	n, err := strconv.Atoi(r.args[name])
	if err != nil || n < 1 {
		return otherwise
	}
	return min(n, most)
}

// reply is what a method answers, without "ok".
type reply map[string]any

// problem is an error answer in Slack's format.
type problem struct {
	code     string
	needed   string   // scope
	messages []string // details
	retry    time.Duration
}

func fail(code string) (reply, *problem) { return nil, &problem{code: code} }

// tooShort is what Slack says of missing or senseless arguments.
func badArgument(format string, a ...any) (reply, *problem) {
	return nil, &problem{code: "invalid_arguments", messages: []string{fmt.Sprintf(format, a...)}}
}

// method is one Web API method. It runs under the lock.
type method struct {
	tier  int
	scope string // one of these, separated by spaces; "" needs none
	app   bool   // for the app-level token alone
	run   func(*Server, *request) (reply, *problem)
}

// Handler serves the Web API under /api/, the socket under /socket, uploads,
// files and response URLs, relative to where it is mounted (see
// Options.Prefix).
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("GET /socket", s.serveSocketFaulty)
	mux.HandleFunc("POST /upload/{id}", s.serveUpload)
	mux.HandleFunc("GET /files/{id}/{name}", s.serveFile)
	mux.HandleFunc("POST /response/{id}", s.serveResponse)
	return mux
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	args, token, err := arguments(r)
	q := &request{method: r.PathValue("method"), args: args, token: token, base: s.base(r)}
	call := Call{At: time.Now().UTC(), Method: q.method, Token: s.tokenKind(token), Args: args}
	f := s.nextFault(q.method)
	if f != nil && !s.before(w, r, f, call) {
		return
	}
	var body reply
	var p *problem
	s.do(func() {
		s.reach = q.base
		switch {
		case err != nil:
			p = &problem{code: "invalid_json"}
		case f != nil && f.Error != "":
			p = &problem{code: f.Error}
		default:
			body, p = s.call(q)
		}
	})
	status, answer := s.render(w, body, p)
	call.OK, call.Status, call.Answer, call.Faulted = p == nil, status, answer, f != nil
	if p != nil {
		call.Error = p.code
	}
	if f != nil && f.CutAfter {
		call.Lost, call.Status = true, 0
		s.record(call)
		panic(http.ErrAbortHandler)
	}
	s.record(call)
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// render makes the answer's bytes and headers.
func (s *Server) render(w http.ResponseWriter, body reply, p *problem) (int, []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.opt.Scopes, ","))
	if p == nil {
		out := reply{"ok": true}
		maps.Copy(out, body)
		return http.StatusOK, encode(out)
	}
	out := reply{"ok": false, "error": p.code}
	if p.needed != "" {
		out["needed"], out["provided"] = p.needed, strings.Join(s.opt.Scopes, ",")
	}
	if len(p.messages) > 0 {
		marked := make([]string, len(p.messages))
		for i, m := range p.messages {
			marked[i] = "[ERROR] " + m
		}
		out["errors"] = p.messages
		out["response_metadata"] = map[string]any{"messages": marked}
	}
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(p.retry)))
		return http.StatusTooManyRequests, encode(out)
	}
	return http.StatusOK, encode(out)
}

// seconds rounds up to whole seconds, at least one.
func seconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

// call checks token, scope and limit, in Slack's order, and runs the method.
func (s *Server) call(q *request) (reply, *problem) {
	m, known := methods[q.method]
	switch {
	case !known:
		return fail("unknown_method")
	case q.token == "":
		if q.method == "api.test" {
			break
		}
		return fail("not_authed")
	case q.token != s.opt.BotToken && q.token != s.opt.AppToken:
		return fail("invalid_auth")
	case m.app != (q.token == s.opt.AppToken) && q.method != "api.test" && q.method != "auth.test":
		return fail("not_allowed_token_type")
	}
	if m.scope != "" && !s.scoped(words(m.scope)...) {
		return nil, &problem{code: "missing_scope", needed: words(m.scope)[0]}
	}
	if wait := s.limit(q, m.tier); wait > 0 {
		return nil, &problem{code: "ratelimited", retry: wait}
	}
	return m.run(s, q)
}

// scoped says whether the bot token has one of these scopes.
func (s *Server) scoped(any ...string) bool {
	return slices.ContainsFunc(any, func(x string) bool { return slices.Contains(s.opt.Scopes, x) })
}

func (s *Server) tokenKind(token string) string {
	switch token {
	case "":
		return "none"
	case s.opt.BotToken:
		return "bot"
	case s.opt.AppToken:
		return "app"
	}
	return "other"
}

// base is the address under which this client reaches us.
func (s *Server) base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host + s.opt.Prefix
}

// record keeps a call and tells those who watch.
func (s *Server) record(c Call) {
	s.mu.Lock()
	s.calls = newest(append(s.calls, c))
	watches := slices.Clone(s.watches)
	s.mu.Unlock()
	for _, w := range watches {
		w(c)
	}
}

// kept bounds what a server that runs for weeks remembers of each kind.
const kept = 20000

// newest drops the older half of a list that has grown too long.
func newest[T any](all []T) []T {
	if len(all) < kept {
		return all
	}
	return slices.Clone(all[len(all)/2:])
}

// Calls lists the calls so far, in the order of their answers; of a very long
// run only the newest.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Watch has f called with every call from now on, before its answer is sent,
// so that a test can fail on one that it does not expect. f runs in the
// request's goroutine and must not block.
func (s *Server) Watch(f func(Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches = append(s.watches, f)
}
