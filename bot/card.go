package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// Render draws the card of an incident, or of a storm, from its events and nothing
// else: no store, no clock. The same events give the same card after every restart.
// What somebody paused or resumed is not among them: see [Stands].
func Render(events []store.Event, w words.Catalogue) Card { return render(events, pauses{}, w) }

// render is Render with what a card shows of the pauses of its scenario.
func render(events []store.Event, p pauses, w words.Catalogue) Card {
	var key string
	var epoch, pos uint64
	if n := len(events); n > 0 {
		key, epoch, pos = events[n-1].Incident, events[n-1].Epoch, events[n-1].Pos
	}
	if !IsIncident(key) {
		return renderStorm(events, p, w)
	}
	in := fold(key, epoch, events)
	in.pauses = p
	return draw(in, pos, w)
}

func draw(in *incident, pos uint64, w words.Catalogue) Card {
	c := Card{
		Incident: in.key, Version: pos, Over: in.over(), URL: in.url(),
		Title: fmt.Sprintf("#%d %s", in.number(), strings.Join(strings.Fields(in.title()), " ")),
	}
	if in.project != nil {
		c.Channel = in.project.Channel
	}
	c.State, c.Status, c.Detail = in.state(w)
	c.Detail = in.pauseWords(c.Detail, w)
	c.Headline = fmt.Sprintf("#%d %s: %s", in.number(), cut(strings.Join(strings.Fields(in.title()), " "), 150), cut(c.Status, 150))
	c.Need = in.needs(w)
	c.Fields = in.fields(w)
	c.Phases = in.phases(w)
	if !in.over() { // what amsbot resolved itself is not read once more
		c.Alert, c.AlertMore = in.alertFields()
	}
	c.Links = in.links()
	c.Context = in.smallPrint(w)
	c.Times = []Moment{{Name: w.Say("card.opened"), At: in.opened()}, {Name: w.Say("card.updated"), At: in.changed}}
	if p := in.planned; p != nil && !p.Until.IsZero() {
		c.Times = append(c.Times, Moment{Name: w.Say("card.maintenance"), At: p.Until})
	}
	if r := in.waitsForApproval(in.last); r != nil {
		c.Times = append(c.Times, Moment{Name: w.Say("card.approve"), At: r.Expires})
	}
	c.Times = append(c.Times, in.pauseTimes(w)...)
	if in.over() {
		by := in.closing.By.Name
		if by == "" {
			by = w.Say("by.monitoring")
		}
		c.Closing = &Closing{Text: w.Say("closing." + in.closing.How), Who: by, At: in.closingAt}
		if in.noise() != nil {
			c.Closing.Note = w.Say("closing.noise")
		}
		c.More = []Button{{Act: AskWhy, Label: w.Say("button.why")}, {Act: "open", Label: w.Say("button.open"), URL: in.url()}}
		return c
	}
	c.Buttons, c.More = in.buttons(w)
	if asks := in.asksFor(c.Buttons); asks != "" {
		c.Headline += " · " + w.Say("headline."+asks)
	}
	return c
}

// asksFor is what a person is asked for in the headline; "" for nothing. A recovery
// that is held waits for nobody: what holds it does. Nor does one that is paused.
func (in *incident) asksFor(buttons []Button) string {
	has := func(act string) bool {
		return slices.ContainsFunc(buttons, func(b Button) bool { return b.Act == act })
	}
	switch need := in.need(); {
	case in.isPaused() && need != "need.take":
		if in.person() != "" || in.tookOver() {
			return "paused"
		}
		return "paused.take"
	case has(DoApprove):
		return "approve"
	case has(DoRecover) && !in.heldBack():
		return "recover"
	case need == "need.take", need == "need.look":
		return need
	}
	return ""
}

// shown says whether the incident has a card at all: one that was over when
// amsbot first heard of it has none.
func (in *incident) shown() bool {
	return in.wasOpen
}

func (in *incident) url() string {
	if in.snap != nil && in.snap.Incident.URL != "" {
		return in.snap.Incident.URL
	}
	return in.hint.URL
}

func (in *incident) opened() time.Time {
	if in.snap != nil && !in.snap.Incident.CreatedAt.IsZero() {
		return in.snap.Incident.CreatedAt
	}
	return in.first
}

