package slack

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"
)

// CheckChannel asks whether cards may stand in a channel, given by ID or #name:
// one that is shared with other organisations is refused unless shared says
// that it is meant. A *Problem is for a person to put right; any other error
// says that it could not be found out.
func (w *Workspace) CheckChannel(ctx context.Context, name string, shared bool) error {
	id, err := w.channelID(ctx, name)
	if err != nil {
		return fmt.Errorf("slack: find channel %s: %w", name, err)
	}
	c, err := w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if err != nil {
		return fmt.Errorf("slack: read channel %s: %w", name, err)
	}
	if c.IsExtShared && !shared {
		return &Problem{
			Text: "slack: channel " + name + " is shared with other organisations",
			hint: "name another channel in project.yaml, or say `shared: true` there: what stands on cards is then read by others",
		}
	}
	return nil
}
