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

// retryClass is what a request can cause, which decides how often it may be sent.
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

	rejected  = numFailures     // any other 4xx, or not sent by our own decision: always stop
	succeeded = numFailures + 1 // no failure
)

// action is what to do about a failure.
type action uint8

const (
	stop         action = iota // do not send it again; only a read can tell whether a write took effect
	retry                      // wait as long as the server asks, or back off, then send it again
	refreshToken               // fetch a new token and send it again, once for each call
	handBack                   // return to the caller, who reads the request and may then send it once more
)

// retryTable is the only place that decides what is sent again.
//
// Sources: product.md, section 6; cps-api, sections 1.2 and 2.5.
var retryTable = [numClasses][numFailures]action{
	//             notSent unauthorized rateLimited unavailable noAnswer redirected
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

// failureOf returns the failure class of a status.
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

// exchange is one call and its answer, however often it is sent.
type exchange struct {
	call
	slot    *slot                             // nil for a token request, which needs none
	prepare func(context.Context) error       // runs before each attempt; its error is final; may be nil
	send    func(ctx context.Context) outcome // makes one attempt
	refresh func() bool                       // drops the token after a 401, and reports whether another can be fetched; may be nil
}

// outcome is the result of one attempt.
type outcome struct {
	failure    failure
	sent       bool          // false only when the server cannot have seen the request
	status     int           // 0 without an answer
	retryAfter time.Duration // as the server asks; 0 without a header
	err        error         // set with every failure; its text has method and path
	cause      error         // set by send when no answer came
}

// history is the record of one call's attempts.
type history struct {
	tries       int           // attempts
	sent        int           // attempts that reached, or may have reached, the server
	retries     int           // retries after pauses; a 429 counts from the run's last answer
	answersSeen int           // answers of the run at the last 429
	waited      time.Duration // sum of the pauses
	refreshed   bool          // a new token was fetched
	doubt       error         // the error of an earlier attempt that may have taken effect
}

// retried notes a pause and the retry after it.
func (h *history) retried(after time.Duration) {
	h.retries++
	h.waited += after
}

// do sends e until it is answered or retryTable says stop. It returns how many attempts
// were sent, and an error that matches cert.ErrNotSent, cert.ErrRefused or cert.ErrNoAnswer.
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

// again reports whether e may be sent again, after the pause before it. The error says why
// e may not be sent although the table allows it.
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
			e.refresh() // the caller's read needs another token
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
	defer w.end()
	start := c.cfg.Now()
	o := e.send(ctx)
	if o.cause != nil {
		if ctx.Err() != nil {
			o.cause = context.Cause(ctx) // says more than "context deadline exceeded"
		}
		o = c.unanswered(e, w, o.cause)
		o.err = redactedError{o.err, c.auth}
	}
	took := c.cfg.Now().Sub(start)
	if o.status != 0 && o.failure != rateLimited {
		e.slot.answered(e.kind, took)
	}
	c.meter.exchange(ctx, e.call, number, o, took)
	return o
}

// stopped returns the outcome of an attempt that was not made.
func (e exchange) stopped(why error) outcome {
	return outcome{
		failure: rejected,
		err:     fmt.Errorf("%s %s: %w: %w", e.method, e.path, cert.ErrNotSent, why),
	}
}

// unanswered returns the outcome of an attempt without an answer.
func (c *Client) unanswered(e exchange, w *attemptTrace, cause error) outcome {
	noConnection := c.notConnected(e, cause)
	var u *url.Error
	if errors.As(cause, &u) {
		cause = u.Err // the error below has method and path already
	}
	switch {
	case errors.Is(cause, errReadOnly):
		return e.stopped(cause)
	case w.nothingSent(cause):
		o := e.stopped(noConnection)
		if !isLasting(cause) {
			o.failure = notSent
		}
		return o
	default:
		err := fmt.Errorf("%s %s: %w: %w", e.method, e.path, cert.ErrNoAnswer, cause)
		return outcome{failure: noAnswer, sent: true, err: err}
	}
}

// verdict returns the error of a call whose last attempt ended in o. If an earlier attempt
// may have taken effect, the call is in doubt even when the server rejected the next
// attempt: it may have rejected that only because the first one took effect.
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

// doubtfulError has the text of an error but matches cert.ErrNoAnswer, and cert.ErrUnauthorized
// when the error does.
type doubtfulError struct{ err error }

func (e doubtfulError) Error() string { return e.err.Error() }

func (e doubtfulError) Is(target error) bool {
	return target == cert.ErrNoAnswer || target == cert.ErrUnauthorized && errors.Is(e.err, target)
}
