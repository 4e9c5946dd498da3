package pagerduty

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	simpd "amsbot/bot/sim/pagerduty"
	"amsbot/scenarios/secret"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name    string
		options func(*Options)
		fault   *simpd.Fault
		err     string // part of it; "" for none
		hint    string // part of it; "" for no setup error
	}{
		{"good", nil, nil, "", ""},
		{"wrong token", func(o *Options) { o.Token = secret.New("hunter2") }, nil, "code 2006", "PAGERDUTY_TOKEN"},
		{"no such user", func(o *Options) { o.User = "PNOBODY" }, nil, "read user PNOBODY", "pagerduty.user"},
		{"another's address", func(o *Options) { o.From = annMail }, nil, "login address is not " + annMail, "pagerduty.from"},
		{"may not respond", func(o *Options) { o.User, o.From = eve, "eve@shop.example" }, nil, "read_only_user", "role"},
		{"wrong address", func(o *Options) { o.APIURL = "http://" + address + "/v1" }, nil, "status 404", "pagerduty.api_url"},
		{"nobody there, which may pass", func(o *Options) { o.APIURL = "http://nobody.example" }, nil, "connection refused", ""},
		{"no permission", nil, &simpd.Fault{Kind: simpd.FaultStatus, Status: 403}, "status 403", "PAGERDUTY_TOKEN"},
		{"a fault that passes", nil, &simpd.Fault{Kind: simpd.FaultStatus, Status: 500}, "status 500", ""},
		{"a limit", nil, &simpd.Fault{Kind: simpd.FaultLimit}, "code 2020", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				if c.fault != nil {
					w.Fault(*c.fault)
				}
				transport := &http.Transport{DialContext: w.net.DialContext}
				defer transport.CloseIdleConnections()
				err := newClient(t, &http.Client{Transport: transport}, c.options).Check(t.Context())
				if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				var set *SetupError
				if errors.As(err, &set) != (c.hint != "") || set != nil && !strings.Contains(set.Hint(), c.hint) {
					t.Errorf("setup error %+v, want hint %q", set, c.hint)
				}
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error tells the token: %v", err)
				}
				for _, call := range w.Calls() {
					if call.Path == "/users/me" {
						t.Error("an account key has no /users/me")
					}
				}
			})
		})
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	good := Options{Token: secret.New("hunter2"), User: self, From: selfMail}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Options){
		"no token":    func(o *Options) { o.Token = secret.Text{} },
		"empty token": func(o *Options) { o.Token = secret.New("") },
		"api_url":     func(o *Options) { o.APIURL = "api.pagerduty.com" },
		"api_url ":    func(o *Options) { o.APIURL = "ftp://api.pagerduty.com" },
		"user":        func(o *Options) { o.User = "amsbot" },
		"no user":     func(o *Options) { o.User = "" },
		"from":        func(o *Options) { o.From = "amsbot" },
		"from ":       func(o *Options) { o.From = "a@b\r\nX: y" },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheTokenIsNotPrinted(t *testing.T) {
	o := Options{Token: secret.New("hunter2"), User: self, From: selfMail}
	if got := fmt.Sprintf("%v %+v %#v", o, o, o); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
}
