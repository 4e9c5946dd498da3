package admin

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"time"
)

// Keeper looks after the file that a history is in.
type Keeper interface {
	// Verify compares histories with what was written, a part at a time.
	Verify(ctx context.Context, stretch Stretch) (Verified, error)
	// Backup writes a copy of the database to a new file with this absolute path,
	// and says how large it is. fs.ErrExist when there is one.
	Backup(ctx context.Context, path string) (size int64, err error)
}

// Bot is all that Serve makes known of a bot.
type Bot interface {
	Source
	Keeper
}

var _ Bot = (*Client)(nil)

// Stretch chooses what is verified: one incident, as History takes it, or else the
// histories behind one; of all of them, the first time, those behind "".
type Stretch struct {
	Incident string
	Behind   string
}

// Verified is what was found. With a Next there are more, behind that; the last
// part also has what is wrong with the file as a whole.
type Verified struct {
	Histories int     `json:"histories"`
	Faults    []Fault `json:"faults,omitempty"`
	Next      string  `json:"next,omitempty"`
	End       uint64  `json:"end,omitempty"` // the number of the file's last event
	Sealed    bool    `json:"sealed"`        // the history is sealed with a key
	Key       bool    `json:"key"`           // and that is known here: forgery is found, too
}

// Fault is a history that is not as it was written.
type Fault struct {
	Incident string `json:"incident,omitempty"` // its key; "" for the file as a whole
	Number   int    `json:"number,omitempty"`
	Forged   bool   `json:"forged"` // somebody without the history key did it
	Why      string `json:"why"`
}

// Verify asks for a part to be verified.
func (c *Client) Verify(ctx context.Context, stretch Stretch) (v Verified, err error) {
	query := url.Values{}
	if stretch.Incident != "" {
		query.Set("incident", stretch.Incident)
	}
	if stretch.Behind != "" {
		query.Set("behind", stretch.Behind)
	}
	err = c.call(ctx, question{http.MethodGet, "verify", query, true}, &v)
	return v, err
}

// copied is the answer to a backup.
type copied struct {
	Size int64 `json:"size"`
}

// Backup asks for a copy, and takes as long as that does.
func (c *Client) Backup(ctx context.Context, path string) (int64, error) {
	var made copied
	err := c.call(ctx, question{http.MethodPost, "backup", url.Values{"to": {path}}, true}, &made)
	return made.Size, err
}

// keeperRoutes are the questions that take their time.
func keeperRoutes(mux *http.ServeMux, keeper Keeper) {
	mux.HandleFunc("GET /v1/verify", func(w http.ResponseWriter, r *http.Request) {
		unhurried(w)
		query := r.URL.Query()
		v, err := keeper.Verify(r.Context(), Stretch{Incident: query.Get("incident"), Behind: query.Get("behind")})
		answer(w, http.StatusOK, v, err)
	})
	mux.HandleFunc("POST /v1/backup", func(w http.ResponseWriter, r *http.Request) {
		unhurried(w)
		path := r.URL.Query().Get("to")
		if !filepath.IsAbs(path) {
			write(w, http.StatusBadRequest, problem{Error: "to is no absolute path"})
			return
		}
		size, err := keeper.Backup(r.Context(), path)
		answer(w, http.StatusOK, copied{size}, err)
	})
}

// unhurried lifts the limit of time from one answer, where that is possible.
func unhurried(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
}
