package app

import (
	"errors"
	"log/slog"
	"strings"
)

// Trouble is an error for whoever runs amsbot: what is wrong and the next thing
// to do.
type Trouble struct {
	Err  error
	Next string
}

func trouble(err error, next string) error { return &Trouble{Err: err, Next: next} }

// Error is what is wrong.
func (t *Trouble) Error() string { return t.Err.Error() }

// Unwrap is the cause.
func (t *Trouble) Unwrap() error { return t.Err }

// Hint is the next thing to do.
func (t *Trouble) Hint() string { return t.Next }

// Hint is what an error says is to be done next; "" if it says nothing. Of
// several errors at once it is all that they say.
func Hint(err error) string {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var hints []string
		for _, one := range all.Unwrap() {
			if h := Hint(one); h != "" {
				hints = append(hints, h)
			}
		}
		return strings.Join(hints, "; ")
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

func level(name string) *slog.Level {
	var l slog.Level
	switch name {
	case "debug", "info", "warn", "error":
		if l.UnmarshalText([]byte(name)) == nil {
			return &l
		}
	}
	return nil
}

// LogLevel is the level of a checked configuration's log.
func LogLevel(name string) slog.Level {
	if l := level(name); l != nil {
		return *l
	}
	return slog.LevelInfo
}
