package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Serve answers questions about the bot at the socket of the database at this
// path until ctx ends, and returns nil when the answers under way are given (2 s
// at most). The socket has mode 0600. Only who holds the database may call it,
// that is between store.Open and Close: it replaces a socket that a process
// before left behind. ErrAnswers when it was not left behind, ErrUnsafe where
// others could reach a socket that cannot lie beside the database.
func Serve(ctx context.Context, db string, bot Bot) error {
	l, err := listen(db)
	if err != nil {
		return fmt.Errorf("admin: listen for %s: %w", db, err)
	}
	return serve(ctx, l, bot)
}

func serve(ctx context.Context, l net.Listener, bot Bot) error {
	server := &http.Server{
		Handler:           routes(bot),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return errors.Join(fmt.Errorf("admin: serve: %w", err), l.Close())
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if server.Shutdown(patience) != nil {
		_ = server.Close()
	}
	<-ended
	return nil
}

func routes(source Bot) http.Handler {
	mux := http.NewServeMux()
	keeperRoutes(mux, source)
	mux.HandleFunc("GET /v1/health", func(w http.ResponseWriter, r *http.Request) {
		health, err := source.Health(r.Context())
		status := http.StatusOK
		if !health.OK {
			status = http.StatusServiceUnavailable
		}
		answer(w, status, health, err)
	})
	mux.HandleFunc("GET /v1/incidents", func(w http.ResponseWriter, r *http.Request) {
		which := Which{Open: r.URL.Query().Get("open") == "true", Limit: DefaultLimit}
		if limit := r.URL.Query().Get("limit"); limit != "" {
			var err error
			if which.Limit, err = strconv.Atoi(limit); err != nil || which.Limit < 1 {
				write(w, http.StatusBadRequest, problem{Error: "limit is no number above 0"})
				return
			}
		}
		incidents, err := source.Incidents(r.Context(), which)
		answer(w, http.StatusOK, incidents, err)
	})
	mux.HandleFunc("GET /v1/pasts", func(w http.ResponseWriter, r *http.Request) {
		from, err := fromOf(r.URL.Query())
		if err != nil {
			write(w, http.StatusBadRequest, problem{Error: err.Error()})
			return
		}
		page, err := source.Pasts(r.Context(), from)
		answer(w, http.StatusOK, page, err)
	})
	mux.HandleFunc("GET /v1/history", func(w http.ResponseWriter, r *http.Request) {
		history, err := source.History(r.Context(), r.URL.Query().Get("incident"))
		answer(w, http.StatusOK, history, err)
	})
	return mux
}

// fromOf reads where a page begins.
func fromOf(query url.Values) (from From, err error) {
	if first := query.Get("first"); first != "" {
		if from.First, err = time.Parse(time.RFC3339Nano, first); err != nil {
			return from, errors.New("first is no time")
		}
	}
	if limit := query.Get("limit"); limit != "" {
		if from.Limit, err = strconv.Atoi(limit); err != nil || from.Limit < 1 {
			return from, errors.New("limit is no number above 0")
		}
	}
	from.Key = query.Get("key")
	return from, nil
}

// problem is the body of an answer that is an error. Incident says that
// ErrNoIncident is among the causes.
type problem struct {
	Error    string `json:"error"`
	Hint     string `json:"hint,omitempty"` // the next thing to do, where the error says it
	Incident bool   `json:"no_incident,omitempty"`
	Exists   bool   `json:"exists,omitempty"` // the same for fs.ErrExist
}

// hint is what an error says is to be done next.
func hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

func answer(w http.ResponseWriter, status int, body any, err error) {
	switch {
	case errors.Is(err, ErrNoIncident):
		write(w, http.StatusNotFound, problem{Error: err.Error(), Incident: true})
	case err != nil:
		write(w, http.StatusInternalServerError, problem{Error: err.Error(), Hint: hint(err), Exists: errors.Is(err, fs.ErrExist)})
	default:
		write(w, status, body)
	}
}

func write(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // who asked may have gone
}