func (in *incident) fields(w words.Catalogue) []Field {
	var out []Field
	add := func(key, value string) {
		if value != "" {
			out = append(out, Field{Name: w.Say("field." + key), Value: value})
		}
	}
	service, urgency := in.hint.Service.Name, in.hint.Urgency
	if in.snap != nil {
		service, urgency = in.snap.Incident.Service.Name, in.snap.Incident.Urgency
	}
	add("service", service)
	if urgency == "high" || urgency == "low" {
		urgency = w.Say("urgency." + urgency)
	}
	add("urgency", urgency)
	if !in.over() { // nobody has it any more
		add("holder", in.holder(w))
	}
	if m := in.match; m != nil {
		add("scenario", m.Scenario+" · "+w.Say("autonomy."+string(m.Autonomy)))
		add("target", m.Target)
	}
	if r := in.waitsForApproval(in.last); r != nil && !in.over() {
		add("asked_by", r.Name)
		out = append(out, r.approvers(w))
	}
	if in.needsPerson() {
		add("contacts", strings.Join(in.project.Contacts, "; "))
	}
	return out
}

// linksMost is how many links a card has room for.
const linksMost = 5

func (in *incident) links() []Button {
	if in.match == nil {
		return nil
	}
	var out []Button
	for _, l := range in.match.Links[:min(len(in.match.Links), linksMost)] {
		out = append(out, Button{Act: "open", Label: l.Name, URL: l.URL})
	}
	return out
}

// holder says who has the incident, and whether they acknowledged it.
func (in *incident) holder(w words.Catalogue) string {
	if in.snap == nil {
		return ""
	}
	if who := in.person(); who != "" {
		return w.Say("holder.acknowledged", who)
	}
	if in.tookOver() {
		return w.Say("holder.acknowledged", in.takenBy)
	}
	if a := in.lastAct(ActEscalate, in.runSeq); a != nil && a.state == kindDone && a.seq > in.readFrom {
		var e Escalated
		if decode(a.result.Data, &e) && len(e.Assignees) > 0 {
			return nameList(e.Assignees)
		}
	}
	return nameList(in.snap.Assignees)
}

// holders are those whom holder names, by their IDs.
func (in *incident) holders() []string {
	if in.snap == nil {
		return nil
	}
	people := in.snap.Assignees
	switch a := in.lastAct(ActEscalate, in.runSeq); {
	case in.person() != "":
		people = in.snap.Acknowledged
	case in.tookOver():
		people = nil
		for _, o := range in.offers {
			if o.act == DoTake && o.spent != nil && o.spent.Name == in.takenBy {
				people = []Person{o.spent.As}
			}
		}
	case a != nil && a.state == kindDone && a.seq > in.readFrom:
		var e Escalated
		if decode(a.result.Data, &e) && len(e.Assignees) > 0 {
			people = e.Assignees
		}
	}
	var ids []string
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	return ids
}

// needsPerson says whether whoever looks at the card may have to call somebody.
func (in *incident) needsPerson() bool {
	return in.project != nil && in.pass != nil && !in.over() && (in.pass.ended != nil || !in.pass.offered.IsZero())
}

func nameList(people []Person) string {
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// alertMost is how many details of the alert a card shows.
const alertMost = 6

// alertFields are the details of the first open alert that are short, by name, and
// how many more there are. The target stands elsewhere on the card.
func (in *incident) alertFields() (out []Field, more int) {
	open := in.openAlerts()
	if len(open) == 0 {
		return nil, 0
	}
	for _, k := range sortedKeys(open[0].Details) {
		s := ""
		switch v := open[0].Details[k].(type) {
		case string, float64, bool, int:
			if s = fmt.Sprint(v); s == "" || s == in.target() {
				continue
			}
		}
		if s == "" || len(out) == alertMost {
			more++
			continue
		}
		out = append(out, Field{Name: cut(k, 60), Value: cut(s, 200)})
	}
	return out, more
}

func (in *incident) smallPrint(w words.Catalogue) []string {
	var out []string
	if m := in.match; m != nil {
		for _, key := range []string{m.Capped, in.late()} {
			if key != "" {
				out = append(out, w.Say(key))
			}
		}
		if m.CameBack != "" {
			out = append(out, w.Say("came_back", m.CameBackNumber))
		}
		if m.Seen != nil {
			out = append(out, m.Seen.words(w))
		}
		if m.Alerts > 1 {
			out = append(out, w.Say("alerts", m.Alerts))
		}
	}
	if in.unread != nil && in.snap != nil { // else the status says it
		out = append(out, w.Say(in.unread.Why))
	}
	if in.run != nil && in.run.N > 1 {
		out = append(out, w.Say("run.again", in.run.N))
	}
	if !in.answered.IsZero() && in.run != nil {
		out = append(out, w.Say("card.answered", w.Took(in.answered.Sub(in.run.Since))))
	}
	if in.pass != nil {
		if by := in.pass.by.twoWords(w); by != "" {
			out = append(out, by)
		}
	}
	return out
}
