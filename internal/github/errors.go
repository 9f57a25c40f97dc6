package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What an error of a call means. Each error matches at most one of them.
var (
	// ErrNoToken: there is nothing to authenticate with.
	ErrNoToken = errors.New("no token")
	// ErrUnauthorized: GitHub does not know the token (401).
	ErrUnauthorized = errors.New("GitHub does not know the token")
	// ErrMayNot: the token may not do this, or what it is about does not exist
	// (403, 404). GitHub does not always tell the two apart.
	ErrMayNot = errors.New("not found, or not allowed with this token")
	// ErrNoCommit: GitHub does not know a commit, or not yet (404, 422).
	ErrNoCommit = errors.New("GitHub does not know this commit yet")
	// ErrLimited: GitHub wants a longer pause than a job should make.
	ErrLimited = errors.New("over GitHub's rate limit")
	// ErrUnanswered: there was no answer, or one of a broken server (5xx). Nobody
	// knows whether a write took effect.
	ErrUnanswered = errors.New("no proper answer from GitHub")
)

// explain returns the error of a call for people: doing says what the call was for, and r is the answer, if there
// was one. The server's own text is kept only from an answer that has a message.
func explain(doing string, r *refusal, err error) error {
	switch code := r.status; {
	case r.isLimit():
		return fmt.Errorf("%s: %w; run the job again later", doing, ErrLimited)
	case code == http.StatusUnauthorized:
		return fmt.Errorf("%s: %w (401)", doing, ErrUnauthorized)
	case code == http.StatusForbidden, code == http.StatusNotFound:
		return fmt.Errorf("%s: %w (%d%s)", doing, ErrMayNot, code, r.words())
	case code >= 500:
		return fmt.Errorf("%s: %w (%d)", doing, ErrUnanswered, code)
	case code != 0:
		return fmt.Errorf("%s: GitHub refuses it (%d%s)", doing, code, r.words())
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w: none within %s", doing, ErrUnanswered, perRequest)
	default:
		return fmt.Errorf("%s: %w: %w", doing, ErrUnanswered, err)
	}
}

// refusal is the error of an answer whose status is no success, with what is read of its JSON.
type refusal struct {
	status        int
	header        http.Header
	Message       string   `json:"message"`
	Errors        []detail `json:"errors"`
	Documentation string   `json:"documentation_url"`
}

func (r *refusal) Error() string { return fmt.Sprint(r.status) }

// isLimit reports whether the answer asks for a pause: a 429, or a 403 that says so.
func (r *refusal) isLimit() bool {
	return r.status == http.StatusTooManyRequests || r.status == http.StatusForbidden &&
		(r.quotaUsed() || strings.HasSuffix(r.Documentation, "secondary-rate-limits") ||
			strings.HasPrefix(r.Message, "You have exceeded a secondary rate limit"))
}

// quotaUsed reports whether no request of the hour is left.
func (r *refusal) quotaUsed() bool { return r.header.Get("X-RateLimit-Remaining") == "0" }

// pause returns how long to wait after the answer of a limit. When a quota begins anew, GitHub says as a time of
// day, so that the clock of this machine decides how long that is.
func (r *refusal) pause(now time.Time) time.Duration {
	if end, err := strconv.ParseInt(r.header.Get("X-RateLimit-Reset"), 10, 64); err == nil && r.quotaUsed() {
		return max(time.Unix(end, 0).Sub(now), 0) + time.Second
	}
	if seconds, err := strconv.Atoi(r.header.Get("Retry-After")); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	return usualPause
}

// words returns the server's message and its details after a colon; "" if there is none. Nothing else says why
// GitHub refuses.
func (r *refusal) words() string {
	if r.Message == "" {
		return ""
	}
	text := r.Message
	for _, e := range r.Errors {
		if e != "" {
			text += "; " + string(e)
		}
	}
	return ": " + text[:min(len(text), 300)]
}

// detail is one of the errors of an answer: a text, or an object with a message.
type detail string

// UnmarshalJSON takes both.
func (d *detail) UnmarshalJSON(data []byte) error {
	var object struct{ Message detail }
	if json.Unmarshal(data, &object) == nil {
		*d = object.Message
		return nil
	}
	return json.Unmarshal(data, (*string)(d))
}
