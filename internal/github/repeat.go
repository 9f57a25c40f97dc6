package github

import (
	"context"
	"errors"
	"time"
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
// applied, and a second comment would stand beside the first.
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
			return redacted{explain(doing, err), c.hide}
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
	if r, ok := errors.AsType[*refusal](err); ok && r.isLimit() {
		pause := r.pause(c.now())
		return pause, pause <= mostPause
	}
	code := statusOf(err)
	unanswered := code == 0 || code >= 500
	return time.Second << (try - 1), unanswered && k == read
}
