package cps

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
)

// Error is an answer with a status outside 2xx, or a 2xx whose body cannot be read. It
// matches, with errors.Is, cert.ErrNotFound (404), cert.ErrUnauthorized (401, 403),
// cert.ErrRetryLater (401, 429), cert.ErrOnlyThisRequest (400, 404, 409, 422), cert.ErrRefused
// (every 4xx) and cert.ErrNoAnswer (everything else).
type Error struct {
	Method, Path string        // Path is below the API's URL, with the query
	StatusCode   int           // of HTTP
	Code         string        // the server's own word, such as "invalid_input"; may be ""
	Details      []string      // sentences from the server, shortened, each on one line
	RetryAfter   time.Duration // how long the server asks to wait; zero when it did not say
}

// Error returns the call, the status and the server's own text.
func (e *Error) Error() string {
	text := strings.TrimSpace(fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.StatusCode, http.StatusText(e.StatusCode)))
	if e.Code != "" {
		text += ": " + e.Code
	}
	if len(e.Details) > 0 {
		text += ": " + strings.Join(e.Details, "; ")
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(" (try again after %s)", round(e.RetryAfter))
	}
	return text
}

// OfList reports whether the list was asked for: an API that is there has it.
func (e *Error) OfList() bool { return strings.HasPrefix(e.Path, "/v2.0/certificates?") }

// Cause returns what a person reads of an error that wraps this one.
func (e *Error) Cause() string { return e.Error() }

// Is implements the interface of errors.Is.
func (e *Error) Is(target error) bool {
	no := e.StatusCode >= 400 && e.StatusCode <= 499
	of := func(codes ...int) bool { return slices.Contains(codes, e.StatusCode) }
	switch target {
	case cert.ErrNotFound:
		return of(http.StatusNotFound)
	case cert.ErrUnauthorized:
		return of(http.StatusUnauthorized, http.StatusForbidden)
	case cert.ErrRetryLater:
		return of(http.StatusUnauthorized, http.StatusTooManyRequests)
	case cert.ErrOnlyThisRequest:
		return of(http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity)
	default:
		return target == cert.ErrRefused && no || target == cert.ErrNoAnswer && !no
	}
}

// responseError reads an answer outside 2xx. It accepts any body. Of a redirect it names only the
// host: the path and query may be secret.
func (e *exchange) responseError(res *http.Response, after time.Duration) *Error {
	err := &Error{Method: e.method, Path: e.path, StatusCode: res.StatusCode, RetryAfter: after}
	if failureOf(res.StatusCode) != redirected {
		err.Code, err.Details = e.serverWords(res)
	} else if to, locationErr := res.Location(); locationErr == nil {
		err.Details = []string{fmt.Sprintf("a redirect to %q, and redirects are not followed", to.Host)}
	} else {
		err.Details = []string{"a redirect, and redirects are not followed"}
	}
	return err
}

// Bounds of the quoted text of a server.
const (
	maxDetails = 8   // sentences of one answer
	maxText    = 300 // characters of one sentence
)

// serverWords returns the error code and the sentences of any body: the vendor's own form,
// {"Message"} of its older services, {"error"} of the token service, a web page of a
// gateway, plain text, half an answer or none.
//
// Source: cps-api, section 2.3.
func (c *Client) serverWords(res *http.Response) (code string, details []string) {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxError)) // half an answer is still of use
	text := strings.TrimSpace(string(body))
	var object map[string]json.RawMessage
	switch {
	case json.Unmarshal(body, &object) == nil:
		code, details = vendorWords(object)
	case strings.HasPrefix(text, "<"):
		details = []string{"a web page"}
		if m := title.FindStringSubmatch(text); m != nil {
			details[0] += ", titled " + strings.TrimSpace(m[1])
		}
	default:
		details = []string{text}
	}
	for i := range details {
		details[i] = c.clean(details[i])
	}
	details = slices.DeleteFunc(details, func(text string) bool { return text == "" })
	return c.clean(code), details[:min(len(details), maxDetails)]
}

var title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// vendorWords takes the known members from an object, whatever their types. A detail may name the
// member of the body that it is about.
func vendorWords(object map[string]json.RawMessage) (code string, details []string) {
	for _, key := range []string{"title", "description", "error_description", "Message", "message"} {
		details = append(details, str(object[key]))
	}
	var list []map[string]json.RawMessage
	_ = json.Unmarshal(object["details"], &list)
	for _, d := range list {
		text, source := cmp.Or(str(d["description"]), str(d["code"])), str(d["source"])
		if text != "" && source != "" {
			source += ": "
		}
		details = append(details, source+text)
	}
	return cmp.Or(str(object["code"]), str(object["error"])), details
}

// str returns raw as a string, or "" when it is not one.
func str(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// clean prepares text of the server for quoting: one short line without our secrets and
// without control characters.
func (c *Client) clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, c.auth.redact(text))
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxText {
		text = string([]rune(text)[:maxText]) + "..."
	}
	return text
}
