package bot

import "amsbot/store"

// addNews takes in what was heard of the incident, and what was read of it.
func (in *incident) addNews(e store.Event) {
	switch e.Kind {
	case kindReceived:
		r, ok := into[received](e)
		if !ok {
			return
		}
		in.learn(r.Hint)
		in.wasOpen = in.wasOpen || r.Hint.Status != "resolved"
		if !in.expected(r.Hint) {
			in.news = e.Seq
		}
		if r.Project != nil {
			in.project = r.Project
		}
		switch r.Hint.Type {
		case "incident.reopened":
			in.reopened = e.Seq
		case "incident.unacknowledged":
			in.unacked = e.Seq
		case "incident.reassigned", "incident.delegated":
			if p := r.Hint.Agent; p.ID != "" && in.run != nil && p.ID != in.run.Self.ID {
				in.takenBy = p.Name
			}
		}
	case kindRead:
		r, ok := into[readDone](e)
		if !ok {
			return
		}
		in.readFrom, in.read, in.unread, in.snapAt = r.From, e.Seq, nil, e.At
		if r.Lines != nil {
			in.lines = r.Lines
		}
		if r.Snapshot != nil {
			in.snap = r.Snapshot
			in.wasOpen = in.wasOpen || r.Snapshot.Incident.Status != "resolved"
		}
		if p := in.person(); p != "" {
			in.takenBy = p
		}
	case kindUnread:
		if u, ok := into[unread](e); ok {
			in.unread = &u
		}
	}
}

// learn keeps what a hint says beside what earlier ones said: later webhooks
// say less than the first.
func (in *incident) learn(h Hint) {
	old := in.hint
	in.hint = h
	if h.Title == "" {
		in.hint.Title = old.Title
	}
	if h.Number == 0 {
		in.hint.Number = old.Number
	}
	if h.URL == "" {
		in.hint.URL = old.URL
	}
	if h.Service.ID == "" {
		in.hint.Service = old.Service
	}
	if h.Urgency == "" {
		in.hint.Urgency = old.Urgency
	}
	if in.hint.ID == "" {
		in.hint.ID = old.ID
	}
}
