package pagerduty

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody is the largest request that is read; Events API v2 takes half a MiB.
const maxBody = 2 << 20

// request is one call of the API with what is known of the caller.
type request struct {
	*http.Request
	token *Token
	by    actor // set where the endpoint asks for it
	body  []byte
}

// endpoint answers under the lock of the account.
type endpoint func(*request) (status int, answer any, e *Error)

// Handler serves the REST API and the Events API v2.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Server) routes() *http.ServeMux {
	m := http.NewServeMux()
	for pattern, f := range map[string]endpoint{
		"GET /users":                              s.listUsers,
		"GET /users/me":                           s.currentUser,
		"GET /users/{id}":                         s.oneUser,
		"GET /priorities":                         s.listPriorities,
		"GET /services":                           s.listServices,
		"GET /services/{id}":                      s.oneService,
		"GET /escalation_policies":                s.listPolicies,
		"GET /escalation_policies/{id}":           s.onePolicy,
		"GET /oncalls":                            s.listOnCalls,
		"GET /abilities":                          s.listAbilities,
		"GET /maintenance_windows":                s.listWindows,
		"POST /maintenance_windows":               s.acting(s.createWindow),
		"GET /maintenance_windows/{id}":           s.oneWindow,
		"DELETE /maintenance_windows/{id}":        s.deleteWindow,
		"GET /incidents":                          s.listIncidents,
		"POST /incidents":                         s.acting(s.createIncident),
		"PUT /incidents":                          s.acting(s.manageIncidents),
		"GET /incidents/{id}":                     s.oneIncident,
		"PUT /incidents/{id}":                     s.acting(s.manageIncident),
		"GET /incidents/{id}/notes":               s.listNotes,
		"POST /incidents/{id}/notes":              s.acting(s.createNote),
		"GET /incidents/{id}/alerts":              s.listAlerts,
		"PUT /incidents/{id}/alerts":              s.acting(s.manageAlerts),
		"PUT /incidents/{id}/alerts/{$}":          s.acting(s.manageAlerts),
		"GET /incidents/{id}/alerts/{alert}":      s.oneAlert,
		"PUT /incidents/{id}/alerts/{alert}":      s.acting(s.manageAlert),
		"GET /incidents/{id}/log_entries":         s.incidentEntries,
		"GET /log_entries":                        s.listEntries,
		"GET /log_entries/{id}":                   s.oneEntry,
		"POST /incidents/{id}/snooze":             s.acting(s.snoozeIncident),
		"PUT /incidents/{id}/merge":               s.acting(s.mergeIncident),
		"POST /incidents/{id}/status_updates":     s.acting(s.createUpdate),
		"POST /incidents/{id}/responder_requests": s.requestResponders,
		"GET /webhook_subscriptions":              s.listHooks,
		"POST /webhook_subscriptions":             s.createHook,
		"GET /webhook_subscriptions/{id}":         s.oneHook,
		"DELETE /webhook_subscriptions/{id}":      s.deleteHook,
		"POST /webhook_subscriptions/{id}/enable": s.enableHook,
		"POST /webhook_subscriptions/{id}/ping":   s.pingHook,
		"/":                                       func(*request) (int, any, *Error) { return 0, nil, refuse(2100) },
	} {
		m.HandleFunc(pattern, s.rest(f))
	}
	m.HandleFunc("POST /v2/enqueue", s.enqueueEvent)
	return m
}

// rest is the way of every REST call: token, rate limit, endpoint.
func (s *Server) rest(f endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			write(w, 0, nil, &Error{Status: http.StatusRequestEntityTooLarge, Code: 2001, Message: "Request Entity Too Large"})
			return
		}
		var status int
		var answer any
		var e *Error
		s.update(func() {
			token := s.token(r.Header.Get("Authorization"))
			if token == nil {
				e = refuse(2006)
				return
			}
			limit := s.spend("rest "+token.Name, 960)
			limit.headers(w.Header())
			switch {
			case s.opt.Limits && (limit.over || s.operationOver(r)):
				e = refuse(2020)
			case token.ReadOnly && r.Method != http.MethodGet:
				e = refuse(2010)
			default:
				status, answer, e = f(&request{Request: r, token: token, body: body})
			}
		})
		write(w, status, answer, e)
	}
}

