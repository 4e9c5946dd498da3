package bot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"amsbot/bot/words"
)

// noteMost is how long a note may be.
const noteMost = 3000

// noiseTick is the value of the box that marks an incident as noise.
const noiseTick = "noise"

// form is the dialogue of an act on this incident, whose offer stands.
func (c *change) form(k Click, o *offer) *Form {
	f := &Form{Act: k.Act, Incident: c.in.key, Override: k.Override, Title: c.w.Say("form." + k.Act), Send: c.w.Say("form.send." + k.Act)}
	if o != nil {
		f.Offer = o.seq
	}
	about := fmt.Sprintf("#%d %s", c.in.number(), cut(oneLine(c.in.title()), 150))
	note := Entry{Name: "text", Kind: EntryText, Label: c.w.Say("form.text." + k.Act), Hint: c.w.Say("form.text." + k.Act + ".hint"), Most: noteMost, Optional: true}
	switch k.Act {
	case DoEscalate:
		to := c.escalations()
		f.Text = about
		f.Fields = []Entry{{Name: "to", Kind: EntryChoice, Label: c.w.Say("form.to"), Choices: to, Value: to[0].Value}, note}
	case DoResolve:
		f.Text = c.w.Say("confirm.resolve", c.in.number(), cut(oneLine(c.in.title()), 150))
		noise := Choice{Value: noiseTick, Label: c.w.Say("form.noise.tick"), Note: c.w.Say("form.noise.hint")}
		f.Fields = []Entry{note, {Name: "noise", Kind: EntryTick, Label: c.w.Say("form.noise"), Choices: []Choice{noise}, Optional: true}}
	case DoNote:
		note.Optional = false
		f.Text, f.Fields = about, []Entry{note}
	case DoBreakGlass:
		glass, _ := c.in.glass(c.w.Say("confirm.break_glass"), c.w)
		note.Optional, note.Most = false, glassMost
		f.Override = glass.Override
		if glass.Confirm != nil {
			f.Text = glass.Confirm.Title + "\n" + glass.Confirm.Text
		}
		f.Fields = []Entry{note}
	default: // what is only confirmed
		if sure := c.in.confirm(o, c.w); sure != nil {
			f.Text = sure.Title + "\n" + sure.Text
		}
		f.Override = len(o.override) > 0
	}
	return f
}

// fill takes a dialogue's fields into the click, and says at which fields
// something is wrong. A slash command says the same in its text.
func (c *change) fill(k *Click) map[string]string {
	if k.Fields == nil {
		switch k.Act {
		case DoEscalate:
			k.To, k.Text = c.addressed(k.Text)
		case DoResolve:
			first, _, _ := strings.Cut(k.Text, " ")
			k.Noise = strings.EqualFold(strings.TrimRight(first, ":,"), noiseTick)
		}
		return nil
	}
	wrong := map[string]string{}
	k.Text = k.field("text")
	if k.Act == DoNote && k.Text == "" {
		wrong["text"] = c.w.Say("form.text.empty")
	}
	if len([]rune(k.Text)) > noteMost {
		wrong["text"] = c.w.Say("form.text.long", noteMost)
	}
	if k.Act == DoEscalate {
		if k.To = k.field("to"); !picked(c.escalations(), k.To) {
			wrong["to"] = c.w.Say("form.to.gone")
		}
	}
	k.Noise = k.Act == DoResolve && k.field("noise") == noiseTick
	return wrong
}

// The targets of an escalation that a person chooses, beside "first_line",
// "second_line", "level:N" and "user:ID".
const toNext = "next"

