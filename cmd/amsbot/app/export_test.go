package app

import (
	"context"

	"amsbot/bot/words"
)

// Away is what the health says of each neighbour that does not answer, by name.
// Stories, which have no socket to ask, look here.
func (a *App) Away(ctx context.Context) map[string]error {
	return a.health.away(ctx, words.In(a.config.Language))
}
