package sim

import (
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// policy is the page's Content-Security-Policy: everything from here, nothing
// inline, nothing from elsewhere, and nobody may frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard lets the page and the control API be used only by who came for them:
// tools, and browsers that show this very page. There is no password on a
// loopback demo, so it is the browser's own words that are checked. A page
// elsewhere that reaches us has a foreign Origin; one whose name was rebound to
// our address has a foreign Host.
func guard(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		switch {
		case !ours(r, hosts):
			refuse(w, http.StatusForbidden, "this simulator is not reached under the name "+r.Host)
		case foreign(r):
			refuse(w, http.StatusForbidden, "another site must not use this simulator")
		case r.Method == http.MethodPost && !isJSON(r):
			refuse(w, http.StatusUnsupportedMediaType, "the body has to be application/json")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ours says whether the Host is a loopback name, the address that the
// connection came in on, or one of the names that were given.
func ours(r *http.Request, hosts []string) bool {
	host := hostname(r.Host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(hosts, host) {
		return true
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && host != "" && hostname(local.String()) == host
}

// hostname takes the port and the brackets off.
func hostname(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// foreign says whether a browser asks on behalf of another site's page. The
// page itself may be opened from anywhere, by following a link.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		if r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate" || strings.HasPrefix(r.URL.Path, "/control/") {
			return true
		}
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// browses says whether a browser asks.
func browses(r *http.Request) bool {
	for _, h := range []string{"Origin", "Referer", "Sec-Fetch-Mode"} {
		if r.Header.Get(h) != "" {
			return true
		}
	}
	return strings.HasPrefix(r.UserAgent(), "Mozilla/")
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
