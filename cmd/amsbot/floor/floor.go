// Package floor is the least that a bot of amsbot's kind can do with a webhook,
// for `amsbot bench` to be measured against: it verifies the signature, commits
// the body to a file and has it on disk, answers 202 and posts one message. It
// reads no incident, keeps no history, honours no limit and tries nothing twice.
//
// Its figures are the disk's, the kernel's and net/http's. What amsbot takes
// beyond them is amsbot's own.
package floor

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options is what the floor needs; all of it is required.
type Options struct {
	Form    Form
	File    string // what is committed to; it is made
	Secret  string // signs the webhooks
	PostURL string // chat.postMessage of a Slack
	Token   string // of that Slack's bot
	Channel string
}

// posters is how many messages are posted side by side.
const posters = 8

// waiting is how many messages may wait for a poster before webhooks do.
const waiting = 1 << 16

const mostBody = 512 << 10

// Serve takes webhooks at every path of l until ctx ends, and returns when what
// was taken has been posted.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	keep, err := Open(o.Form, o.File)
	if err != nil {
		l.Close()
		return fmt.Errorf("floor: open %s: %w", o.File, err)
	}
	f := &floor{o: o, keeper: keep, posts: make(chan string, waiting)}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = posters
	f.client = &http.Client{Timeout: 30 * time.Second, Transport: transport}
	defer f.client.CloseIdleConnections()
	var posting sync.WaitGroup
	for range posters {
		posting.Go(f.post)
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second}
	over := make(chan error, 1)
	go func() { over <- server.Serve(l) }()
	select {
	case err = <-over:
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = server.Shutdown(stop)
		<-over
	}
	close(f.posts)
	posting.Wait()
	return errors.Join(err, keep.Close())
}

type floor struct {
	o      Options
	keeper Keeper
	client *http.Client
	posts  chan string
}

// Keeper makes bodies durable. Keep returns when one is on disk.
type Keeper interface {
	Keep(key, body []byte) error
	Close() error
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil || !f.signed(r.Header.Get("X-PagerDuty-Signature"), body) {
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
		return
	}
	var hook struct {
		Event struct {
			ID   string
			Data struct {
				Number int
				Title  string
			}
		}
	}
	if json.Unmarshal(body, &hook) != nil {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	if err := f.keeper.Keep([]byte(hook.Event.ID), body); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	f.posts <- fmt.Sprintf("#%d %s", hook.Event.Data.Number, hook.Event.Data.Title)
	w.WriteHeader(http.StatusAccepted)
}

// signed says whether one of the signatures of the header is the secret's.
func (f *floor) signed(header string, body []byte) bool {
	m := hmac.New(sha256.New, []byte(f.o.Secret))
	m.Write(body)
	want := "v1=" + hex.EncodeToString(m.Sum(nil))
	for one := range strings.SplitSeq(header, ",") {
		if hmac.Equal([]byte(strings.TrimSpace(one)), []byte(want)) {
			return true
		}
	}
	return false
}

// post posts what is to be posted, each once, whatever comes of it.
func (f *floor) post() {
	for text := range f.posts {
		body, err := json.Marshal(map[string]string{"channel": f.o.Channel, "text": text})
		if err != nil {
			continue // two strings
		}
		r, err := http.NewRequest(http.MethodPost, f.o.PostURL, bytes.NewReader(body))
		if err != nil {
			continue
		}
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("Authorization", "Bearer "+f.o.Token)
		answer, err := f.client.Do(r)
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}
