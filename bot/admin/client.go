package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 256 << 20

// Client asks the bot that runs on a database. It is a Bot.
type Client struct {
	path string
	http *http.Client
}

// question is one request to the bot.
type question struct {
	method, what string
	query        url.Values
	slow         bool // it takes as long as it takes
}

// Dial finds the bot that runs on the database at this path. ErrNoBot when none
// does; ErrUnsafe when somebody else may have put the socket there. The caller
// closes the Client.
func Dial(db string) (*Client, error) {
	all, err := spots(db)
	if err != nil {
		return nil, fmt.Errorf("admin: ask the bot on %s: %w", db, err)
	}
	for _, s := range all {
		err = s.answers()
		if err == nil {
			return newClient(s.path), nil
		}
		if !absent(err) {
			break
		}
		err = ErrNoBot
	}
	return nil, fmt.Errorf("admin: ask the bot on %s: %w", db, err)
}

// answers is nil when somebody listens there.
func (s spot) answers() error {
	if err := s.safe(); err != nil {
		return err
	}
	conn, err := net.DialTimeout("unix", s.path, 5*time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}

// absent says that nobody listens, as opposed to not being let in.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTDIR)
}

func newClient(path string) *Client {
	return &Client{path: path, http: &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", path)
			},
			DisableKeepAlives: true,
		},
	}}
}

// Close lets go of what the Client holds.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// History asks for one incident.
func (c *Client) History(ctx context.Context, incident string) (h History, err error) {
	err = c.ask(ctx, "history", url.Values{"incident": {incident}}, &h)
	return h, err
}

// Incidents asks for the list.
func (c *Client) Incidents(ctx context.Context, which Which) (list []Incident, err error) {
	query := url.Values{}
	if which.Open {
		query.Set("open", "true")
	}
	if which.Limit > 0 {
		query.Set("limit", strconv.Itoa(which.Limit))
	}
	err = c.ask(ctx, "incidents", query, &list)
	return list, err
}

// Pasts asks for a page of incidents as they went.
func (c *Client) Pasts(ctx context.Context, from From) (p Page, err error) {
	query := url.Values{}
	if !from.First.IsZero() {
		query.Set("first", from.First.UTC().Format(time.RFC3339Nano))
	}
	if from.Key != "" {
		query.Set("key", from.Key)
	}
	if from.Limit > 0 {
		query.Set("limit", strconv.Itoa(from.Limit))
	}
	err = c.ask(ctx, "pasts", query, &p)
	return p, err
}

// Health asks how the bot is.
func (c *Client) Health(ctx context.Context) (h Health, err error) {
	err = c.ask(ctx, "health", nil, &h)
	return h, err
}

// ask puts one question. What the bot answers as an error comes back as one;
// ErrNoBot when it has stopped meanwhile, ErrSilent when it does not answer.
func (c *Client) ask(ctx context.Context, what string, query url.Values, into any) error {
	return c.call(ctx, question{http.MethodGet, what, query, false}, into)
}

func (c *Client) call(ctx context.Context, q question, into any) error {
	wrap := func(err error) error { return fmt.Errorf("admin: ask for %s: %w", q.what, err) }
	target := url.URL{Scheme: "http", Host: "amsbot", Path: "/v1/" + q.what, RawQuery: q.query.Encode()}
	request, err := http.NewRequestWithContext(ctx, q.method, target.String(), nil)
	if err != nil {
		return wrap(err)
	}
	client := *c.http
	if q.slow {
		client.Timeout = 0
	}
	response, err := client.Do(request)
	if err != nil {
		if absent(err) {
			return wrap(ErrNoBot)
		}
		return wrap(silence(ctx, err, client.Timeout))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return wrap(silence(ctx, err, client.Timeout))
	case len(body) > maxAnswer:
		return wrap(fmt.Errorf("the answer is longer than %d bytes", maxAnswer))
	}
	if err := understand(response.StatusCode, body, into); err != nil {
		return wrap(err)
	}
	return nil
}

// silence names what kept an answer from coming: ErrSilent where it is the bot.
func silence(ctx context.Context, err error, within time.Duration) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err // without the address, which is nobody's
	}
	var slow net.Error
	if ctx.Err() == nil && errors.As(err, &slow) && slow.Timeout() {
		return fmt.Errorf("%w within %s", ErrSilent, within)
	}
	return err
}

// understand decodes an answer, or the error that it is.
func understand(status int, body []byte, into any) error {
	if status == http.StatusOK || status == http.StatusServiceUnavailable {
		return json.Unmarshal(body, into)
	}
	var p problem
	if json.Unmarshal(body, &p) != nil || p.Error == "" {
		if status == http.StatusNotFound {
			return errors.New("the bot does not know this question: it is of another version")
		}
		return fmt.Errorf("the bot answers %d", status)
	}
	switch {
	case p.Incident:
		return answered{text: p.Error, is: ErrNoIncident}
	case p.Exists:
		return answered{text: p.Error, is: fs.ErrExist}
	}
	return answered{text: p.Error, hint: p.Hint}
}

// answered is the bot's message, the next thing to do if it said one, and an error
// that it was among others.
type answered struct {
	text, hint string
	is         error
}

func (e answered) Error() string        { return e.text }
func (e answered) Hint() string         { return e.hint }
func (e answered) Is(target error) bool { return e.is != nil && target == e.is }
