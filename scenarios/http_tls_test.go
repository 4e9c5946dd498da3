package scenarios

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// secureSite serves HTTPS with a certificate and says who the client is.
func secureSite(t *testing.T, conf *tls.Config) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			who = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		fmt.Fprintf(w, "%s asks %s with %s", who, r.TLS.ServerName, r.Header.Get("Authorization"))
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = conf
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestHTTPTLSOptions(t *testing.T) {
	ca, other := newAuthority(t, "shop CA"), newAuthority(t, "other CA")
	good := secureSite(t, ca.issue(time.Hour, "web.shop.example").config())
	expired := secureSite(t, ca.issue(-time.Hour, "web.shop.example").config())
	old := ca.issue(time.Hour, "web.shop.example").config()
	old.MaxVersion = tls.VersionTLS12
	oldSite := secureSite(t, old)
	asking := ca.issue(time.Hour, "web.shop.example").config()
	asking.ClientAuth, asking.ClientCAs = tls.RequireAndVerifyClientCert, nil
	pool, err := authorities(ca.file)
	if err != nil {
		t.Fatal(err)
	}
	asking.ClientCAs = pool
	askingSite := secureSite(t, asking)
	client := ca.issue(time.Hour, "amsbot")
	cert, key := write(t, "client.pem", pemOf(client.chain...)), write(t, "client.key", client.keyPEM(t))
	stranger := write(t, "stranger.key", other.issue(time.Hour, "x").keyPEM(t))
	none := write(t, "none.pem", []byte("nothing here\n"))

	for _, c := range []struct {
		server, host, tls string
		verdict           Verdict
		why               string
	}{
		{good, "web.shop.example", "{ca: " + ca.file + "}", OK, "status 200"},
		{good, "web.shop.example", "{min: '1.3'}", Unknown, "certificate: signed by nobody whom amsbot knows"},
		{good, "web.shop.example", "{ca: " + other.file + "}", Unknown, "certificate: signed by nobody whom amsbot knows"},
		{good, "db.shop.example", "{ca: " + ca.file + "}", NG, "certificate: certificate is valid for web.shop.example, not db.shop.example"},
		{good, "db.shop.example", "{ca: " + ca.file + ", server_name: web.shop.example}", OK, "status 200"},
		{good, "db.shop.example", "{ca: " + ca.file + ", server_name: \"${{ vars.name }}\"}", OK, "status 200"},
		{good, "db.shop.example", "{verify: false}", OK, "status 200"},
		{expired, "web.shop.example", "{ca: " + ca.file + "}", NG, "certificate: "},
		{expired, "web.shop.example", "{verify: false}", OK, "status 200"},
		{oldSite, "web.shop.example", "{ca: " + ca.file + "}", OK, "status 200"},
		{oldSite, "web.shop.example", "{ca: " + ca.file + ", min: '1.3'}", NG, "protocol version"},
		{askingSite, "web.shop.example", "{ca: " + ca.file + "}", NG, "certificate required"},
		{askingSite, "web.shop.example", "{ca: " + ca.file + ", client_cert: " + cert + ", client_key: " + key + "}", OK, "status 200"},
		{askingSite, "web.shop.example", "{ca: " + ca.file + ", client_cert: " + cert + ", client_key: \"${{ secrets.key }}\"}", OK, "status 200"},
		{good, "web.shop.example", "{ca: " + ca.file + ", client_cert: " + cert + ", client_key: " + stranger + "}", Unknown, "client_cert and client_key are no pair"},
		{good, "web.shop.example", "{ca: /nowhere/ca.pem}", Unknown, "ca: stat /nowhere/ca.pem: no such file or directory"},
		{good, "web.shop.example", "{ca: /dev/zero}", Unknown, "ca: /dev/zero is no file of at most"},
		{good, "web.shop.example", "{ca: " + none + "}", Unknown, "holds no certificate"},
		{good, "web.shop.example", "{ca: " + ca.file + ", client_cert: " + cert + ", client_key: /nowhere/key}", Unknown, "client_key: stat /nowhere/key"},
	} {
		yaml := head + "vars: {name: web.shop.example}\nsecrets: {key: \"file:" + key + "\"}\ncheck:\n  - name: c\n    http: {url: https://" + c.host + "/, tls: " + c.tls + "}\n"
		o := loadOne(t, yaml, Options{}).Check[0].Do(t.Context(), Facts{}, towards(c.server))
		if o.Verdict != c.verdict || !strings.Contains(o.Why, c.why) {
			t.Errorf("%s %s: %s, %q; want %s, %q", c.host, c.tls, o.Verdict, o.Why, c.verdict, c.why)
		}
		if strings.Contains(c.tls, "client_key: ") && o.Verdict == OK && !strings.HasPrefix(o.Line, "amsbot asks") {
			t.Errorf("%s: %q", c.tls, o.Line)
		}
	}
}

// TestServerNameFromTheIncident: hosts decides about the name too.
func TestServerNameFromTheIncident(t *testing.T) {
	ca := newAuthority(t, "shop CA")
	server := secureSite(t, ca.issue(time.Hour, "web.shop.example", "web.evil.example").config())
	step := "    http: {url: https://lb.shop.example/, tls: {ca: " + ca.file + ", server_name: \"${{ alert.details.name }}\"}}\n"
	for name, want := range map[string]Verdict{"web.shop.example": OK, "web.evil.example": Unknown, "": Unknown, "127.0.0.1": Unknown} {
		f := Facts{Incident: Incident{Alerts: open(map[string]any{"name": name})}}
		if o := do(t, step, "hosts: [\"*.shop.example\"]\n", f, towards(server)); o.Verdict != want {
			t.Errorf("%q: %s, %q", name, o.Verdict, o.Why)
		}
	}
}
