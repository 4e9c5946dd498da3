package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"amsbot/cmd/amsbot/app"
	"amsbot/cmd/amsbot/doctor"
)

var update = flag.Bool("update", false, "write the golden files anew")

// subscribes lets the world's PagerDuty send webhooks to amsbot: it picks a port,
// writes it into amsbot.yaml, and puts the subscription's secret into the
// environment.
func subscribes(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", ownLoopback()+":0")
	ts.Check(err)
	address := l.Addr().String()
	ts.Check(l.Close())
	config := ts.ReadFile("amsbot.yaml")
	if !strings.Contains(config, "listen: 127.0.0.1:0") {
		ts.Fatalf("amsbot.yaml listens elsewhere:\n%s", config)
	}
	ts.Check(os.WriteFile(ts.MkAbs("amsbot.yaml"), []byte(strings.Replace(config, "listen: 127.0.0.1:0", "listen: "+address, 1)), 0o644))
	body := `{"webhook_subscription":{"type":"webhook_subscription","filter":{"type":"account_reference"},"events":[
		"incident.triggered","incident.acknowledged","incident.unacknowledged","incident.escalated","incident.reassigned",
		"incident.delegated","incident.resolved","incident.reopened"],
		"delivery_method":{"type":"http_delivery_method","url":"http://` + address + `/pagerduty/webhook"}}}`
	request, err := http.NewRequest(http.MethodPost, "http://"+ts.Getenv("ADDRESS")+"/pagerduty/webhook_subscriptions", strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Authorization", "Token token="+ts.Getenv(app.EnvPagerDuty))
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer answer.Body.Close()
	var made struct {
		Sub struct {
			Delivery struct{ Secret string } `json:"delivery_method"`
		} `json:"webhook_subscription"`
	}
	ts.Check(json.NewDecoder(answer.Body).Decode(&made))
	if made.Sub.Delivery.Secret == "" {
		ts.Fatalf("subscribe: %s", answer.Status)
	}
	ts.Setenv(app.EnvWebhook, made.Sub.Delivery.Secret)
}

// What was found is printed in 80 columns, with colours and without, whatever the
// neighbours said.
func TestFindingsArePrinted(t *testing.T) {
	all := []doctor.Finding{
		{Group: "Configuration", What: "amsbot.yaml", State: doctor.OK, Why: "every key is known"},
		{Group: "Slack", What: "bot token", State: doctor.OK, Why: "amsbot is U0AMSBOT01 in the workspace \x1b[31mShop\u202e"},
		{Group: "Slack", What: "scope users:read.email", State: doctor.NG,
			Why:  "it is missing; with it amsbot finds people's PagerDuty users, by their address",
			Next: "add it on the app's page OAuth & Permissions and install the app again; amsbot manifest has all"},
		{Group: "PagerDuty", What: "webhook secret", State: doctor.Unknown, Why: "it is not tested", Next: "amsbot doctor --send-test has PagerDuty send a test event", Unasked: true},
		{Group: "Scenarios", What: "shop/project.yaml:4", State: doctor.OK, Why: "no scenario covers the service shop-mail",
			Next: "every incident of it is handed over; write a scenario for it, or take it out"},
	}
	for name, colour := range map[string]bool{"testdata/doctor.golden": false, "testdata/doctor-colour.golden": true} {
		var out bytes.Buffer
		p := &printer{out: &out, mask: app.EnvironmentMask(func(string) string { return "" })}
		printFindings(p, all, colour)
		if *update {
			if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || p.err != nil || out.String() != string(want) {
			t.Errorf("it is not %s (%v, %v):\n%s", name, err, p.err, out.String())
		}
		if colour {
			continue
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if utf8.RuneCountInString(line) > columns || strings.ContainsAny(line, "\x1b\u202e") {
				t.Errorf("a line of it is %q", line)
			}
		}
	}
	if doctor.Well(all) || !doctor.Well(all[3:]) || !doctor.Well(all[:2]) {
		t.Error("well is not what it should be")
	}
}
