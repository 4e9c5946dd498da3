package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// shareAfter is how long Slack takes to show a file that was completed.
const shareAfter = time.Second

// file is an uploaded file on its way: announced, uploaded, completed, shown.
type file struct {
	File
	content  []byte
	uploaded bool
	shown    bool
	shares   []map[string]string // channel, ts
}

func uploadURL(s *Server, q *request) (reply, *problem) {
	length, err := strconv.Atoi(q.args["length"])
	switch {
	case q.args["filename"] == "":
		return badArgument("missing required field: filename [json-pointer:/filename]")
	case err != nil || length < 1:
		return badArgument("must be greater than 0 [json-pointer:/length]")
	case utf8.RuneCountInString(q.args["alt_txt"]) > 1000:
		return badArgument("must be less than 1001 characters [json-pointer:/alt_txt]")
	}
	name := path.Base(q.args["filename"])
	f := &file{File: File{ID: s.id("F"), Name: name, Title: name, Size: length}}
	f.Mimetype = mime.TypeByExtension(path.Ext(name))
	if f.Mimetype == "" {
		f.Mimetype = "text/plain"
	}
	f.Mimetype, _, _ = strings.Cut(f.Mimetype, ";")
	f.URL = "/files/" + f.ID + "/" + name
	s.files[f.ID] = f
	return reply{"upload_url": q.base + "/upload/" + f.ID, "file_id": f.ID}, nil
}

// serveUpload takes a file's bytes, as a form field or as the whole body.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	call := Call{At: time.Now().UTC(), Method: "upload", Args: map[string]string{"id": r.PathValue("id")}}
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	call.Token = s.tokenKind(bearer)
	fault := s.nextFault("upload")
	if fault != nil && !s.before(w, r, fault, call) {
		return
	}
	content, err := uploaded(r)
	status := http.StatusOK
	s.do(func() {
		f := s.files[r.PathValue("id")]
		switch {
		case f == nil || f.uploaded:
			status = http.StatusNotFound
		case err != nil || len(content) != f.Size:
			status = http.StatusBadRequest
		default:
			f.content, f.uploaded = content, true
			if strings.HasPrefix(f.Mimetype, "text/") && utf8.Valid(content) {
				f.Preview = string([]rune(string(content))[:min(1000, utf8.RuneCount(content))])
			}
		}
	})
	call.Status, call.OK, call.Faulted = status, status == http.StatusOK, fault != nil
	if fault != nil && fault.CutAfter {
		call.Lost, call.Status = true, 0
		s.record(call)
		panic(http.ErrAbortHandler)
	}
	s.record(call)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if call.OK {
		_, _ = fmt.Fprintf(w, "OK - %d", len(content))
	}
}

func uploaded(r *http.Request) ([]byte, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return io.ReadAll(r.Body)
	}
	part, _, err := r.FormFile("file")
	if err != nil {
		return nil, fmt.Errorf("slack: read upload: %w", err)
	}
	defer part.Close()
	return io.ReadAll(part)
}

func completeUpload(s *Server, q *request) (reply, *problem) {
	var list []struct{ ID, Title string }
	if json.Unmarshal([]byte(q.args["files"]), &list) != nil || len(list) == 0 {
		return badArgument("missing required field: files [json-pointer:/files]")
	}
	for _, x := range list {
		if f := s.files[x.ID]; f == nil || !f.uploaded {
			return fail("file_not_found")
		}
	}
	var c *channel
	if id := q.args["channel_id"]; id != "" {
		c = s.channel(id)
		switch {
		case c == nil || c.ID != id || !c.visible(s.opt.Bot.ID):
			return fail("channel_not_found")
		case !c.has(s.opt.Bot.ID):
			return fail("not_in_channel")
		}
	}
	m := Message{User: s.opt.Bot.ID, BotID: s.opt.BotID, Text: tidy(q.args["initial_comment"]), ThreadTS: q.args["thread_ts"]}
	done := []any{}
	for _, x := range list {
		f := s.files[x.ID]
		if x.Title != "" {
			f.Title = x.Title
		}
		m.Files = append(m.Files, f.File)
		done = append(done, map[string]any{"id": f.ID, "title": f.Title})
	}
	s.after(shareAfter, func() { s.share(c, m) })
	return reply{"files": done}, nil
}

// share shows completed files, a while after the call that asked for it; a
// thread that is no thread swallows them, as does the fault "files.share".
func (s *Server) share(c *channel, m Message) {
	for _, f := range m.Files {
		s.files[f.ID].shown = true
	}
	f := s.takeFault("files.share")
	if c == nil || f != nil && f.Cut || m.ThreadTS != "" && c.find(m.ThreadTS) == nil {
		return
	}
	kept := s.say(c, m)
	for _, f := range m.Files {
		s.files[f.ID].shares = append(s.files[f.ID].shares, map[string]string{"channel": c.ID, "ts": kept.TS})
	}
}

// fileReady says whether a file has been processed.
func (s *Server) fileReady(id string) bool { return s.files[id] != nil && s.files[id].shown }

func fileInfo(s *Server, q *request) (reply, *problem) {
	f := s.files[q.args["file"]]
	if f == nil || !f.uploaded {
		return fail("file_not_found")
	}
	shares, channels := map[string]any{}, []string{}
	for _, at := range f.shares {
		shares[at["channel"]] = []any{map[string]any{"ts": at["ts"]}}
		channels = append(channels, at["channel"])
	}
	return reply{"file": map[string]any{
		"id": f.ID, "name": f.Name, "title": f.Title, "mimetype": f.Mimetype, "size": f.Size, "user": s.opt.Bot.ID,
		"url_private": q.base + f.URL, "url_private_download": q.base + f.URL,
		"channels": channels, "shares": map[string]any{"public": shares},
	}}, nil
}

// serveFile shows a file to the page: always as text or as a download, so that
// an uploaded page cannot run as one.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.PathValue("id")]
	var content []byte
	if f != nil && f.uploaded {
		content = f.content
	}
	s.mu.Unlock()
	if content == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	_, _ = w.Write(content)
}
