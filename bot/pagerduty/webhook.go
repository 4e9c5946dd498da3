package pagerduty

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/PagerDuty/go-pagerduty/webhookv3"

	"amsbot/bot"
	"amsbot/scenarios/secret"
)

// WebhookPath is where the webhook is to be mounted.
const WebhookPath = "/pagerduty/webhook"

const (
	mostBody     = 512 << 10       // PagerDuty never exceeds 256 KiB
	roomBody     = 16 << 10        // nearly all are shorter
	hookDeadline = 4 * time.Second // PagerDuty gives up after 5
	mostHooks    = 64              // bodies that are read and stored side by side
	retryAfter   = "5"             // seconds
)

const signatureHeader = "X-PagerDuty-Signature"

// Door is where news comes in; implemented by package bot.
type Door interface {
	// Receive stores the hint; nil means that it is on disk. It honours ctx and
	// takes the same hint any number of times.
	Receive(ctx context.Context, h bot.Hint) error
}

// Webhook takes PagerDuty's V3 webhooks. It answers
//
//	202  what is signed, once the door has stored it, whatever it says
//	400  no signature, or no body
//	403  a wrong signature
//	405  not POST
//	413  a body over the limit
//	503  it could not be stored (in time), or amsbot is stopping: PagerDuty tries again
//
// A 4xx drops a webhook for good and three in a row switch the subscription
// off for a day, so nothing that is signed is ever answered with one.
type Webhook struct {
	secrets []secret.Text
	door    Door
	log     *slog.Logger
	closed  atomic.Bool
	ear     ear
	slots   chan struct{}
}

// NewWebhook makes the handler. It fails without a secret, and when one of them
// is empty: an empty secret would verify what anybody signs with nothing. Two
// secrets are a rotation. log may be nil: slog.Default().
func NewWebhook(secrets []secret.Text, door Door, log *slog.Logger) (*Webhook, error) {
	if len(secrets) == 0 {
		return nil, errors.New("pagerduty: make webhook: no signing secret")
	}
	for _, s := range secrets {
		if s.Empty() {
			return nil, errors.New("pagerduty: make webhook: the signing secret is empty")
		}
	}
	if door == nil {
		return nil, errors.New("pagerduty: make webhook: no door")
	}
	return &Webhook{secrets: secrets, door: door, log: cmp.Or(log, slog.Default()), slots: make(chan struct{}, mostHooks)}, nil
}

// Close makes every further request be answered 503. It does not wait for those
// that are under way.
func (w *Webhook) Close() { w.closed.Store(true) }

func (w *Webhook) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		rw.Header().Set("Allow", http.MethodPost)
		refuse(rw, http.StatusMethodNotAllowed, "POST only")
		return
	}
	if w.closed.Load() {
		later(rw)
		return
	}
	if r.Header.Get(signatureHeader) == "" { // nobody who knows a secret sends that: not a byte is read
		refuse(rw, http.StatusBadRequest, http.StatusText(http.StatusBadRequest))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), hookDeadline)
	defer cancel()
	select {
	case w.slots <- struct{}{}: // whoever sends without a secret fills no memory
		defer func() { <-w.slots }()
	case <-ctx.Done():
		later(rw)
		return
	}
	// A sender that drips must not hold the connection; where the server cannot
	// set deadlines, its own apply.
	_ = http.NewResponseController(rw).SetReadDeadline(time.Now().Add(hookDeadline))
	body, err := bodyOf(rw, r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(rw, http.StatusRequestEntityTooLarge, "body too large")
		return
	case err != nil:
		later(rw)
		return
	}
	if status := w.verify(r, body); status != 0 {
		if status == http.StatusForbidden {
			w.ear.refuse()
		}
		refuse(rw, status, http.StatusText(status))
		return
	}
	h := hintOf(body, time.Now())
	w.ear.hear(h)
	if err := w.door.Receive(ctx, h); err != nil {
		w.log.Error("pagerduty: store webhook", "event", h.Event, "type", h.Type, "incident", h.ID, "error", err)
		later(rw)
		return
	}
	rw.WriteHeader(http.StatusAccepted)
}

// bodyOf reads the body, with room for it from the first. How long it is its sender
// says, who may know no secret: beyond that room it grows as it comes.
func bodyOf(rw http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), roomBody)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(rw, r.Body, mostBody))
	return body.Bytes(), err
}

// refuse answers whoever knows no secret, and keeps no connection open for them.
func refuse(rw http.ResponseWriter, status int, why string) {
	rw.Header().Set("Connection", "close")
	http.Error(rw, why, status)
}

func later(rw http.ResponseWriter) {
	rw.Header().Set("Retry-After", retryAfter)
	http.Error(rw, "not now", http.StatusServiceUnavailable)
}

// verify says with which status the body is refused; 0: one of the secrets has
// signed it.
func (w *Webhook) verify(r *http.Request, body []byte) int {
	status := http.StatusBadRequest
	for _, s := range w.secrets {
		signed := &http.Request{Header: r.Header, Body: io.NopCloser(bytes.NewReader(body))}
		err := webhookv3.VerifySignature(signed, s.Reveal())
		if err == nil {
			return 0
		}
		if errors.Is(err, webhookv3.ErrNoValidSignatures) {
			status = http.StatusForbidden
		}
	}
	return status
}
