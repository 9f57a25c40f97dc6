package cps

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Error is an answer that is not the one asked for: a status outside 2xx, or a 2xx
// to a read that cannot be read. It matches, with errors.Is, cert.ErrNotFound
// (404), cert.ErrUnauthorized (401, 403), cert.ErrRetryLater (401, 429), cert.ErrOneRequest
// (400, 404, 409, 422), cert.ErrRefused (every 4xx) and cert.ErrLost (everything else).
type Error struct {
	Method, Path string        // Path is below the API's URL, with the query
	StatusCode   int           // of HTTP
	Code         string        // the server's own word, such as "invalid_input"; may be ""
	Details      []string      // sentences from the server, shortened, each on one line
	RetryAfter   time.Duration // how long the server asks to wait; zero when it did not say
}

// ofOneRequest are the refusals that say nothing of any other request.
var ofOneRequest = []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}

// Error returns the call, the status and the server's own words.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Path, e.StatusCode)
	if text := http.StatusText(e.StatusCode); text != "" {
		b.WriteString(" " + text)
	}
	if e.Code != "" {
		b.WriteString(": " + e.Code)
	}
	if len(e.Details) > 0 {
		b.WriteString(": " + strings.Join(e.Details, "; "))
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (try again after %s)", round(e.RetryAfter))
	}
	return b.String()
}

// Is implements the matching that errors.Is does.
func (e *Error) Is(target error) bool {
	no := e.StatusCode >= 400 && e.StatusCode <= 499
	switch target {
	case cert.ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case cert.ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden
	case cert.ErrRetryLater:
		return e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusTooManyRequests
	case cert.ErrRefused:
		return no
	case cert.ErrOneRequest:
		return slices.Contains(ofOneRequest, e.StatusCode)
	case cert.ErrLost:
		return !no
	default:
		return false
	}
}

// complaint reads an answer outside 2xx. It never fails: whatever the body is, the
// status remains.
func (c *Client) complaint(q call, res *http.Response, after time.Duration) *Error {
	e := &Error{Method: q.method, Path: q.path, StatusCode: res.StatusCode, RetryAfter: after}
	if troubleOf(res.StatusCode) == strayed {
		e.Details = []string{strayedTo(res)}
		return e
	}
	e.Code, e.Details = c.words(res)
	return e
}

// unreadable is a 2xx whose body is of no use.
func (c *Client) unreadable(q call, res *http.Response, why error) *Error {
	text := "the answer cannot be read: " + c.clean(why.Error())
	return &Error{Method: q.method, Path: q.path, StatusCode: res.StatusCode, Details: []string{text}}
}

// strayedTo names the host of a redirect, and not what follows, which may be secret.
func strayedTo(res *http.Response) string {
	to, err := res.Location()
	if err != nil {
		return "a redirect, and redirects are not followed"
	}
	return fmt.Sprintf("a redirect to %q, and redirects are not followed", to.Host)
}
