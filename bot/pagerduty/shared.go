package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	alertsAtOnce = 64               // reads of alerts side by side: their answers may be large
	aloneFor     = 30 * time.Second // each is read by itself so long after the list failed
)

// sharing lets reads of incidents that are wanted at the same time share list
// pages: a thousand incidents are ten pages of a hundred, and not a thousand
// calls. Alerts are another matter: PagerDuty lists them only by incident.
//
// A read is answered only from a page that was asked for after the read had
// begun. Whoever judges by that moment whether a read is older than an act
// judges right.
type sharing struct {
	turn chan struct{} // of size 1: who holds it reads pages, for all that wait

	mu      sync.Mutex
	wanted  map[string]int // reads that are under way, alone or together, by service
	single  int            // those of them that are alone
	waiting []*asked
	alone   time.Time // until then each is read by itself
}

// asked is an incident that somebody waits for.
type asked struct {
	id  string
	got chan told // of size 1
}

// told is what the pages say of it; neither: nothing, it has to be read alone.
type told struct {
	i    *incident
	err  error
	paid bool // the budget's turn for that has come already
}

func newSharing() *sharing {
	return &sharing{turn: make(chan struct{}, 1), wanted: map[string]int{}}
}

// join takes part in the next pages; nil while so few are wanted of the service,
// and of all such services together, that each is read sooner alone. Whoever joins
// leaves, too.
func (s *sharing) join(service, id string) *asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted[service]++
	few := s.wanted[service] <= fewReads && s.single < 2*fewReads
	if few || time.Now().Before(s.alone) {
		s.single++
		return nil
	}
	a := &asked{id, make(chan told, 1)}
	s.waiting = append(s.waiting, a)
	return a
}

func (s *sharing) leave(service string, a *asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a == nil {
		s.single--
	}
	if s.wanted[service]--; s.wanted[service] == 0 {
		delete(s.wanted, service)
	}
}

// take are all that wait.
func (s *sharing) take() []*asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.waiting
	s.waiting = nil
	return all
}

// back has the others wait on: who read for them has given up.
func (s *sharing) back(all []*asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(all, s.waiting...)
}

// failed has each read by itself for a while: of several routes one may fail.
func (s *sharing) failed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alone = time.Now().Add(aloneFor)
}

// fresh reads the incident alone, as it is now, or together with others that
// are wanted.
func (c *Client) fresh(ctx context.Context, id string, what call) (*incident, error) {
	if what.class == beforeAct || !validID(id) { // no ID: which says so
		return c.incident(ctx, id, what)
	}
	a := c.shared.join(what.of, id)
	defer c.shared.leave(what.of, a)
	if a == nil {
		return c.incident(ctx, id, what)
	}
	var t told
	select {
	case t = <-a.got:
	case c.shared.turn <- struct{}{}:
		c.lead(ctx, a)
		<-c.shared.turn
		select {
		case t = <-a.got:
		case <-ctx.Done():
			t.err = fmt.Errorf("pagerduty: read incident %s: %w", id, ctx.Err())
		}
	case <-ctx.Done():
		t.err = fmt.Errorf("pagerduty: read incident %s: %w", id, ctx.Err())
	}
	if t.i != nil || t.err != nil {
		return t.i, t.err
	}
	what.paid = t.paid
	return c.incident(ctx, id, what)
}

// lead reads pages for all that wait, among them own, unless that has its answer
// by now.
func (c *Client) lead(ctx context.Context, own *asked) {
	if len(own.got) > 0 || c.spend.wait(ctx, firstRead, "") != nil { // it is for all of them
		return
	}
	all := c.shared.take() // not before it is our turn: while the budget is short, many come together
	if len(all) == 1 {
		all[0].got <- told{paid: true}
		return
	}
	ids := map[string]bool{}
	for _, a := range all {
		ids[a.id] = true
	}
	found, err := c.among(ctx, ids, call{class: firstRead, paid: true})
	if ctx.Err() != nil {
		c.shared.back(all)
		return
	}
	var limit *callError
	if err != nil && !(errors.As(err, &limit) && limit.limited()) {
		c.shared.failed()
		err = nil
	}
	for _, a := range all {
		a.got <- told{i: found[a.id], err: err}
	}
}

// among finds incidents on the list pages, newest incident first: what is wanted
// in a storm is what has just come. It goes on for as long as pages that had none
// of them are few beside those that are still to be found. It answers those that
// it found, open or not. Of the call only the first page can be paid.
func (c *Client) among(ctx context.Context, ids map[string]bool, what call) (map[string]*incident, error) {
	found, idle := map[string]*incident{}, 0
	for offset := 0; len(ids)-len(found) > 1 && offset+pageSize <= mostOpen; offset += pageSize {
		page, more, err := c.page(ctx, what, fmt.Sprintf("date_range=all&sort_by=created_at:desc&limit=%d&offset=%d", pageSize, offset))
		if err != nil {
			return found, err
		}
		what.paid = false
		before := len(found)
		for _, i := range page {
			if ids[string(i.ID)] {
				found[string(i.ID)] = i
			}
		}
		if len(found)-before < 2 {
			idle++
		}
		if !more || idle*10 > len(ids)-len(found) {
			break
		}
	}
	return found, nil
}
