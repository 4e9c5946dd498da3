package bot

import (
	"context"
	"encoding/json"

	"amsbot/bot/outbox"
)

// Late is the act as it is to be done now that it is late: whom a message calls
// is not called any more when what it says is over meanwhile. It is said all the
// same, quietly, since it did happen. Any other act is as it was.
func (b *Bot) Late(ctx context.Context, a outbox.Act) (outbox.Act, error) {
	var m MessageArgs
	if a.To != ToSlack || (a.Kind != ActReply && a.Kind != ActPost) || json.Unmarshal(a.Args, &m) != nil {
		return a, nil
	}
	over, err := b.isOver(ctx, a.Incident)
	if err != nil || !over {
		return a, err
	}
	m.Mention, m.Loud, m.Broadcast = nil, false, false
	if a.Args, err = json.Marshal(m); err != nil {
		return a, err
	}
	a.Calls = false
	return a, nil
}

// isOver says whether nobody is needed any more for an incident or in a storm.
func (b *Bot) isOver(ctx context.Context, key string) (bool, error) {
	if key == botStream {
		return false, nil
	}
	if !IsIncident(key) {
		s, err := b.loadStorm(ctx, key)
		return err == nil && (s.closed || s.calm), err
	}
	in, err := b.load(ctx, key)
	return err == nil && in.snap != nil && in.finished(), err
}
