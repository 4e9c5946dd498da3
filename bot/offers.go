package bot

import (
	"slices"
	"time"

	"amsbot/store"
)

// passActs begin a new pass; they are on offer only while none is under way.
var passActs = []string{DoRecover, DoApprove, DoCheck, DoAgain, DoMark}

func (in *incident) addOffer(e store.Event) {
	switch e.Kind {
	case kindOffered:
		o, ok := into[offered](e)
		if !ok {
			return
		}
		for _, a := range o.Acts {
			in.shut(a)
			of := &offer{seq: e.Seq, pos: e.Pos, act: a, at: e.At}
			if a == DoRecover {
				of.expires = o.Expires
			}
			if a == DoRecover || a == DoAgain {
				of.override = o.Override
				in.shut(DoApprove)
			}
			in.offers = append(in.offers, of)
		}
		if slices.Contains(o.Acts, DoRecover) && in.pass != nil && in.pass.ended == nil {
			in.pass.offered, in.pass.expires = e.At, o.Expires
			in.answer(e.At)
		}
	case kindExpired:
		if x, ok := into[expired](e); ok {
			for _, a := range x.Acts {
				in.shut(a)
			}
		}
	case kindRequested:
		if r, ok := into[requested](e); ok {
			in.shut(DoApprove)
			in.request = &plea{requested: r, seq: e.Seq}
			in.offers = append(in.offers, &offer{seq: e.Seq, pos: e.Pos, act: DoApprove, at: e.At, expires: r.Expires})
		}
	case kindWithdrawn:
		in.shut(DoApprove)
	case kindCardAsked:
		in.asked = true
	case kindRefused:
		if r, ok := into[refused](e); ok {
			if in.refused == nil {
				in.refused = map[string]int{}
			}
			in.refused[r.User+" "+r.Act]++
		}
	case kindClicked:
		c, ok := into[clicked](e)
		if !ok {
			return
		}
		for _, o := range in.offers {
			if o.seq == c.Offer && o.act == c.Act {
				o.spent, o.spentAt = &c, e.At
			}
		}
		in.actSeq = e.Seq
		if c.Act == DoTake {
			in.takenBy = c.Name
		}
		if slices.Contains(passActs, c.Act) {
			by := &c
			if c.Act == DoApprove {
				if by = in.approved(c); by == nil {
					return
				}
				if o := in.offerAt(by.Offer, by.Act); o != nil {
					o.spent, o.spentAt = by, e.At
				}
			}
			in.shutPassOffers()
			in.newPass(e)
			in.pass.act, in.pass.by, in.pass.click = by.Act, by, e.Seq
		}
	}
}

// shut closes what is still on offer of an act.
func (in *incident) shut(act string) {
	for _, o := range in.offers {
		if o.act == act {
			o.shut = true
		}
	}
}

func (in *incident) shutPassOffers() {
	for _, a := range passActs {
		in.shut(a)
	}
}

func (in *incident) shutOffers() {
	for _, o := range in.offers {
		o.shut = true
	}
}

// standing is the offer of an act that can be accepted now; nil if there is none.
func (in *incident) standing(act string, now time.Time) *offer {
	for i := len(in.offers) - 1; i >= 0; i-- {
		o := in.offers[i]
		if o.act == act && o.open(now) && !in.over() {
			if act == DoTake && in.person() != "" {
				return nil
			}
			return o
		}
	}
	return nil
}

// offerNow is the number of the offer of an act that stands; 0 if there is none.
func (in *incident) offerNow(act string) uint64 {
	if o := in.standing(act, in.last); o != nil {
		return o.seq
	}
	return 0
}

func (o *offer) open(now time.Time) bool {
	return !o.shut && o.spent == nil && (o.expires.IsZero() || now.Before(o.expires))
}

// offerAt is the offer that a button carries; nil if there never was one.
func (in *incident) offerAt(seq uint64, act string) *offer {
	for _, o := range in.offers {
		if o.seq == seq && o.act == act {
			return o
		}
	}
	return nil
}

func (in *incident) addAct(e store.Event) {
	if e.Kind == kindWanted {
		if w, ok := into[wanted](e); ok {
			in.acts[e.Seq] = &act{wanted: w, seq: e.Seq, by: e.By, at: e.At}
		}
		return
	}
	s, ok := into[settled](e)
	if !ok || in.acts[s.Wanted] == nil {
		return
	}
	a := in.acts[s.Wanted]
	a.state, a.result, a.ended = e.Kind, s, e.At
	if changesPagerDuty(a.Kind) {
		in.actSeq = e.Seq
	}
	if e.Kind == kindDone && a.Kind == ActResolve {
		in.resolved, in.resolvedBy = e.Seq, a.by
	}
}

func changesPagerDuty(kind string) bool {
	return kind == ActAcknowledge || kind == ActEscalate || kind == ActResolve
}

// underWay says whether an act of this kind is wanted and not yet settled.
func (in *incident) underWay(kind string) bool {
	for _, a := range in.acts {
		if a.Kind == kind && (a.state == "" || a.state == kindUnknown) {
			return true
		}
	}
	return false
}

// lastAct is the newest act of a kind that was wanted after an event; nil if none was.
func (in *incident) lastAct(kind string, after uint64) *act {
	var found *act
	for _, a := range in.acts {
		if a.Kind == kind && a.seq > after && (found == nil || a.seq > found.seq) {
			found = a
		}
	}
	return found
}

// fullName is a presser's name as PagerDuty has it: what it says of an act of
// theirs and what our own event says of it then read the same.
func (in *incident) fullName(name string) string {
	for _, o := range in.offers {
		if o.spent != nil && o.spent.Name == name && o.spent.As.Name != "" {
			return o.spent.As.Name
		}
	}
	return name
}

// failures are the acts of this run that will never be done, newest last.
func (in *incident) failures() []*act {
	var out []*act
	for _, seq := range sortedSeqs(in.acts) {
		if a := in.acts[seq]; a.state == kindFailed && a.seq > in.runSeq && changesPagerDuty(a.Kind) && !a.needless() {
			out = append(out, a)
		}
	}
	if len(out) > 2 {
		out = out[len(out)-2:]
	}
	return out
}

func sortedSeqs(m map[uint64]*act) []uint64 {
	var out []uint64
	for s := range m {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
