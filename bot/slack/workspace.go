package slack

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios/secret"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// callTimeout bounds one call to the Web API. The library's own client has no
// bound, and a call that hangs would hold its caller for hours.
const callTimeout = 10 * time.Second

// Options say which workspace it is and how it is reached.
type Options struct {
	// BotToken (xoxb-…) is for the Web API, AppToken (xapp-…) for Socket Mode.
	BotToken, AppToken secret.Text
	// APIURL is the base of the Web API; "" for Slack's own.
	APIURL string
	// HTTP makes the calls; nil for a client of our own. One without a timeout
	// is used with one.
	HTTP *http.Client
	// Dialer opens the Socket Mode connections; nil for the default.
	Dialer *websocket.Dialer
	// Words are the texts in the workspace's language; the zero value is English.
	Words words.Catalogue
	// WordsIn are the texts in the language of a channel, by its ID or #name and
	// by its name where that is known; nil is Words everywhere. It is called from
	// any goroutine and must not block.
	WordsIn func(channel, room string) words.Catalogue
	// Ours says whether a channel, by its ID and by its name where that is known, is
	// a project's: we join no other by ourselves. nil: none is. It is called from any
	// goroutine and must not block.
	Ours func(channel, room string) bool
	// Blob reads a stored output by its hash, for messages with a file. It is
	// called from any goroutine.
	Blob func(ctx context.Context, hash string) ([]byte, error)
	// People are the Slack users of people whom PagerDuty knows by another address,
	// by PagerDuty user ID or by that address in lower case. May be nil.
	People map[string]string
	// Health is told when Slack will not let us in until a person changes
	// something, once for each reason, and with nil when a connection stands, at
	// first and after each such trouble. It is called from any goroutine and must
	// not block. May be nil.
	Health func(error)
	// Log is where what nobody else can be told goes; nil for slog.Default().
	Log *slog.Logger
}

// Workspace is one Slack workspace with our app in it. It is safe for use by
// several goroutines and starts nothing by itself.
type Workspace struct {
	opt   Options
	log   *slog.Logger
	words words.Catalogue
	api   *slack.Client
	ahead outbox.Ahead // of Slack's clock

	channels *cache[channel] // by name
	rooms    *cache[string]  // names by ID
	listing  sync.Mutex      // one reading of the channel list at a time
	people   *cache[member]
	emails   *cache[string]
	groups   *cache[[]string]
	inside   *cache[[]string] // members of channels

	homes shownHomes

	mu sync.Mutex
	me Identity
}

// Identity is who we are in Slack.
type Identity struct {
	Team   string // the workspace's name
	TeamID string // T…
	User   string // our bot user's ID, U…
	BotID  string // B…
	URL    string // the workspace's address, "https://name.slack.com/"
}

// New returns the workspace that options describe. It calls nobody: Check says
// whether the tokens are good.
func New(options Options) *Workspace {
	w := &Workspace{
		opt: options, log: cmp.Or(options.Log, slog.Default()), words: options.Words,
		channels: newCache[channel](2000, time.Hour),
		rooms:    newCache[string](2000, time.Hour),
		people:   newCache[member](2000, 5*time.Minute),
		emails:   newCache[string](2000, 5*time.Minute),
		groups:   newCache[[]string](200, 5*time.Minute),
		inside:   newCache[[]string](200, 5*time.Minute),
	}
	base := options.APIURL
	if base == "" {
		base = slack.APIURL
	}
	if !strings.HasSuffix(base, "/") {
		base += "/" // the library joins base and method without looking
	}
	w.api = slack.New(options.BotToken.Reveal(), slack.OptionHTTPClient(w.httpClient()),
		slack.OptionAPIURL(base), slack.OptionAppLevelToken(options.AppToken.Reveal()))
	return w
}

// Now is what time it is by Slack's clock; not ok while it has not answered yet.
func (w *Workspace) Now() (time.Time, bool) { return w.ahead.Now() }

// httpClient is the given client, with a timeout in any case.
func (w *Workspace) httpClient() *http.Client {
	c := http.Client{}
	if w.opt.HTTP != nil {
		c = *w.opt.HTTP
	}
	if c.Timeout == 0 {
		c.Timeout = callTimeout
	}
	paced := newPace(c.Transport)
	paced.heard = w.ahead.Heard
	c.Transport = paced
	return &c
}

// identity says who we are; it asks Slack once.
func (w *Workspace) identity(ctx context.Context) (Identity, error) {
	w.mu.Lock()
	me := w.me
	w.mu.Unlock()
	if me.TeamID != "" {
		return me, nil
	}
	return w.askIdentity(ctx)
}

func (w *Workspace) askIdentity(ctx context.Context) (Identity, error) {
	me, _, err := w.askGranted(ctx)
	return me, err
}

// askGranted asks who we are, and which scopes the bot token has; none where Slack
// does not say.
func (w *Workspace) askGranted(ctx context.Context) (Identity, []string, error) {
	a, err := w.api.AuthTestContext(ctx)
	if err != nil {
		return Identity{}, nil, troubled("ask who we are", err)
	}
	if a.TeamID == "" {
		return Identity{}, nil, errors.New("slack: ask who we are: the answer names no workspace")
	}
	me := Identity{Team: a.Team, TeamID: a.TeamID, User: a.UserID, BotID: a.BotID, URL: a.URL}
	w.mu.Lock()
	w.me = me
	w.mu.Unlock()
	split := func(r rune) bool { return r == ',' || r == ' ' }
	return me, strings.FieldsFunc(a.Header.Get("X-Oauth-Scopes"), split), nil
}

// archive is the address under which Slack shows messages, "" where Slack does
// not say: then Home is drawn without links to its cards.
func (w *Workspace) archive(ctx context.Context) string {
	me, err := w.identity(ctx)
	if err != nil || !address(me.URL) {
		return ""
	}
	return strings.TrimSuffix(me.URL, "/") + "/archives/"
}
