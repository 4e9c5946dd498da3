package patient

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Send raises an alert as it is, for those who try things out. It is open in
// the monitor until Drop.
func (m *Monitor) Send(a Alert) (incident string, err error) {
	m.telling.Lock()
	defer m.telling.Unlock()
	if err := m.tell(a); err != nil {
		return "", fmt.Errorf("patient: send alert: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.open {
		if o.Key == a.Key {
			incident = o.Incident
		}
	}
	return incident, nil
}

// Drop clears an open alert by its key, whether the patient is ill or not; a
// key that is not open is no error.
func (m *Monitor) Drop(key string) error {
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	n := slices.IndexFunc(m.open, func(o Open) bool { return o.Key == key })
	var o Open
	if n >= 0 {
		o = m.open[n]
	}
	m.mu.Unlock()
	if n < 0 {
		return nil
	}
	if err := m.pager.Clear(o.Service, key); err != nil {
		return fmt.Errorf("patient: drop alert: %w", err)
	}
	m.drop(key)
	m.update(func() { m.cleared++ })
	return nil
}

// Again raises everything that is open once more, under the same keys, as a
// monitoring tool does that repeats itself.
func (m *Monitor) Again() error {
	m.mu.Lock()
	var all []Alert
	for _, o := range m.open {
		all = append(all, m.alerts[o.Key])
	}
	m.mu.Unlock()
	return m.sendAll(all)
}

// Another raises a second alert of the same host and service as the newest open
// one, for services that group; with nothing open, one of web-1.
func (m *Monitor) Another() error {
	a := Alert{Service: Web, Severity: "error", Details: m.details("web-1.shop.example", "load", "/status", 97)}
	m.mu.Lock()
	if n := len(m.open); n > 0 {
		newest := m.alerts[m.open[n-1].Key]
		a.Service = newest.Service
		a.Details["host"] = newest.Details["host"]
	}
	m.mu.Unlock()
	a.Title = fmt.Sprintf("Load of %v is high: 97", a.Details["host"])
	a.Key = m.key("another")
	return m.sendAll([]Alert{a})
}

// Stray raises an alert that no scenario is meant to fit.
func (m *Monitor) Stray() error {
	return m.sendAll([]Alert{{
		Service: Web, Title: "Unusual number of logins in the back office", Severity: "warning", Key: m.key("stray"),
		Details: m.details("office-1.shop.example", "logins", "/status", 412),
	}})
}

// Hostile raises an alert whose every text tries to be more than text: Slack
// mentions and markup, HTML, shell, control bytes, a direction change, bytes
// that are no UTF-8, and a very long title.
func (m *Monitor) Hostile() error {
	text := "<!channel> <@U00000001> *bold* _it_ `code` ```block``` <https://evil.example|click> &amp; " +
		"$(reboot) `reboot` ; rm -rf / | tee /etc/passwd && 'x' \"y\" \\ -oProxyCommand=reboot ${{ secrets.token }} " +
		"<script>alert(1)</script> \x00\x07\x1b[31m\u202egnp.exe\u200b\u2066 \xff\xfe\r\n"
	d := m.details("-oProxyCommand=$(reboot);`reboot`\n<!channel>", "health", "/healthz", -1)
	d["<!here> key"] = text
	d["url"] = "http://169.254.169.254/latest/meta-data/?" + text
	return m.sendAll([]Alert{{
		Service: Web, Title: "Health check of " + text + " failed: " + strings.Repeat("very long ", 1000),
		Severity: "critical", Key: m.key("hostile"), Details: d,
	}})
}

// Storm raises n alerts of n different hosts at once.
func (m *Monitor) Storm(n int) error {
	var all []Alert
	for k := range n {
		host := fmt.Sprintf("web-%d.shop.example", 100+k)
		all = append(all, Alert{
			Service: Web, Title: fmt.Sprintf("Health check of web-%d failed: status 500", 100+k), Severity: "critical",
			Key: m.key("storm"), Details: m.details(host, "health", "/healthz", 500),
		})
	}
	return m.sendAll(all)
}

func (m *Monitor) key(kind string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made++
	return fmt.Sprintf("%s-%d", kind, m.made)
}

func (m *Monitor) sendAll(all []Alert) error {
	var errs []error
	for _, a := range all {
		_, err := m.Send(a)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
