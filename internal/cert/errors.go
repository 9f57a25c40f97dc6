package cert

import "errors"

// What can become of a request to the server, for code to match with errors.Is.
// The client's own errors carry the words for people.
var (
	// ErrNotSent: nothing reached the server; the same call can be made again.
	ErrNotSent = errors.New("nothing was sent")
	// ErrRefused: the server answered 4xx; it did nothing.
	ErrRefused = errors.New("the server refused")
	// ErrOneRequest: a refusal that speaks of the one request the call was about.
	ErrOneRequest = errors.New("the server refused this request")
	// ErrLost: the call was sent and no readable answer came. Only a reading can
	// tell whether it took effect.
	ErrLost = errors.New("sent, and the answer was lost")
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
