package main_test

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	cdp "github.com/chromedp/chromedp"

	"amsbot/bot/sim"
	"amsbot/bot/sim/slack"
)

var gallery = flag.Bool("gallery", false, "make the pictures of the cards in the README anew; needs Chromium")

// Where the states of the card are, as Slack gets them, and their pictures.
const (
	stateFiles   = "../../bot/slack/testdata/golden/states/"
	statePicture = "readme/cards/"
)

// galleryWidths are the two widths in which every state is shown: beside the pager
// on a desk, and on a phone.
var galleryWidths = map[string]int64{"": 1440, "narrow-": 390}

// galleryStates are all states of the card in English.
func galleryStates(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob(stateFiles + "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	if len(names) < 20 {
		t.Fatalf("only %d states", len(names))
	}
	return names
}

// The README shows every state of the card in both widths. With -gallery the
// pictures are made first: the demo's own page draws what Slack would get.
func TestGalleryShowsEveryState(t *testing.T) {
	names := galleryStates(t)
	if *gallery {
		makeGallery(t, names)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for prefix := range galleryWidths {
			file := statePicture + prefix + name + ".png"
			switch info, err := os.Stat(file); {
			case err != nil:
				t.Errorf("%v; go test ./cmd/amsbot -run Gallery -gallery makes it", err)
			case info.Size() > 60_000:
				t.Errorf("%s has %d bytes, which is too much for a page", file, info.Size())
			}
			if !strings.Contains(string(readme), "cmd/amsbot/"+file) {
				t.Errorf("the README does not show %s", file)
			}
		}
	}
}

// makeGallery posts every state to a pretended Slack and takes its picture.
func makeGallery(t *testing.T, names []string) {
	t.Helper()
	o := sim.Shop()
	o.NoPatient, o.Slack.NoLimits = true, true
	address := serve(t, sim.New(o))
	at := map[string]string{}
	for _, name := range names {
		at[name] = postState(t, address, name, o.Slack.Channels[0].ID)
	}
	if err := os.MkdirAll(statePicture, 0o755); err != nil {
		t.Fatal(err)
	}
	b := browse(t, address)
	if _, err := cdp.Call(b.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Vienna"}); err != nil {
		t.Fatal(err)
	}
	if _, err := cdp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: thatDay}); err != nil {
		t.Fatal(err)
	}
	for prefix, width := range galleryWidths {
		b.size(width, 2000)
		b.do(cdp.Navigate(address), cdp.WaitVisible(cdp.CSS("html[data-ready]")))
		if prefix != "" {
			b.click(`[data-tab="slack"]`)
		}
		for _, name := range names {
			b.card(at[name], filepath.Join(statePicture, prefix+name+".png"))
		}
	}
}

// thatDay is the day of the cards' incidents, whenever the pictures are made.
const thatDay = `(D => {
	const ahead = D.now() - D.parse("2026-11-22T11:00:00Z");
	window.Date = class extends D { constructor(...a) { a.length ? super(...a) : super(D.now() - ahead); } static now() { return D.now() - ahead; } };
})(Date)`

// serve keeps a pretended world on loopback until the test ends.
func serve(t *testing.T, s *sim.Sim) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

// postState posts a state as the bot would, and returns the message's ts.
func postState(t *testing.T, address, name, channel string) string {
	t.Helper()
	data, err := os.ReadFile(stateFiles + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Text        string
		Attachments json.RawMessage
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	answer, err := http.PostForm(address+"/slack/api/chat.postMessage", url.Values{
		"token": {slack.Defaults().BotToken}, "channel": {channel}, "text": {m.Text}, "attachments": {string(m.Attachments)},
		"unfurl_links": {"false"}, "unfurl_media": {"false"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var said struct {
		OK        bool
		TS, Error string
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || !said.OK {
		t.Fatalf("%s: %v %+v", name, err, said)
	}
	return said.TS
}

// onlyTheCard leaves out of a message what is not the same the next time.
const onlyTheCard = `(m => {
	m.scrollIntoView({block: "start", behavior: "instant"});
	m.querySelectorAll(".sl-time").forEach(n => { n.textContent = "10:30"; });
	m.querySelectorAll(".sl-reply").forEach(n => { n.style.display = "none"; });
	return true;
})(document.querySelector(%q))`

// card takes the picture of one message.
func (b *browser) card(ts, file string) {
	b.t.Helper()
	selector := fmt.Sprintf(`[data-message=%q]`, ts)
	b.visible(selector)
	b.until(fmt.Sprintf(onlyTheCard, selector))
	shot, err := cdp.Run(b.ctx, cdp.Screenshot(cdp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("%s: %v", file, err)
	}
	whole, err := png.Decode(strings.NewReader(string(shot)))
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := os.Create(file)
	if err != nil {
		b.t.Fatal(err)
	}
	small := png.Encoder{CompressionLevel: png.BestCompression}
	if err := cmp.Or(small.Encode(out, paletted(whole)), out.Close()); err != nil {
		b.t.Fatal(err)
	}
}

// paletted is a picture in 16 colours: those that it has most of, and that are not
// nearly the same. A page is made of few.
func paletted(whole image.Image) *image.Paletted {
	count := map[color.RGBA]int{}
	box := whole.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(whole.At(x, y)).(color.RGBA) }
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	var few color.Palette
	for _, c := range all {
		if len(few) < 16 && !slices.ContainsFunc(few, func(f color.Color) bool { return near(c, f.(color.RGBA)) }) {
			few = append(few, c)
		}
	}
	out := image.NewPaletted(box, few)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			out.Set(x, y, at(x, y))
		}
	}
	return out
}

// near says whether two colours are hardly told apart: two light ones are, there the
// page's shades lie; two greys are not, they are the edges of letters.
func near(a, b color.RGBA) bool {
	apart := 0
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
		apart += max(d, -d)
	}
	grey := func(c color.RGBA) bool { return max(c.R, c.G, c.B)-min(c.R, c.G, c.B) < 24 }
	switch {
	case a.R > 235 && b.R > 235:
		return apart < 6
	case grey(a) && grey(b):
		return apart < 110
	}
	return apart < 60
}
