package sim

import (
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestPageIsServed(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		err := fs.WalkDir(pageFiles, "page", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			at := "/" + path.Base(name)
			if at == "/index.html" {
				at = "/"
			}
			resp, err := w.client.Get(worldAt + at)
			if err != nil {
				return err
			}
			resp.Body.Close()
			csp := resp.Header.Get("Content-Security-Policy")
			if resp.StatusCode != http.StatusOK || csp != policy || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d, policy %q", at, resp.StatusCode, csp)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := w.call("POST", "/", "{}"); status != http.StatusMethodNotAllowed {
			t.Errorf("POST /: %d", status)
		}
		if status, _ := w.call("GET", "/nothing.js", ""); status != http.StatusNotFound {
			t.Errorf("a file that is not there: %d", status)
		}
	})
}

// TestPolicy holds that nothing inline and nothing from elsewhere runs.
func TestPolicy(t *testing.T) {
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %q", want)
		}
	}
	for _, never := range []string{"unsafe", "*", "http", "data:"} {
		if strings.Contains(policy, never) {
			t.Errorf("the policy allows %q", never)
		}
	}
}

// TestPageFilesAreClean looks for what would reach elsewhere, or could turn
// data into code, in the page's own sources.
func TestPageFilesAreClean(t *testing.T) {
	never := map[string]*regexp.Regexp{
		"an address elsewhere":     regexp.MustCompile(`(?i)(src|href|url|import|fetch)[\s(="']+(https?:)?//`),
		"markup made from data":    regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc`),
		"code made from data":      regexp.MustCompile(`\beval\(|new Function|setTimeout\(\s*["'` + "`" + `]`),
		"inline script":            regexp.MustCompile(`<script>|<script [^>]*>[^<]|\son[a-z]+="`),
		"inline style":             regexp.MustCompile(`<style|\sstyle="`),
		"an import of style sheet": regexp.MustCompile(`@import`),
	}
	for what, pattern := range never {
		err := fs.WalkDir(pageFiles, "page", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(pageFiles, name)
			if found := pattern.Find(text); found != nil {
				t.Errorf("%s: %s: %q", name, what, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
