package slack

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func (w *world) upload(channel, thread string) (*slack.FileSummary, error) {
	content := "<script>alert(1)</script>\n"
	return w.api.UploadFile(slack.UploadFileParameters{
		Filename: "out.html", FileSize: len(content), Reader: strings.NewReader(content), Title: "Output",
		Channel: channel, ThreadTimestamp: thread, InitialComment: "see <!here>",
	})
}

func TestFilesAreSharedLater(t *testing.T) {
	o := Defaults()
	o.Scopes = append(o.Scopes, "files:read")
	run(t, o, func(w *world) {
		root := w.card(ops)
		f, err := w.upload(ops, root)
		w.ok(err)
		if len(w.Messages(ops)) != 1 {
			w.Error("shared at once")
		}
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionBlocks(slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: f.ID}, "alt", "", nil)))
		w.want(err, "invalid_blocks")
		time.Sleep(shareAfter)
		time.Sleep(time.Second)
		m := w.Messages(ops)
		if len(m) != 2 || m[1].ThreadTS != root || len(m[1].Files) != 1 || m[1].Files[0].Title != "Output" || m[0].Replies != 1 {
			w.Fatalf("messages %+v", m)
		}
		info, _, _, err := w.api.GetFileInfo(f.ID, 1, 1)
		w.ok(err)
		if len(info.Shares.Public[ops]) != 1 || info.Size != 26 {
			w.Errorf("info %+v", info)
		}
		resp, err := w.http.Get("http://slack.test" + m[1].Files[0].URL)
		w.ok(err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		w.ok(err)
		if !strings.Contains(string(body), "<script>") || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") ||
			resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			w.Errorf("a page that could run: %v", resp.Header)
		}
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionBlocks(slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: f.ID}, "alt", "", nil)))
		w.ok(err)
	})
}

func TestFilesNeedMembership(t *testing.T) {
	run(t, Options{}, func(w *world) {
		if _, err := w.upload(other, ""); err == nil || !strings.HasSuffix(err.Error(), "not_in_channel") {
			w.Errorf("upload: %v", err)
		}
		_, _, _, err := w.api.JoinConversation(other)
		w.ok(err)
		_, err = w.upload(other, "")
		w.ok(err)
		time.Sleep(2 * shareAfter)
		if len(w.Messages(other)) != 1 {
			w.Error("not shared")
		}
	})
}

func TestSharesCanBeLost(t *testing.T) {
	run(t, Options{}, func(w *world) {
		w.Fault(Fault{Method: "files.share", Cut: true})
		for range 2 {
			_, err := w.upload(ops, "")
			w.ok(err)
			time.Sleep(2 * shareAfter)
		}
		_, err := w.upload(ops, "1.000001") // no such thread
		w.ok(err)
		time.Sleep(2 * shareAfter)
		if n := len(w.Messages(ops)); n != 1 {
			w.Errorf("%d shared", n)
		}
	})
}

func TestUploadsAreChecked(t *testing.T) {
	run(t, Options{}, func(w *world) {
		u, err := w.api.GetUploadURLExternalContext(w.Context(), slack.GetUploadURLExternalParameters{FileName: "a.txt", FileSize: 5})
		w.ok(err)
		complete := func() error {
			_, err := w.api.CompleteUploadExternalContext(w.Context(), slack.CompleteUploadExternalParameters{
				Files: []slack.FileSummary{{ID: u.FileID}}, Channel: ops,
			})
			return err
		}
		w.want(complete(), "file_not_found")
		for _, c := range []struct {
			body string
			want int
		}{{"four", http.StatusBadRequest}, {"five!", http.StatusOK}, {"five!", http.StatusNotFound}} {
			resp, err := w.http.Post(u.UploadURL, "application/octet-stream", strings.NewReader(c.body))
			w.ok(err)
			_ = resp.Body.Close()
			if resp.StatusCode != c.want {
				w.Errorf("upload of %q: %d", c.body, resp.StatusCode)
			}
		}
		w.ok(complete())
	})
}
