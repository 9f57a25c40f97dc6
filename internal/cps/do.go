package cps

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// exchange is one request with an answer, however often it has to be sent.
type exchange struct {
	row    row
	kind   Kind
	method string
	path   string // for people and logs; with the query

	place   *place                            // nil: needs none
	prepare func(context.Context) error       // before each attempt; an error is final. May be nil
	send    func(ctx context.Context) outcome // one attempt
	renew   func() bool                       // whether another token can be had after a 401. May be nil
}

// outcome is what one attempt came to.
type outcome struct {
	trouble trouble
	sent    bool          // false only when the server cannot have seen the request
	status  int           // 0 without an answer
	after   time.Duration // how long the server asks to wait; 0 when it does not say
	err     error         // set with every trouble; its text has method and path
	cause   error         // set when no answer came at all
}

// history is what one call has been through.
type history struct {
	tries   int           // attempts
	sent    int           // those that reached, or may have reached, the server
	repeats int           // after pauses; after 429, since the run last got an answer
	heard   int           // answers the run had got by then
	waited  time.Duration // so far
	renewed bool          // a new token was asked for
	doubt   error         // of an earlier attempt that may have taken effect
}

// repeated notes a pause after which the call is sent again.
func (h *history) repeated(after time.Duration) {
	h.repeats++
	h.waited += after
}

// do sends e until it is answered or the table of repeats says to stop. It returns
// how many attempts were sent, and an error that matches cert.ErrNotSent,
// cert.ErrRefused or cert.ErrLost.
func (c *Client) do(ctx context.Context, e exchange) (sent int, err error) {
	var h history
	for {
		h.tries++
		o := c.attempt(ctx, e, h.tries)
		if o.sent {
			h.sent++
		}
		if o.trouble == nothing {
			return h.sent, nil
		}
		again, why := c.again(ctx, e, &h, o)
		if !again {
			return h.sent, h.verdict(o, why)
		}
		if e.row != read && (o.trouble == busy || o.trouble == lost) {
			h.doubt = o.err
		}
	}
}

// again looks up whether e may be sent again, and waits until it may. When it may
// not although the table allows it, the error says why.
func (c *Client) again(ctx context.Context, e exchange, h *history, o outcome) (bool, error) {
	switch e.row.on(o.trouble) {
	case redo:
		err := c.pause(ctx, e, h, o)
		return err == nil, err
	case anew:
		if h.renewed || e.renew == nil || !e.renew() {
			return false, nil
		}
		h.renewed = true
		c.meter.again(0)
		return true, nil
	case hand:
		if o.trouble == denied && e.renew != nil {
			e.renew() // so that the reading has another token
		}
		return false, nil
	default:
		return false, nil
	}
}

// attempt sends e once, with its own timeout.
func (c *Client) attempt(ctx context.Context, e exchange, number int) outcome {
	if ctx.Err() != nil {
		return e.stopped(context.Cause(ctx))
	}
	if e.prepare != nil {
		if err := e.prepare(ctx); err != nil {
			return e.stopped(err)
		}
	}
	ctx, w := newWatch(ctx, c.cfg.RequestTimeout, e.row != read)
	defer w.done()
	start := c.cfg.Now()
	o := e.send(ctx)
	if o.cause != nil {
		o = e.unanswered(w, w.explain(ctx, o.cause))
		o.err = hushed{o.err, c.auth}
	}
	took := c.cfg.Now().Sub(start)
	if o.status != 0 && o.trouble != limited {
		e.place.answered(e.kind, took)
	}
	c.meter.exchange(ctx, e, number, o, took)
	return o
}

// stopped is the outcome of an attempt that was not made.
func (e exchange) stopped(why error) outcome {
	return outcome{
		trouble: refused,
		err:     fmt.Errorf("%s %s: %w: %w", e.method, e.path, cert.ErrNotSent, why),
	}
}

// unanswered is the outcome of an attempt that no answer came to.
func (e exchange) unanswered(w *watch, cause error) outcome {
	var u *url.Error
	if errors.As(cause, &u) {
		cause = u.Err // without method and URL, which are said already
	}
	switch {
	case errors.Is(cause, errReadOnly):
		return e.stopped(cause)
	case w.nothingSent(cause):
		o := e.stopped(cause)
		o.trouble = unsent
		return o
	default:
		err := fmt.Errorf("%s %s: %w: %w", e.method, e.path, cert.ErrLost, cause)
		return outcome{trouble: lost, sent: true, err: err}
	}
}

// verdict is the error of a call whose last attempt came to o. An earlier attempt
// that may have taken effect leaves the call in doubt, even when the server refused
// the next one: what it refused is to do it once more.
func (h history) verdict(o outcome, why error) error {
	err := o.err
	if why != nil {
		err = fmt.Errorf("%w; %w", err, why)
	}
	if h.doubt == nil {
		return err
	}
	return fmt.Errorf("%w; before that, and it may have taken effect: %w", lostOnly{err}, h.doubt)
}

// lostOnly keeps the words of an error and matches cert.ErrLost, and
// cert.ErrUnauthorized when the error does.
type lostOnly struct{ err error }

func (l lostOnly) Error() string { return l.err.Error() }

func (l lostOnly) Is(target error) bool {
	return target == cert.ErrLost || target == cert.ErrUnauthorized && errors.Is(l.err, target)
}
