package bot

import (
	"slices"
	"strings"

	"amsbot/bot/words"
)

// approvers are who may approve, but for whoever asked.
func (r *plea) approvers(w words.Catalogue) Field {
	f := Field{Name: w.Say("field.approvers")}
	var said []string
	for _, one := range r.Who {
		switch one {
		case r.User:
		case everyone:
			said = append(said, w.Say("everyone.else"))
		default:
			f.Who, said = append(f.Who, one), append(said, one)
		}
	}
	if slices.Contains(r.Who, everyone) {
		f.Who = nil
	}
	if f.Value = strings.Join(said, ", "); f.Value == "" {
		f.Value = w.Say("nobody.else")
	}
	return f
}

// overrideWords name the guards that the request overrides; "" where there are none.
func (r *plea) overrideWords(in *incident, w words.Catalogue) string {
	if o := in.offerAt(r.Offer, r.Act); o != nil && r.Override {
		if hold := holding(o.override); len(hold) > 0 {
			return w.Say("requested.override", guardNames(hold, w))
		}
	}
	return ""
}

// twoWords say whose word a recovery has that takes two people: who asked and who
// approved, or who broke the glass and why; "" of any other.
func (k *clicked) twoWords(w words.Catalogue) string {
	switch {
	case k == nil:
	case k.Approved != nil:
		return w.Say("said.approved", k.Name, k.Approved.Name)
	}
	return k.glassWords(w)
}

// glassWords say who broke the glass and why; "" where nobody did.
func (k *clicked) glassWords(w words.Catalogue) string {
	if k == nil || k.Glass == "" {
		return ""
	}
	return w.Say("said.glass", k.Name, k.Glass)
}

// confirmApproval names who asked, for what, and what they override.
func (in *incident) confirmApproval(w words.Catalogue) *Confirm {
	r := in.request
	text := w.Say("confirm.approve", r.Name) + "\n"
	if o := in.offerAt(r.Offer, r.Act); o != nil && r.Override {
		text += in.warnings(o, w)
	}
	return &Confirm{
		Title: w.Say("confirm.approve.title", cut(in.match.Scenario, 60)),
		Text:  text + w.Say("confirm.recover", in.match.Target, strings.Join(in.match.Shown, "\n")),
		Yes:   w.Say("button." + DoApprove), No: w.Say("confirm.no"),
	}
}

// glassNext is what Break Glass says of itself before its dialogue opens, which says
// the first half alone.
func glassNext(w words.Catalogue) string {
	return w.Join(w.Say("confirm.break_glass"), w.Say("confirm.break_glass.next"))
}

// glassButton is Break Glass, where a recovery stands that takes two people and
// that the scenario lets one alone begin.
func (in *incident) glassButton(w words.Catalogue) (Button, bool) { return in.glass(glassNext(w), w) }

func (in *incident) glass(said string, w words.Catalogue) (Button, bool) {
	o := in.takes(Click{Act: DoBreakGlass}, in.last)
	if o == nil || in.match == nil || !in.match.Second || !in.match.BreakGlass {
		return Button{}, false
	}
	return Button{Act: DoBreakGlass, Label: w.Say("button." + DoBreakGlass), Offer: o.seq, Danger: true, Override: len(o.override) > 0, Confirm: &Confirm{
		Title: w.Say("confirm.break_glass.title", cut(in.match.Scenario, 60)),
		Text:  said + "\n" + in.warnings(o, w) + w.Say("confirm.recover", in.match.Target, strings.Join(in.match.Shown, "\n")),
		Yes:   w.Say("button." + DoBreakGlass), No: w.Say("confirm.no"),
	}}, true
}
