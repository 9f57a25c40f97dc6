package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-github/v89/github"
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

// explain wraps what a call ended with. Text of the server is kept only from errors
// that it words for people.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, limited := pauseOf(err); limited {
		return fmt.Errorf("%s: %w; run the job again later", doing, ErrLimited)
	}
	switch code := statusOf(err); {
	case code == http.StatusUnauthorized:
		return fmt.Errorf("%s: %w (401)", doing, ErrUnauthorized)
	case code == http.StatusForbidden, code == http.StatusNotFound:
		return fmt.Errorf("%s: %w (%d%s)", doing, ErrMayNot, code, said(err))
	case code >= 500:
		return fmt.Errorf("%s: %w (%d)", doing, ErrUnanswered, code)
	case code != 0:
		return fmt.Errorf("%s: GitHub refuses it (%d%s)", doing, code, said(err))
	default:
		return fmt.Errorf("%s: %w: %w", doing, ErrUnanswered, withoutAddress(err))
	}
}

// statusOf is the status of the answer, or 0 when there was none that could be read.
func statusOf(err error) int {
	if answer, ok := errors.AsType[*github.ErrorResponse](err); ok {
		return answer.Response.StatusCode
	}
	if moved, ok := errors.AsType[*github.RedirectionError](err); ok {
		return moved.StatusCode
	}
	if _, ok := errors.AsType[*github.TwoFactorAuthError](err); ok {
		return http.StatusUnauthorized
	}
	return 0
}

// said is the server's own sentence, which is the only hint at why.
func said(err error) string {
	answer, ok := errors.AsType[*github.ErrorResponse](err)
	if !ok || answer.Message == "" {
		return ""
	}
	text := answer.Message
	for _, e := range answer.Errors {
		if e.Message != "" {
			text += "; " + e.Message
		}
	}
	return ": " + text[:min(len(text), 300)]
}

// withoutAddress keeps whether the time was up, and what the network said.
func withoutAddress(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("none within %s", perRequest)
	}
	return err
}
