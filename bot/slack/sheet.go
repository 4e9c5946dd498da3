package slack

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// textLimit is how much text a message or a view may hold in all. Slack begins
// to refuse (msg_blocks_too_long) somewhere above 11,000 and says nowhere where.
const textLimit = 9000

// sheet is a page of blocks that counts what is written on it. What is asked
// for first gets room first; the order on the page is the caller's.
type sheet struct {
	words   words.Catalogue
	left    int
	version uint64
	blocks  int
	lost    bool // something was shortened or left out
}

// room is how long a text may be that would like n characters.
func (s *sheet) room(n int) int { return max(0, min(n, s.left)) }

// spent counts a text that will be sent, and returns it.
func (s *sheet) spent(text string) string {
	s.left -= utf8.RuneCountInString(text)
	return text
}

// literal is a text that says exactly itself, at most n characters long; that it had
// to be shortened is remembered.
func (s *sheet) literal(text string, n int) string {
	out := literal(text, n)
	s.shorter(text, out)
	return out
}

// code is a text in a code span, likewise.
func (s *sheet) code(text string, n int) string {
	out := code(text, n)
	s.shorter(text, strings.TrimSuffix(out, "`"))
	return out
}

// shorter remembers whether a text was shortened to what is shown of it.
func (s *sheet) shorter(text, shown string) {
	s.lost = s.lost || strings.HasSuffix(shown, cut) && !strings.HasSuffix(strings.TrimSpace(text), cut)
}

// id names the next block. It is new with every version of a card, so that
// Slack, and whoever reads a click, can tell the versions apart.
func (s *sheet) id(name string) string {
	s.blocks++
	return fmt.Sprintf("%d.%s.%d", s.version, name, s.blocks)
}

// plain is a plain_text object in which nothing means anything, or nil when
// there is nothing to say or no room left.
func (s *sheet) plain(text string, n int) *slack.TextBlockObject {
	shown := line(text, s.room(n))
	s.shorter(text, shown)
	if shown == "" {
		return nil
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s.spent(shown), false, false)
}

// sure is a plain_text object that has to be there, of one line, with another
// text where there is nothing to say.
func (s *sheet) sure(text, instead string, n int) *slack.TextBlockObject {
	return s.lines(line(cmpOr(text, instead), n), instead, n)
}

// lines is sure for a text of several lines.
func (s *sheet) lines(text, instead string, n int) *slack.TextBlockObject {
	if text = para(text, n); text == "" {
		text = line(instead, n)
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s.spent(text), false, false)
}

// mrkdwn is an object of text that is mrkdwn already. It is verbatim: Slack
// makes no links of what looks like an address.
func (s *sheet) mrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s.spent(text), false, true)
}

// moment is a time that everybody reads in their own zone.
func (s *sheet) moment(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), s.words.Time(t, "2006-01-02 15:04 MST"))
}

// address says whether Slack would take u as the address of a button.
func address(u string) bool {
	if u == "" || utf8.RuneCountInString(u) > 3000 || !utf8.ValidString(u) || strings.ContainsAny(u, " \t\r\n") {
		return false
	}
	p, err := url.Parse(u)
	return err == nil && p.Host != "" && (p.Scheme == "https" || p.Scheme == "http")
}

var inLink = strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C")

// anchor is a mrkdwn link with a text of our own.
func anchor(u, text string) string { return "<" + inLink.Replace(u) + "|" + escape(text) + ">" }