// escalations are those to whom a person can escalate: the next level first, the
// lines that the project names, each level of the incident's own policy, and
// everybody who is on call there.
func (c *change) escalations() []Choice {
	var out []Choice
	aimed := map[string]bool{}
	add := func(value string, people []Person) {
		t := c.target(value)
		if key := fmt.Sprint(t.Policy, t.Level, t.Users, t.Next); len(out) < choicesMost && !aimed[key] {
			aimed[key] = true
			kind, n, _ := strings.Cut(value, ":")
			label := c.w.Say("form.to." + kind)
			if kind == "level" {
				label = c.w.Say("form.to.level", n)
			}
			out = append(out, Choice{Value: value, Label: label, Note: cut(nameList(people), 70)})
		}
	}
	add(toNext, c.in.onCall(Target{Next: true}))
	for _, line := range []string{"first_line", "second_line"} {
		if t := c.line(line); !t.Next {
			add(line, c.in.onCall(t))
		}
	}
	var all []Person
	if c.in.snap != nil {
		for _, l := range c.in.snap.Levels {
			if len(l.OnCall) != 1 || l.OnCall[0].ID != c.bot.Self.ID {
				add("level:"+strconv.Itoa(l.Level), l.OnCall)
			}
			all = append(all, l.OnCall...)
		}
	}
	for _, key := range sortedKeys(c.in.lines) {
		for _, l := range c.in.lines[key] {
			all = append(all, l.OnCall...)
		}
	}
	seen := map[string]bool{}
	for _, p := range all {
		if p.ID != "" && !seen[p.ID] && p.ID != c.bot.Self.ID && len(out) < choicesMost {
			seen[p.ID] = true
			out = append(out, Choice{Value: "user:" + p.ID, Label: cut(p.Name, 70)})
		}
	}
	return out
}

// target is where a person's choice is; "" is the next level.
func (c *change) target(to string) Target {
	kind, name, _ := strings.Cut(to, ":")
	switch kind {
	case "first_line", "second_line":
		return c.line(kind)
	case "level":
		n, _ := strconv.Atoi(name)
		return Target{Policy: c.in.snap.Incident.Policy.ID, Level: n}
	case "user":
		return Target{Users: []string{name}}
	}
	return Target{Next: true}
}

// toWords say to whom somebody escalates. name is that of a person.
func toWords(to, name string, w words.Catalogue) string {
	kind, n, _ := strings.Cut(to, ":")
	switch kind {
	case "first_line", "second_line":
		return w.Say("to." + kind)
	case "level":
		return w.Say("to.level", n)
	case "user":
		return name
	}
	return w.Say("to.next")
}

// choosable are the acts that a person can choose of all that stand.
var choosable = []string{DoApprove, DoRecover, DoAgain, DoMark, DoTake, DoEscalate, DoResolve, DoCheck}

// acts are what a person can do to this incident now, for the dialogue that
// offers them all.
func (c *change) acts() []Choice {
	var out []Choice
	asked := c.in.waitsForApproval(c.now) != nil // for a second person, in its place
	for _, act := range choosable {
		if o := c.in.standing(act, c.now); o != nil && !(asked && (act == DoRecover || act == DoAgain)) {
			out = append(out, Choice{Value: act + ":" + strconv.FormatUint(o.seq, 10), Label: c.w.Say("act." + act), Note: c.w.Say("choose." + act)})
		}
	}
	if b, ok := c.in.glassButton(c.w); ok {
		out = append(out, Choice{Value: DoBreakGlass + ":" + strconv.FormatUint(b.Offer, 10), Label: b.Label, Note: c.w.Say("choose." + DoBreakGlass)})
	}
	return append(out, Choice{Value: DoNote + ":0", Label: c.w.Say("act." + DoNote), Note: c.w.Say("choose." + DoNote)})
}

// chosen is the act and the offer of a choice.
func chosen(value string) (act string, offer uint64) {
	act, seq, _ := strings.Cut(value, ":")
	offer, err := strconv.ParseUint(seq, 10, 64)
	if err != nil || act != DoNote && act != DoBreakGlass && !slices.Contains(choosable, act) {
		return "", 0
	}
	return act, offer
}

// acceptedText says of an accepted click who did what: raw, in one sentence or two.
func acceptedText(e clicked, w words.Catalogue) string {
	said := w.Say("accepted."+e.Act, e.Name)
	if e.Act == DoEscalate && e.To != "" && e.To != toNext {
		said = w.Say("accepted.escalate.to", e.Name, toWords(e.To, e.ToName, w))
	}
	if e.Noise {
		said = w.Join(said, w.Say("accepted.noise"))
	}
	return said
}

// nameOf is what a person of the incident's policies is called; their ID where
// nobody knows them.
func (c *change) nameOf(id string) string {
	for _, choice := range c.escalations() {
		if choice.Value == "user:"+id {
			return choice.Label
		}
	}
	return id
}

// noise is who marked the incident, in this run of it, as noise; nil: nobody did.
func (in *incident) noise() *clicked {
	for _, o := range in.offers {
		if o.spent != nil && o.spent.Noise && o.seq > in.runSeq {
			return o.spent
		}
	}
	return nil
}
