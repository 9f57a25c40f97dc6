package cert

import "encoding/json"

// Opt is a value that may be left out. Absent means "not managed": neither
// compared nor sent. Absent differs from false and from "".
//
// With the JSON option omitzero a present false or "" is written and an absent
// value is not.
type Opt[T any] struct {
	value T
	set   bool
}

// Some returns a present value.
func Some[T any](v T) Opt[T] { return Opt[T]{value: v, set: true} }

// Get returns the value and whether it is present.
func (o Opt[T]) Get() (T, bool) { return o.value, o.set }

// Or returns the value, or def when it is absent.
func (o Opt[T]) Or(def T) T {
	if o.set {
		return o.value
	}
	return def
}

// IsSet reports whether the value is present.
func (o Opt[T]) IsSet() bool { return o.set }

// IsZero reports whether the value is absent. It is what omitzero asks.
func (o Opt[T]) IsZero() bool { return !o.set }

// MarshalJSON writes the value. An absent value is null; with omitzero it never
// gets here.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value and makes it present.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &o.value); err != nil {
		return err
	}
	o.set = true
	return nil
}
