package scenarios

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"amsbot/scenarios/secret"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext\n":                   "plain\ttext\n",
		"a\r\nb\rc":                       "a\nb\nc",
		"\x1b[1;31mred\x1b[0m":            "red",
		"\x1b]0;title\x07after":           "after",
		"\x1b]8;;http://x\x1b\\link":      "link",
		"\x1bPdcs\x1b\\x\x1bcy":           "xy",
		"cut \x1b[31":                     "cut ",
		"\x9b31mC1":                       "\ufffd31mC1",
		"nul\x00bell\x07back\x08":         "nulbellback",
		"rtl\u202eabc\u2066d\u200b\ufeff": "rtlabcd",
		"soft\u00adhyphen\u2060":          "softhyphen",
		"\U000e0041tag":                   "tag",
		"bad\xff\xfeutf":                  "bad\ufffdutf",
		"line\u2028sep":                   "line\nsep",
		"日本語 é 🙂":                         "日本語 é 🙂",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mb\x00\xff\r\u202e")
	f.Add("\x1b]0;\x1b\x1b[")
	f.Fuzz(func(t *testing.T, in string) {
		out := clean(in)
		if !utf8.ValidString(out) || strings.ContainsFunc(out, func(r rune) bool {
			return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
		}) {
			t.Fatalf("%q became %q", in, out)
		}
		if again := clean(out); again != out {
			t.Fatalf("%q became %q, then %q", in, out, again)
		}
	})
}

// TestCaptureKeepsBothEnds holds the capture against the whole text, however
// it was written.
func TestCaptureKeepsBothEnds(t *testing.T) {
	var whole strings.Builder
	for i := range 20000 {
		whole.WriteString("line " + textual(i) + "\n")
	}
	text := whole.String()
	for _, size := range []int{100, headSize, headSize + 1, headSize + tailSize, headSize + tailSize + 1, len(text)} {
		for _, chunk := range []int{1, 7, 4096, 1 << 20} {
			var c capture
			for rest := text[:size]; rest != ""; {
				n := min(chunk, len(rest))
				if wrote, err := c.Write([]byte(rest[:n])); wrote != n || err != nil {
					t.Fatalf("wrote %d of %d: %v", wrote, n, err)
				}
				rest = rest[n:]
			}
			got := c.text(nil, false)
			if size <= headSize+tailSize {
				if got != text[:size] {
					t.Errorf("size %d, chunk %d: not the whole", size, chunk)
				}
				continue
			}
			if want := text[:headSize] + "\n[…]\n" + text[size-tailSize:size]; got != want {
				t.Errorf("size %d, chunk %d: %d bytes, want %d", size, chunk, len(got), len(want))
			}
		}
	}
}

// TestCaptureMasksAtTheGap: a secret that the gap has cut in two is gone on
// both sides, wherever the cut lies.
func TestCaptureMasksAtTheGap(t *testing.T) {
	own := &secret.Masker{}
	own.Add("0123456789")
	for at := range 11 {
		var c capture
		_, _ = c.Write([]byte(strings.Repeat("x", headSize-at) + "0123456789" + strings.Repeat("y", 3*tailSize) + "0123456789" + strings.Repeat("z", tailSize-at)))
		if got := c.text(masks{own}, false); strings.ContainsAny(got, "0123456789") {
			t.Errorf("cut at %d leaves %q", at, strings.Trim(got, "xyz"))
		}
	}
}

func TestOneLine(t *testing.T) {
	if got := oneLine(" a\n b\t c ", 10); got != "a b c" {
		t.Errorf("%q", got)
	}
	if got := oneLine(strings.Repeat("é", 400), maxLine); utf8.RuneCountInString(got) != maxLine || !strings.HasSuffix(got, "…") {
		t.Errorf("%d runes", utf8.RuneCountInString(got))
	}
	if got := lastLine("a\nb\n \n\n"); got != "b" {
		t.Errorf("%q", got)
	}
	if got := clipBytes("aé", 2); got != "a" {
		t.Errorf("%q", got)
	}
}
