package slack

import (
	"bytes"
	"context"
	"path"
	"strings"

	"amsbot/bot/outbox"

	"github.com/slack-go/slack"
)

const (
	// maxInline is how long an output may be that stands in the message; a
	// longer one becomes a file.
	maxInline      = 1500
	maxInlineLines = 20
)

// output reads what goes with a message: as a block of mrkdwn when it is short,
// as the content of a file when it is long, neither when there is nothing.
func (r *Receiver) output(ctx context.Context, hash string) (inline string, file []byte, err error) {
	if hash == "" || r.w.opt.Blob == nil {
		return "", nil, nil
	}
	all, err := r.w.opt.Blob(ctx, hash)
	text := strings.TrimSpace(string(all))
	switch {
	case err != nil || text == "":
		return "", nil, err
	case len(text) > maxInline || strings.Count(text, "\n") >= maxInlineLines:
		return "", all, nil
	}
	return pre(text, 2*maxInline), nil, nil
}

// attach puts a message's output into its thread. Slack shares a file some time
// after it says that it did, and not always; the message tells of it and does
// not wait. Where Slack takes no file, which Why says, the end of the output stands
// in the thread as text, and the file is not tried again.
func (r *Receiver) attach(ctx context.Context, m message, ref string) outbox.Result {
	done := outbox.Result{State: outbox.Done, Ref: ref}
	if m.output == nil {
		return done
	}
	if m.act.Tries > 0 {
		if there, err := r.attached(ctx, m, ref); err == nil && there {
			return done
		}
	}
	wrong := r.upload(ctx, m, ref)
	if wrong.state == outbox.Refused {
		done.Why = r.w.in(m.args.Channel).Say("slack.file.refused", wrong.why(r.w.in(m.args.Channel)))
		if said := r.instead(ctx, m, ref, done.Why); said.State != outbox.Done {
			return said
		}
		return done
	}
	if wrong.state != outbox.Done {
		waits := wrong.result(r.w.in(m.args.Channel))
		waits.Alone = true // files have limits of their own
		return waits
	}
	return done
}

// instead says in the thread how an output ends that Slack does not take as a file,
// and why it does not: once, whatever becomes of the answers.
func (r *Receiver) instead(ctx context.Context, m message, ref, why string) outbox.Result {
	m.thread, m.args.Broadcast, m.more, m.mark = threadOf(m, ref), false, nil, m.act.Marker()+instead
	if m.act.Tries > 0 {
		at := place{channel: m.channel, thread: m.thread, since: m.act.At}
		if found, err := r.w.find(ctx, at, mark{event: actEvent, key: "act", value: m.mark}); err == nil && len(found) > 0 {
			return outbox.Result{State: outbox.Done, Ref: ref}
		}
	}
	m.text = clippedMrkdwn(escape(why), maxText-2*maxInline-1) + "\n" + pre(ending(string(m.output)), 2*maxInline)
	return r.say(ctx, m)
}

// instead ends the marker of a message that stands for a file.
const instead = " as text"

// ending is the end of an output, which says more than its beginning: as many
// whole lines as a message takes.
func ending(output string) string {
	output = strings.TrimSpace(output)
	if len(output) <= maxInline {
		return output
	}
	output = strings.ToValidUTF8(output[len(output)-maxInline:], "")
	if _, rest, ok := strings.Cut(output, "\n"); ok && rest != "" {
		output = rest
	}
	return cut + "\n" + output
}

// upload sends the output in Slack's three steps. Only the last one can have an
// unknown outcome: before it nobody sees anything, and a file that was sent and
// never shared is Slack's to clean up.
func (r *Receiver) upload(ctx context.Context, m message, ref string) refusal {
	name := fileName(m)
	u, err := r.w.api.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{FileName: name, FileSize: len(m.output)})
	if err == nil {
		err = r.w.api.UploadToURL(ctx, slack.UploadToURLParameters{
			UploadURL: u.UploadURL, Filename: name, Reader: bytes.NewReader(m.output),
		})
	}
	if err != nil {
		wrong := classify(err)
		if wrong.state == outbox.Unknown {
			wrong.state = outbox.Again
		}
		return wrong
	}
	err = r.w.inChannel(ctx, m.channel, func() error {
		_, err := r.w.api.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{
			Files: []slack.FileSummary{{ID: u.FileID, Title: name}}, Channel: m.channel, ThreadTimestamp: threadOf(m, ref),
		})
		return err
	})
	if err != nil {
		return classify(err)
	}
	return refusal{state: outbox.Done}
}

// attached says whether the output is in the message's thread. A file bears no
// marker; its name holds the act's number.
func (r *Receiver) attached(ctx context.Context, m message, ref string) (bool, error) {
	name := fileName(m)
	at := place{channel: m.channel, thread: threadOf(m, ref), since: m.act.At}
	found, err := r.w.search(ctx, at, func(msg slack.Message) bool {
		for _, f := range msg.Files {
			if f.Title == name || f.Name == name {
				return true
			}
		}
		return false
	})
	return len(found) > 0, err
}

// threadOf is the thread that a message's file belongs in: never a reply's own.
func threadOf(m message, ref string) string {
	if m.thread != "" {
		return m.thread
	}
	_, ts, _ := parseReference(ref)
	return ts
}

// fileName names a file so that it is told apart from every other in its
// thread: "restart-web.17.txt" for the act of event 17.
func fileName(m message) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, line(m.args.FileName, 80))
	ext := path.Ext(name)
	stem := strings.Trim(strings.TrimSuffix(name, ext), ". ")
	if stem == "" {
		stem = "output"
	}
	if ext == "" || ext == "." {
		ext = ".txt"
	}
	return stem + "." + itoa(int(m.act.Seq)) + ext
}
