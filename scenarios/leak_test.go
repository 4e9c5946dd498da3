package scenarios

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSecretsInNumbers: a secret that is a number is masked where JSON and
// performance data make one of it, too.
func TestSecretsInNumbers(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"pin": 48291377, "n": 4829}`) }))
	defer s.Close()
	pin := Options{Secrets: func(string) (string, error) { return "48291377", nil }}
	load := func(step string) *Step {
		return loadOne(t, head+"secrets: {pin: \"env:PIN\"}\ncheck:\n  - {name: c, "+step+"}\n", pin).Check[0]
	}
	o := load("http: \""+s.URL+"\"").Do(t.Context(), Facts{}, Tools{})
	if got := fmt.Sprint(o.Fields["json"]); got != "map[n:4829 pin:[redacted]]" || strings.Contains(string(o.Output), "48291377") {
		t.Errorf("%s, %s", got, o.Output)
	}
	o = load("nagios: [/bin/sh, -c, \"echo 'OK|pin=48291377'\"]").Do(t.Context(), Facts{}, Tools{})
	if got := fmt.Sprint(o.Fields); strings.Contains(got, "4829") || strings.Contains(got, "e+07") {
		t.Errorf("%s", got)
	}
}

// TestSecretHalfRead: reading that ends in the middle of a secret keeps nothing
// of it.
func TestSecretHalfRead(t *testing.T) {
	more := make(chan struct{})
	defer close(more)
	address := serve(t, func(c net.Conn) {
		fmt.Fprint(c, "OK s3cr3t-val")
		select {
		case <-more:
		case <-t.Context().Done():
		}
		_, _ = io.Copy(io.Discard, c)
	})
	o := do(t, "    tcp: {address: \""+address+"\", send: \"${{ secrets.token }}\", expect: OK}\n", "secrets: {token: \"env:T\"}\n", Facts{}, Tools{})
	if o.Verdict != OK || strings.Contains(fmt.Sprint(o.Fields["received"], o.Line, string(o.Output)), "s3c") {
		t.Errorf("%s, %v", o.Verdict, o.Fields)
	}
}
