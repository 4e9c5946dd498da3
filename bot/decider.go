package bot

import "context"

// decider is what the people behind a press may do now, and the press about which
// that was asked: it is asked outside the commit, and holds for that press only.
type decider struct {
	permits         // of whoever pressed, or asked
	second  permits // of whoever approved it
	click   uint64
}

// decider asks what the people behind a press may do now.
func (b *Bot) decider(ctx context.Context, p *projectView, by *clicked, click uint64) decider {
	d := decider{click: click, permits: b.may(ctx, p, by.User)}
	if by.Approved != nil {
		d.second = b.may(ctx, p, by.Approved.User)
	}
	return d
}

// barred is who of them may not do any more what was pressed: one of the acts, break
// the glass where they did, or approve; "" where all of them may.
func (d decider) barred(by *clicked, acts ...string) string {
	if by.Glass != "" {
		acts = append(acts, DoBreakGlass)
	}
	for _, act := range acts {
		if !d.can(act) {
			return by.Name
		}
	}
	if by.Approved != nil && !d.second.can(DoApprove) {
		return by.Approved.Name
	}
	return ""
}

// decided says whether what the people behind the pass may do was asked about the
// press that it follows from.
func (c *change) decided() bool {
	p := c.in.pass
	return p == nil || p.by == nil || c.may != nil && c.may.click == p.click
}

// forbidden holds a recovery where who pressed for it, or approved it, may not any
// more: it waited for a lock, or was checked for long. In a rehearsal nobody is
// asked once more.
func (c *change) forbidden() *held {
	by := c.in.pass.by
	if by == nil || c.may == nil {
		return nil
	}
	acts := []string{c.in.pass.act}
	if by.Override {
		acts = append(acts, doOverride)
	}
	who := c.may.barred(by, acts...)
	if who == "" {
		return nil
	}
	return &held{Pass: c.in.pass.id, Guard: guardPermission, Text: c.w.Say("held.permission", who)}
}
