package app

import (
	"context"
	"fmt"
	"log/slog"

	"amsbot/scenarios/secret"
)

// masking is a log in which no secret stands, whatever an error quotes.
type masking struct {
	slog.Handler
	mask *secret.Masker
}

// masked is a log that hides what mask knows, also what it learns later.
func masked(log *slog.Logger, mask *secret.Masker) *slog.Logger {
	return slog.New(masking{log.Handler(), mask})
}

// Handle hides the secrets of one record.
func (m masking) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, m.mask.Mask(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(m.attr(a))
		return true
	})
	return m.Handler.Handle(ctx, out)
}

func (m masking) attr(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(m.mask.Mask(v.String()))
	case slog.KindAny:
		a.Value = slog.StringValue(m.mask.Mask(fmt.Sprint(v.Any())))
	case slog.KindGroup:
		var group []slog.Attr
		for _, one := range v.Group() {
			group = append(group, m.attr(one))
		}
		a.Value = slog.GroupValue(group...)
	}
	return a
}

// WithAttrs hides them too.
func (m masking) WithAttrs(attrs []slog.Attr) slog.Handler {
	var hidden []slog.Attr
	for _, a := range attrs {
		hidden = append(hidden, m.attr(a))
	}
	return masking{m.Handler.WithAttrs(hidden), m.mask}
}

// WithGroup is the handler's own.
func (m masking) WithGroup(name string) slog.Handler {
	return masking{m.Handler.WithGroup(name), m.mask}
}