func write(w http.ResponseWriter, status int, answer any, e *Error) {
	w.Header().Set("Content-Type", "application/json")
	if e != nil {
		o := obj{"message": e.Message, "code": e.Code}
		if len(e.Details) > 0 {
			o["errors"] = e.Details
		}
		status, answer = e.Status, obj{"error": o}
	}
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	b, err := json.Marshal(answer)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	w.Write(b)
}

// token finds the caller's token; nil: refused.
func (s *Server) token(header string) *Token {
	for i := range s.opt.Tokens {
		t := &s.opt.Tokens[i]
		want := "Token token=" + t.Secret
		if t.OAuth {
			want = "Bearer " + t.Secret
		}
		if t.Secret != "" && header == want {
			return t
		}
	}
	return nil
}

// acting finds out who acts: the user of a user token, else the one From names.
func (s *Server) acting(f endpoint) endpoint {
	return func(r *request) (int, any, *Error) {
		u := s.user(r.token.User)
		if u == nil {
			from := r.Header.Get("From")
			if from == "" {
				return 0, nil, refuse(2016, "This call needs a From header with the login email of a user.")
			}
			if u = s.email(from); u == nil {
				return 0, nil, refuse(1008, "No user has the login email in From.")
			}
		}
		if role(u) == "read_only_user" {
			return 0, nil, refuse(1018)
		}
		r.by = actor{user: u, channel: "api"}
		return f(r)
	}
}

func (s *Server) email(address string) *User {
	for i := range s.opt.Users {
		if strings.EqualFold(s.opt.Users[i].Email, address) {
			return &s.opt.Users[i]
		}
	}
	return nil
}

func (r *request) decode(into any) *Error {
	d := json.NewDecoder(bytes.NewReader(r.body))
	if err := d.Decode(into); err != nil {
		return refuse(2001, "The body is not the JSON that is expected: "+err.Error())
	}
	return nil
}

// include reads include[], and the unbracketed form that some clients send.
func (r *request) include() map[string]bool {
	all := map[string]bool{}
	q := r.URL.Query()
	for _, v := range append(q["include[]"], q["include"]...) {
		all[v] = true
	}
	return all
}

// page cuts a list as the classic pagination does.
func page[T any](r *request, name string, all []T, shape func(T) obj) (int, any, *Error) {
	q := r.URL.Query()
	limit, ok1 := number(q.Get("limit"), 25)
	offset, ok2 := number(q.Get("offset"), 0)
	if !ok1 || !ok2 || limit == 0 {
		return 0, nil, refuse(2001, "Limit and offset must be numbers.")
	}
	limit = min(limit, 100)
	if limit+offset > 10000 {
		return 0, nil, refuse(2001, "Offset and limit must not be more than 10000 together.")
	}
	from := min(offset, len(all))
	to := min(from+limit, len(all))
	list := []any{}
	for _, x := range all[from:to] {
		list = append(list, shape(x))
	}
	o := obj{name: list, "limit": limit, "offset": offset, "more": to < len(all), "total": nil}
	if q.Get("total") == "true" {
		o["total"] = len(all)
	}
	return http.StatusOK, o, nil
}

func number(text string, otherwise int) (int, bool) {
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n < 1<<30
}

// when reads a time; without an offset it is in the time zone asked for, else
// in the account's.
func (s *Server) when(r *request, text string) (time.Time, *Error) {
	zone := s.opt.TimeZone
	if name := r.URL.Query().Get("time_zone"); name != "" {
		z, err := time.LoadLocation(name)
		if err != nil {
			return time.Time{}, refuse(2001, "Time zone is invalid.")
		}
		zone = z
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, refuse(2001, "Time is invalid: "+text)
}
