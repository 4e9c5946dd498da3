package pagerduty

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
	"golang.org/x/time/rate"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios/secret"
)

var (
	_ bot.Incidents   = (*Client)(nil)
	_ bot.OnCalls     = (*Client)(nil)
	_ bot.Users       = (*Client)(nil)
	_ outbox.Receiver = (*Client)(nil)
)

const (
	productionURL = "https://api.pagerduty.com"
	readDeadline  = 10 * time.Second
	writeDeadline = 20 * time.Second // a bulk change of 250 incidents is slow
)

// Options say which account to speak with, and as whom.
type Options struct {
	Token  secret.Text  // a REST API key; required
	APIURL string       // empty: PagerDuty's own
	User   string       // ID of amsbot's own PagerDuty user; required
	From   string       // that user's login address, in whose name amsbot acts by itself; required
	HTTP   *http.Client // nil: a plain one with timeouts. Its redirects are never followed
	// Words are for what is said of an act that names no language; the zero value is English.
	Words words.Catalogue
	Log   *slog.Logger // nil: slog.Default()
}

// Client reads and acts. Its methods may be called from any goroutine, and
// honour their context; each call has a deadline of its own besides. It owns no
// goroutine.
type Client struct {
	api   *pd.Client
	url   string
	self  bot.Person // amsbot's own user
	words words.Catalogue
	log   *slog.Logger
	spend *budget
	// changes keeps PUT /incidents below its own limit.
	changes *rate.Limiter
	wire    *wire
	ahead   *outbox.Ahead // of PagerDuty's clock
	levels  *cache[[]bot.Level]
	named   *cache[string]        // policy by name: its ID
	people  *cache[bot.Person]    // by ID
	emails  *cache[bot.Person]    // by address in lower case
	acks    *cache[time.Duration] // acknowledgement timeout by service ID
	work    *cache[[]bot.Window]  // maintenance windows by service ID
	shared  *sharing              // reads of many incidents at once
	reach   int                   // how far a list can be paged
	slots   chan struct{}         // reads of alerts that are under way
}

// New makes a client; nothing is sent. It fails when an option that is required
// is missing or malformed.
func New(o Options) (*Client, error) {
	if o.APIURL == "" {
		o.APIURL = productionURL
	}
	u, err := url.Parse(o.APIURL)
	switch {
	case o.Token.Empty():
		return nil, errors.New("pagerduty: make client: no token")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("pagerduty: make client: api_url %q is no http or https URL", o.APIURL)
	case !validID(o.User):
		return nil, fmt.Errorf("pagerduty: make client: user %q is no PagerDuty user ID", o.User)
	case !validFrom(o.From):
		return nil, fmt.Errorf("pagerduty: make client: from %q is no e-mail address", o.From)
	}
	c := &Client{
		url: strings.TrimRight(o.APIURL, "/"), self: bot.Person{ID: o.User, Email: o.From}, words: o.Words, log: cmp.Or(o.Log, slog.Default()),
		spend: newBudget(), changes: rate.NewLimiter(changeRate, changeBurst),
		levels: newCache[[]bot.Level](time.Minute), named: newCache[string](10 * time.Minute),
		people: newCache[bot.Person](time.Hour), emails: newCache[bot.Person](10 * time.Minute),
		acks: newCache[time.Duration](time.Minute), work: newCache[[]bot.Window](time.Minute),
		shared: newSharing(), reach: mostOpen, slots: make(chan struct{}, alertsAtOnce),
	}
	own := plainClient()
	if o.HTTP != nil {
		copied := *o.HTTP
		own = &copied
	}
	// A redirect would carry an act somewhere else, or twice.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.ahead = &outbox.Ahead{}
	c.wire = &wire{next: own.Transport, spend: c.spend, ahead: c.ahead, most: mostAnswer}
	own.Transport = c.wire
	c.api = pd.NewClient(o.Token.Reveal(), pd.WithAPIEndpoint(c.url))
	c.api.HTTPClient = own
	return c, nil
}

// Now is what time it is by PagerDuty's clock; not ok while it has not answered yet.
func (c *Client) Now() (time.Time, bool) { return c.ahead.Now() }

func plainClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: writeDeadline,
		MaxIdleConns:          10,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       60 * time.Second,
		ForceAttemptHTTP2:     true,
	}}
}

var idForm = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)

// validID keeps everything out of paths that could change where they lead: the
// library does not escape.
func validID(id string) bool { return idForm.MatchString(id) }

func validFrom(from string) bool {
	at := strings.LastIndexByte(from, '@')
	return at > 0 && at < len(from)-1 && len(from) <= 254 &&
		!strings.ContainsFunc(from, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// call is one call as its caller means it.
type call struct {
	verb   string // what it does, for errors: "read incident Q1"
	class  priority
	of     string // the service that it is for: among calls of a class services take turns; "" for no one service
	write  bool
	change bool // PUT /incidents, which has a limit of its own
	paid   bool // its turn in the budget has come already
}

// ask lets f make one call with the library, within the budget and a deadline.
// Its error is a *callError that knows what the wire saw.
func (c *Client) ask(ctx context.Context, what call, f func(context.Context) error) error {
	t := &trip{}
	if !what.paid {
		if err := c.spend.wait(ctx, what.class, what.of); err != nil {
			return t.failed(what, err)
		}
	}
	if what.change {
		if err := c.changes.Wait(ctx); err != nil {
			return t.failed(what, fmt.Errorf("%w: %w", errNoBudget, err))
		}
	}
	limit := readDeadline
	if what.write {
		limit = writeDeadline
	}
	timed, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s: %w", limit, context.DeadlineExceeded))
	defer cancel()
	err := f(t.watch(timed))
	if err == nil {
		return nil
	}
	if timed.Err() != nil {
		// The library formats causes away; a person wants to read "no answer".
		err = context.Cause(timed)
	}
	return t.failed(what, err)
}

// exchange makes a call whose answer we decode ourselves, because one odd field
// of an alert's making would make the library refuse the whole of it. in may be
// nil; from is empty for reads.
func (c *Client) exchange(ctx context.Context, what call, r request) error {
	err := c.send(ctx, what, r)
	var failed *callError
	if errors.As(err, &failed) && failed.code == codeNoRequester { // they have left, or their address is another one
		c.emails.forget(strings.ToLower(r.from))
	}
	return err
}

func (c *Client) send(ctx context.Context, what call, r request) error {
	return c.ask(ctx, what, func(ctx context.Context) error {
		var body io.Reader
		if r.in != nil {
			data, err := json.Marshal(r.in)
			if err != nil {
				return err
			}
			body = bytes.NewReader(data)
		}
		req, err := http.NewRequestWithContext(ctx, r.method, c.url+r.path, body)
		if err != nil {
			return err
		}
		if r.from != "" {
			req.Header.Set("From", r.from)
		}
		resp, err := c.api.Do(req, true)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		if r.out == nil {
			return nil
		}
		return json.NewDecoder(resp.Body).Decode(r.out)
	})
}

// request is what exchange sends and where the answer goes.
type request struct {
	method, path, from string
	in, out            any // out may be nil: nobody reads the answer
}
