// Package secret holds what must never be shown: a text that prints
// [redacted] wherever it is printed, and a masker that takes secrets out of
// foreign text. It does not know where secrets come from.
package secret

import (
	"fmt"
	"log/slog"
)

// Redacted is what stands in place of a secret.
const Redacted = "[redacted]"

// Text is a secret. Every fmt verb, JSON, text and slog print [redacted];
// only Reveal gives the value. The value lies behind a pointer, so that
// printing a struct that holds a Text in an unexported field, where fmt calls
// no methods, shows an address.
type Text struct{ value *string }

// New makes a secret of a value.
func New(value string) Text { return Text{value: &value} }

// Reveal returns the value, for the one place that hands it to its receiver.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// Empty reports whether there is nothing to hide.
func (t Text) Empty() bool { return t.Reveal() == "" }

// String returns [redacted].
func (t Text) String() string { return Redacted }

// Format prints [redacted] under every verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Redacted)) }

// MarshalJSON returns "[redacted]" as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// MarshalText returns [redacted].
func (t Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalYAML returns [redacted].
func (t Text) MarshalYAML() (any, error) { return Redacted, nil }

// LogValue returns [redacted].
func (t Text) LogValue() slog.Value { return slog.StringValue(Redacted) }
