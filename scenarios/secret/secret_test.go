package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
)

const value = "hunter2/+\"<&é secret"

// TestTextShowsNothing prints a secret in every way that Go has.
func TestTextShowsNothing(t *testing.T) {
	type config struct {
		Name  string
		Token Text
		inner Text
		List  []Text
		Map   map[string]Text
		Ptr   *Text
	}
	s := New(value)
	c := config{"n", s, s, []Text{s}, map[string]Text{"k": s}, &s}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%e", "%!", "%10.3s"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c))
	}
	for _, v := range []any{s, &s, c, &c} {
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		y, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, string(j), string(y), fmt.Sprint(v), fmt.Sprintln(v))
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("m", "s", s, "p", &s, "c", c, "e", fmt.Errorf("x: %v", s))
	}
	shown = append(shown, log.String())
	for _, text := range shown {
		for _, leak := range []string{"hunter", "2/+", hex.EncodeToString([]byte("hunter"))} {
			if strings.Contains(strings.ToLower(text), leak) {
				t.Errorf("%q leaks", text)
			}
		}
	}
	if fmt.Sprint(s) != Redacted || s.Reveal() != value || s.Empty() || !(Text{}).Empty() || c.inner.Reveal() != value {
		t.Error("the secret itself is not kept")
	}
}

func TestMask(t *testing.T) {
	m := &Masker{}
	m.Add(value)
	for _, form := range []string{
		value, url.QueryEscape(value), url.PathEscape(value), hex.EncodeToString([]byte(value)),
		base64.StdEncoding.EncodeToString([]byte(value)), base64.URLEncoding.EncodeToString([]byte(value)),
		base64.StdEncoding.EncodeToString([]byte("u:" + value)), base64.StdEncoding.EncodeToString([]byte("us:" + value + "!")),
		`{"x":` + string(jsonOf(value)) + `}`,
		// As PHP, Python and JavaScript write it.
		`"hunter2\/+\"<&\u00e9 secret"`, `"hunter2/+\"<&\u00e9 secret"`, "hunter2/%2B%22%3C%26%C3%A9%20secret", "hunter2%2F%2B%22%3C%26%C3%A9%20secret",
		"hunter2%2f%2b%22%3c%26%c3%a9+secret", "hunter2/+&quot;&lt;&amp;é secret", "hunter2/+&#34;&lt;&amp;é secret",
	} {
		got := m.Mask("before " + form + " after")
		if !strings.Contains(got, Redacted) || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%q became %q", form, got)
		}
		if strings.Contains(got, "hunter") || strings.Contains(got, form) {
			t.Errorf("%q became %q", form, got)
		}
	}
	if got := m.Mask("nothing to hide"); got != "nothing to hide" {
		t.Errorf("%q", got)
	}
	if got := string(m.MaskBytes([]byte("a" + value + value + "b"))); got != "a"+Redacted+"b" {
		t.Errorf("%q", got)
	}
}

func jsonOf(s string) []byte { b, _ := json.Marshal(s); return b }

func TestMaskOverlapping(t *testing.T) {
	m := &Masker{}
	m.Add("abcdefgh", "efghijkl", "aaaa")
	for text, want := range map[string]string{
		"xabcdefghijkly": "x" + Redacted + "y", "aaaaaaa": Redacted, "abcdefgh": Redacted, "abcdefg": "abcdefg",
	} {
		if got := m.Mask(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestMaskLinesOfAKey(t *testing.T) {
	key := "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nshort\n-----END KEY-----\n"
	m := &Masker{}
	m.Add(key)
	for text, want := range map[string]string{
		"got MIIEvQIBADANBgkqhkiG9w0BAQEFAASC!": "got " + Redacted + "!",
		"a short line":                          "a short line", "-----BEGIN KEY-----": "-----BEGIN KEY-----",
		"x" + strings.TrimSpace(key) + "y": "x" + Redacted + "y",
	} {
		if got := m.Mask(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestMaskCut: wherever a text is cut off, no piece of the secret is left.
func TestMaskCut(t *testing.T) {
	m := &Masker{}
	m.Add("0123456789")
	for n := range 11 {
		if got := m.MaskCut("head "+"0123456789"[:n], false, true); strings.Contains(got, "0") {
			t.Errorf("cut after %d: %q", n, got)
		}
		if got := m.MaskCut("0123456789"[n:]+" tail", true, false); strings.Contains(got, "9") {
			t.Errorf("cut before %d: %q", n, got)
		}
	}
}

// TestMaskCutOfAWhole: of a whole secret at the cut, whose end begins like the
// secret itself, nothing is left either.
func TestMaskCutOfAWhole(t *testing.T) {
	m := &Masker{}
	m.Add("abcab")
	for text, want := range map[string]string{"x abcab": "x ", "x abcabc": "x ", "x abca": "x ", "abcab abc": Redacted + " "} {
		if got := m.MaskCut(text, false, true); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := m.MaskCut("abcab x", true, false); got != " x" {
		t.Errorf("%q", got)
	}
}

func TestMaskerIgnoresWhatIsTooShort(t *testing.T) {
	m := &Masker{}
	m.Add("", "a", "abc", "   ")
	if got := m.Mask("a b c abc"); got != "a b c abc" {
		t.Errorf("%q", got)
	}
	var none *Masker
	none.Add("whatever")
	if got := none.Mask("whatever"); got != "whatever" {
		t.Errorf("%q", got)
	}
}

func TestMaskerFromManyGoroutines(t *testing.T) {
	m := &Masker{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			v := fmt.Sprintf("secret-%d-value", i)
			for range 20 {
				m.Add(v)
				if got := m.Mask("x" + v); got != "x"+Redacted {
					t.Errorf("%q", got)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzMask(f *testing.F) {
	f.Add("secret-value", "the secret-value is", 7)
	f.Add("\xff\xfe\xfd\xfc", "a\xff\xfe\xfd\xfcb", 3)
	f.Add("aaaa", "aaaaaaaa", 5)
	f.Fuzz(func(t *testing.T, value, text string, cut int) {
		m := &Masker{}
		m.Add(value)
		got := m.Mask(text + value)
		if len(value) >= Shortest && !strings.Contains(Redacted, value) {
			// What was masked may join with what stands around it.
			for _, piece := range strings.Split(got, Redacted) {
				if strings.Contains(piece, value) {
					t.Fatalf("%q in %q", value, got)
				}
			}
		}
		if cut >= 0 && cut <= len(text) {
			m.MaskCut(text[:cut], false, true)
			m.MaskCut(text[cut:], true, false)
		}
	})
}
