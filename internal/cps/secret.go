package cps

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what is printed in place of a secret.
const hidden = "(secret)"

// Secret is text that must not be shown. It prints as a fixed word with every
// verb, in JSON and in logs; only a conversion to string gives the text.
type Secret string

// Format writes the fixed word, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String returns the fixed word.
func (Secret) String() string { return hidden }

// MarshalText returns the fixed word. JSON uses it too.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns the fixed word.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
