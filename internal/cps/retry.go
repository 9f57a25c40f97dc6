package cps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// retryClass says what a request may start, and with that how often it may be sent.
type retryClass uint8

const (
	readCall      retryClass = iota // GET, and fetching a token
	metadataWrite                   // PATCH of label, description, auto_renew
	order                           // PATCH of domains or dcv_method, renew, retrigger
	numClasses
)

// failure is what went wrong with one attempt.
type failure uint8

const (
	notSent      failure = iota // nothing reached the server
	unauthorized                // 401
	rateLimited                 // 429
	unavailable                 // 503
	noAnswer                    // another 5xx, no answer, or one that cannot be read
	redirected                  // a redirect
	numFailures

	rejected  = numFailures     // any other 4xx, or stopped on our side: in no column, never repeated
	succeeded = numFailures + 1 // it went well
)

// action is what is done about a trouble.
type action uint8

const (
	stop         action = iota // never send it again; of a write only a reading can tell what became of it
	retry                      // wait as long as the server asks, or back off; then send it again
	refreshToken               // fetch one new token and send it again, once a call
	handBack                   // hand it back: the caller reads the request, and may then send it once more
)

// retryTable is the one table of what is sent again. Nothing else repeats anything.
//
// Sources: product.md, section 6; cps-api, sections 1.2 and 2.5.
var retryTable = [numClasses][numFailures]action{
	//     none  401   429   503   lost  3xx
	readCall:      {retry, refreshToken, retry, retry, retry, stop},
	metadataWrite: {retry, refreshToken, retry, retry, stop, stop},
	order:         {retry, handBack, handBack, stop, stop, stop},
}

// action returns what is done about a failure of a request of this class.
func (c retryClass) action(f failure) action {
	if f >= numFailures {
		return stop
	}
	return retryTable[c][f]
}

// failureOf sorts a status into its column.
func failureOf(status int) failure {
	switch {
	case status >= 200 && status <= 299:
		return succeeded
	case status >= 300 && status <= 399:
		return redirected
	case status == http.StatusUnauthorized:
		return unauthorized
	case status == http.StatusTooManyRequests:
		return rateLimited
	case status == http.StatusServiceUnavailable:
		return unavailable
	case status >= 400 && status <= 499:
		return rejected
	default:
		return noAnswer
	}
}

// exchange is one request with an answer, however often it has to be sent.
type exchange struct {
	class  retryClass
	kind   Kind
	method string
	path   string // for people and logs; with the query

	slot    *slot                             // nil: needs none
	prepare func(context.Context) error       // before each attempt; an error is final. May be nil
	send    func(ctx context.Context) outcome // one attempt
	refresh func() bool                       // whether another token can be had after a 401. May be nil
}

// outcome is what one attempt came to.
type outcome struct {
	failure    failure
	sent       bool          // false only when the server cannot have seen the request
	status     int           // 0 without an answer
	retryAfter time.Duration // how long the server asks to wait; 0 when it does not say
	err        error         // set with every trouble; its text has method and path
	cause      error         // set when no answer came at all
}

// history is what one call has been through.
type history struct {
	tries       int           // attempts
	sent        int           // those that reached, or may have reached, the server
	retries     int           // after pauses; after 429, since the run last got an answer
	answersSeen int           // answers the run had got by then
	waited      time.Duration // so far
	refreshed   bool          // a new token was asked for
	doubt       error         // of an earlier attempt that may have taken effect
}

// retried notes a pause after which the call is sent again.
func (h *history) retried(after time.Duration) {
	h.retries++
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
		if o.failure == succeeded {
			return h.sent, nil
		}
		again, why := c.again(ctx, e, &h, o)
		if !again {
			return h.sent, h.verdict(o, why)
		}
		if e.class != readCall && (o.failure == unavailable || o.failure == noAnswer) {
			h.doubt = o.err
		}
	}
}

// again looks up whether e may be sent again, and waits until it may. When it may
// not although the table allows it, the error says why.
func (c *Client) again(ctx context.Context, e exchange, h *history, o outcome) (bool, error) {
	switch e.class.action(o.failure) {
	case retry:
		err := c.pause(ctx, e, h, o)
		return err == nil, err
	case refreshToken:
		if h.refreshed || e.refresh == nil || !e.refresh() {
			return false, nil
		}
		h.refreshed = true
		c.meter.retried(0)
		return true, nil
	case handBack:
		if o.failure == unauthorized && e.refresh != nil {
			e.refresh() // so that the reading has another token
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
	ctx, w := newAttemptTrace(ctx, c.cfg.RequestTimeout, e.class != readCall)
	defer w.done()
	start := c.cfg.Now()
	o := e.send(ctx)
	if o.cause != nil {
		o = e.unanswered(w, w.explain(ctx, o.cause))
		o.err = redactedError{o.err, c.auth}
	}
	took := c.cfg.Now().Sub(start)
	if o.status != 0 && o.failure != rateLimited {
		e.slot.answered(e.kind, took)
	}
	c.meter.exchange(ctx, e, number, o, took)
	return o
}

// stopped is the outcome of an attempt that was not made.
func (e exchange) stopped(why error) outcome {
	return outcome{
		failure: rejected,
		err:     fmt.Errorf("%s %s: %w: %w", e.method, e.path, cert.ErrNotSent, why),
	}
}

// unanswered is the outcome of an attempt that no answer came to.
func (e exchange) unanswered(w *attemptTrace, cause error) outcome {
	var u *url.Error
	if errors.As(cause, &u) {
		cause = u.Err // without method and URL, which are said already
	}
	switch {
	case errors.Is(cause, errReadOnly):
		return e.stopped(cause)
	case w.nothingSent(cause):
		o := e.stopped(cause)
		o.failure = notSent
		return o
	default:
		err := fmt.Errorf("%s %s: %w: %w", e.method, e.path, cert.ErrLost, cause)
		return outcome{failure: noAnswer, sent: true, err: err}
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
	return fmt.Errorf("%w; before that, and it may have taken effect: %w", doubtfulError{err}, h.doubt)
}

// doubtfulError keeps the words of an error and matches cert.ErrLost, and
// cert.ErrUnauthorized when the error does.
type doubtfulError struct{ err error }

func (l doubtfulError) Error() string { return l.err.Error() }

func (l doubtfulError) Is(target error) bool {
	return target == cert.ErrLost || target == cert.ErrUnauthorized && errors.Is(l.err, target)
}
