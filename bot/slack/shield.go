package slack

import (
	"context"
	"fmt"
	"runtime/debug"

	"amsbot/bot"
)

// shielded are doors behind which a panic is an error: what one person presses or
// types must not end all that amsbot does.
type shielded struct{ doors Doors }

var _ Doors = shielded{}

// Act is Doors.Act.
func (s shielded) Act(ctx context.Context, c bot.Click) (bot.Answer, error) {
	return unpanicked(func() (bot.Answer, error) { return s.doors.Act(ctx, c) })
}

// Ask is Doors.Ask.
func (s shielded) Ask(ctx context.Context, q bot.Question) (bot.Answer, error) {
	return unpanicked(func() (bot.Answer, error) { return s.doors.Ask(ctx, q) })
}

// Home is Doors.Home.
func (s shielded) Home(ctx context.Context, user string) (bot.Home, error) {
	return unpanicked(func() (bot.Home, error) { return s.doors.Home(ctx, user) })
}

// RefreshHome is Doors.RefreshHome.
func (s shielded) RefreshHome(ctx context.Context, user string) error {
	_, err := unpanicked(func() (struct{}, error) { return struct{}{}, s.doors.RefreshHome(ctx, user) })
	return err
}

func unpanicked[T any](work func() (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("slack: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work()
}
