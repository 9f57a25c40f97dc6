// Package cert holds the nouns of cpsync: the server's words, the phases of a certificate request, what a
// manifest wants and what the server has. It does no I/O and imports nothing else of cpsync.
//
// "Source: cps-api" in a comment names the project's sheet of API facts, and the
// section of it that a rule was taken from.
package cert

import (
	"encoding/json"
	"errors"
	"strconv"
)

// ID is the number the server gave a certificate request. It is positive and never changes.
type ID int64

// ErrID is what ParseID returns for anything but a plain decimal number.
var ErrID = errors.New("an id is a positive whole number in plain decimal digits")

// ParseID reads an id written in decimal digits alone: no sign, no leading zero,
// no point, exponent or underscore. Any other spelling is ErrID.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0, ErrID
	}
	return ID(n), nil
}

// String returns the id in decimal.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// What can become of a request to the server, for code to match with errors.Is.
// The client's own errors carry the words for people.
var (
	// ErrNotSent: nothing reached the server; the same call can be made again.
	ErrNotSent = errors.New("nothing was sent")
	// ErrRefused: the server answered 4xx; it did nothing.
	ErrRefused = errors.New("the server refused")
	// ErrOnlyThisRequest: 400, 404, 409 or 422. The reason concerns the request of the call
	// alone, and says nothing about others.
	ErrOnlyThisRequest = errors.New("the server refused this request")
	// ErrNoAnswer: the call was sent and no readable answer came. Only a reading can
	// tell whether it took effect.
	ErrNoAnswer = errors.New("sent, and the answer was lost")
	// ErrNotFound: 404. The request does not exist, or the credentials may not see it.
	ErrNotFound = errors.New("no such request")
	// ErrUnauthorized: 401 or 403, or the token service refused the credentials.
	ErrUnauthorized = errors.New("not authorized")
	// ErrRetryLater: 401 or 429. It did nothing, if the server keeps to its word; an order
	// is sent again only when a reading agrees.
	ErrRetryLater = errors.New("to be sent again later")
	// ErrMalformed: the answer about one request has a form that this version can't read.
	ErrMalformed = errors.New("the answer has an unknown form")
	// ErrOtherID: the server answered with another request than the one asked for.
	ErrOtherID = errors.New("the answer is about another request")
)

// Opt is a value that may be left out. Absent means "not managed": neither
// compared nor sent. Absent differs from false and from "".
//
// With the JSON option omitzero a present false or "" is written and an absent value is not.
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

// MarshalJSON writes the value. An absent value is null; with omitzero it never gets here.
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
