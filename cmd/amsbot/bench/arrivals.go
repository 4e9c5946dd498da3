package bench

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
)

// arrivals is what reached the neighbours, and when.
type arrivals struct {
	mu     sync.Mutex
	named  map[int]time.Time    // by number: the first message in Slack that names it
	noted  map[string]time.Time // by ID: its note in PagerDuty, the first-response result
	cards  map[int]bool         // by number: it has a card of its own
	writes map[string]int       // calls that Slack counts as writing, by method
	last   time.Time            // of the last write
	limits int                  // answers of 429, of both neighbours
	listed bool                 // open incidents were asked for
}

func newArrivals() *arrivals {
	return &arrivals{named: map[int]time.Time{}, noted: map[string]time.Time{}, cards: map[int]bool{}, writes: map[string]int{}}
}

var (
	number = regexp.MustCompile(`#([0-9]+)\b`)
	note   = regexp.MustCompile(`^/(?:pagerduty/)?incidents/([A-Z0-9]+)/notes$`)
)

// writing are the methods by which amsbot puts something into Slack.
func writing(method string) bool {
	return strings.HasPrefix(method, "chat.") || strings.HasPrefix(method, "files.") || method == "views.publish"
}

// slack is told every call of a Slack client.
func (a *arrivals) slack(c slack.Call) {
	if c.Status == http.StatusTooManyRequests {
		a.limited()
		return
	}
	if !writing(c.Method) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.writes[c.Method]++
	a.last = c.At
	if !c.OK {
		return
	}
	for _, text := range []string{"text", "blocks", "attachments"} {
		for _, m := range number.FindAllStringSubmatch(c.Args[text], -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				continue
			}
			if _, known := a.named[n]; !known {
				a.named[n] = c.At
			}
			if c.Method == "chat.postMessage" && strings.Contains(c.Args["metadata"], "amsbot_card") && text == "text" {
				a.cards[n] = true
			}
		}
	}
}

// pagerduty is told every call of a PagerDuty client.
func (a *arrivals) pagerduty(c pagerduty.Call) {
	if c.Status == http.StatusTooManyRequests {
		a.limited()
		return
	}
	if c.Method == http.MethodGet && strings.HasSuffix(c.Path, "/incidents") {
		a.mu.Lock()
		a.listed = true
		a.mu.Unlock()
	}
	m := note.FindStringSubmatch(c.Path)
	if m == nil || c.Method != http.MethodPost || c.Status >= 300 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.noted[m[1]]; !known {
		a.noted[m[1]] = c.At
	}
}

// polls says whether anybody has asked for open incidents.
func (a *arrivals) polls() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.listed
}

func (a *arrivals) limited() {
	a.mu.Lock()
	a.limits++
	a.mu.Unlock()
}

// since are the times from each beginning to its incident's name in Slack, and
// to its result; incidents that lack one are left out there.
func (a *arrivals) since(sent []sending) (named, noted []time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range sent {
		if at, ok := a.named[s.hook.number]; ok {
			named = append(named, at.Sub(s.at))
		}
		if at, ok := a.noted[s.hook.incident]; ok {
			noted = append(noted, at.Sub(s.at))
		}
	}
	return named, noted
}
