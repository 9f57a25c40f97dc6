package github

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-github/v89/github"
)

// How long things may take.
const (
	perRequest = 30 * time.Second
	mostPause  = 2 * time.Minute  // that GitHub may ask for
	usualPause = 60 * time.Second // where it does not say: its documents ask for a minute
	mostTries  = 4
)

// kind says what may be repeated. Nothing else repeats a request.
//
//	        over a limit     no answer, 5xx    anything else
//	read    wait, repeat     repeat            -
//	write   wait, repeat     -                 -
//
// A limit is a refusal: nothing was done. A write without an answer may have been
// carried out, and a second comment would stand beside the first.
type kind bool

const (
	read  kind = false
	write kind = true
)

// do makes a call, as often as its kind allows. doing says what for, in errors.
func (c *Client) do(ctx context.Context, k kind, doing string, call func(context.Context) error) error {
	for try := 1; ; try++ {
		err := once(ctx, call)
		pause, again := c.again(k, err, try)
		if err == nil {
			return nil
		}
		if !again {
			return hushed{explain(doing, err), c.hide}
		}
		if err := c.wait(ctx, pause); err != nil {
			return err
		}
	}
}

func once(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, perRequest)
	defer cancel()
	return call(ctx)
}

// again says whether to repeat, and after which pause.
func (c *Client) again(k kind, err error, try int) (time.Duration, bool) {
	if err == nil || try == mostTries {
		return 0, false
	}
	if pause, limited := c.pause(err); limited {
		return pause, pause <= mostPause
	}
	code := statusOf(err)
	unanswered := code == 0 || code >= 500
	return time.Second << (try - 1), unanswered && k == read
}

// pause is how long GitHub wants to be left alone. The moment at which a limit ends
// is measured by the clock here.
func (c *Client) pause(err error) (time.Duration, bool) {
	if limit, ok := errors.AsType[*github.RateLimitError](err); ok && !limit.Rate.Reset.IsZero() {
		return max(limit.Rate.Reset.Sub(c.now()), 0) + time.Second, true
	}
	return pauseOf(err)
}

// pauseOf is the pause as far as it can be told without a clock.
func pauseOf(err error) (time.Duration, bool) {
	if _, ok := errors.AsType[*github.RateLimitError](err); ok {
		return usualPause, true
	}
	if limit, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		return asked(limit.Response), true
	}
	if statusOf(err) == http.StatusTooManyRequests {
		answer, _ := errors.AsType[*github.ErrorResponse](err)
		return asked(answer.Response), true
	}
	return 0, false
}

// asked is the pause that the answer names.
func asked(r *http.Response) time.Duration {
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	return usualPause
}
