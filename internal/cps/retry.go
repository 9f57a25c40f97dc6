package cps

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"syscall"
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

func (c retryClass) action(f failure) action {
	if f >= numFailures {
		return stop
	}
	return retryTable[c][f]
}

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

// exchange is one call and its attempts.
type exchange struct {
	*Client
	call
	slot        *slot         // nil for a token request, which needs none
	used        token         // of the latest attempt, or what it fetched
	tries       int           // attempts
	sent        int           // attempts that reached, or may have reached, the server
	retries     int           // retries after pauses; a 429 counts from the run's last answer
	answersSeen int           // answers of the run at the last 429
	waited      time.Duration // sum of the pauses
	refreshed   bool          // a new token was fetched
	doubt       error         // the error of an earlier attempt that may have taken effect
}

// outcome is the result of one attempt.
type outcome struct {
	failure    failure
	sent       bool          // false only when the server cannot have seen the request
	status     int           // 0 without an answer
	retryAfter time.Duration // as the server asks; 0 without a header
	err        error         // set with every failure; its text has method and path
}

// do sends the call until it is answered or retryTable says stop. It returns how many attempts
// were sent, and an error that matches cert.ErrNotSent, cert.ErrRefused or cert.ErrNoAnswer.
//
// If an earlier attempt may have taken effect, the call is in doubt even when the server
// rejected the next one: it may have rejected that only because the first one took effect.
func (e *exchange) do(ctx context.Context) (sent int, err error) {
	for {
		e.tries++
		o := e.attempt(ctx)
		if o.sent {
			e.sent++
		}
		if o.failure == succeeded {
			return e.sent, nil
		}
		again, why := e.again(ctx, o)
		if again {
			if e.class != readCall && (o.failure == unavailable || o.failure == noAnswer) {
				e.doubt = o.err
			}
			continue
		}
		err := o.err
		if why != nil {
			err = fmt.Errorf("%w; %w", err, why)
		}
		if e.doubt == nil {
			return e.sent, err
		}
		return e.sent, fmt.Errorf("%w; before that, and it may have taken effect: %w", doubtfulError{err}, e.doubt)
	}
}

// doubtfulError has the text of an error but matches cert.ErrNoAnswer, and cert.ErrUnauthorized
// when the error does.
type doubtfulError struct{ err error }

func (e doubtfulError) Error() string { return e.err.Error() }
func (e doubtfulError) Is(target error) bool {
	return target == cert.ErrNoAnswer || target == cert.ErrUnauthorized && errors.Is(e.err, target)
}

// again reports whether the call may be sent again, after the pause before it. The error says
// why it may not be sent although the table allows it.
func (e *exchange) again(ctx context.Context, o outcome) (bool, error) {
	switch e.class.action(o.failure) {
	case retry:
		err := e.pause(ctx, o)
		return err == nil, err
	case refreshToken:
		if e.refreshed || !e.auth.discard(e.used) {
			return false, nil
		}
		e.refreshed = true
		e.meter.retried(0)
		return true, nil
	case handBack:
		if o.failure == unauthorized {
			e.auth.discard(e.used) // the caller's read needs another token
		}
	case stop:
	}
	return false, nil
}

func (e *exchange) attempt(ctx context.Context) outcome {
	if ctx.Err() != nil {
		return e.stopped(context.Cause(ctx))
	}
	if e.fetch == nil { // a call of the API
		var err error
		if e.used, err = e.auth.token(ctx); err != nil {
			return e.stopped(err)
		}
	}
	w := new(attemptTrace)
	ctx, end := w.begin(ctx, e.cfg.RequestTimeout, e.class != readCall)
	defer end()
	start := e.cfg.Now()
	o, err := e.send(ctx)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx) // says more than "context deadline exceeded"
		}
		o = e.unanswered(w, err)
		o.err = redactedError{o.err, e.auth}
	}
	took := e.cfg.Now().Sub(start)
	if o.status != 0 && o.failure != rateLimited {
		e.slot.answered(e.kind, took)
	}
	e.meter.exchange(ctx, e.call, e.tries, o, took)
	return o
}

// Bounds of the retries of one call.
//
// Source: cps-api, section 2.5, the policy of the vendor's own client.
const (
	maxRetries = 5
	minPause   = time.Second
	maxPause   = 60 * time.Second // the server may ask for more
	maxWaiting = 30 * time.Minute // sum of all pauses
	// briefly is for how long a connection is tried again that fails for a reason which rarely
	// goes away: a name that DNS does not know, a port where nobody listens.
	briefly = 10 * time.Second
)

// pause waits until the call may be sent again. Its error says why it may not. After a 429 all
// calls wait, after any other failure only this one.
func (e *exchange) pause(ctx context.Context, o outcome) error {
	if o.failure == rateLimited && e.slot != nil {
		return e.pauseAll(ctx, o)
	}
	d := delay(e.retries, o.retryAfter)
	d += spread(d, e.cfg.Jitter())
	if err := e.checkRetry(o, d); err != nil {
		return err
	}
	e.meter.waiting(ctx, e.call, o, "retrying", d)
	if err := e.cfg.Wait(ctx, d); err != nil {
		return fmt.Errorf("stopped while waiting: %w", err)
	}
	e.retried(d)
	return e.slot.reenter(ctx)
}

// pauseAll stops all calls and waits first in line. The retries of a call are not used up
// while the run gets answers to other calls.
func (e *exchange) pauseAll(ctx context.Context, o outcome) error {
	d, news, answers := e.slot.rateLimited(o.retryAfter, e.cfg.Jitter())
	if answers > e.answersSeen {
		e.answersSeen, e.retries = answers, 0
	}
	if err := e.checkRetry(o, d); err != nil {
		e.gate.reopen() // other calls decide for themselves
		return err
	}
	if news {
		e.meter.waiting(ctx, e.call, o, "retrying", d)
	}
	start := e.cfg.Now()
	if err := e.slot.reenter(ctx); err != nil {
		return err
	}
	e.retried(e.cfg.Now().Sub(start))
	return nil
}

func (e *exchange) retried(after time.Duration) {
	e.retries++
	e.waited += after
	e.meter.retried(after)
}

// checkRetry returns why a call is not sent again after a pause of d, or nil.
func (e *exchange) checkRetry(o outcome, d time.Duration) error {
	var dns *net.DNSError
	rarelyEnds := errors.As(o.err, &dns) && dns.IsNotFound || errors.Is(o.err, syscall.ECONNREFUSED)
	if e.retries == maxRetries || rarelyEnds && e.waited+d > briefly {
		return fmt.Errorf("given up after %d attempts", e.tries)
	}
	return e.checkWait(d, e.waited)
}

// checkWait returns an error if a call that has waited cannot wait for another d.
func (c *Client) checkWait(d, waited time.Duration) error {
	if left := max(min(maxWaiting-waited, c.cfg.Budget()), 0); d > left {
		return TooLongError{d, left}
	}
	return nil
}

// minOrderPause is the shortest wait after an order that was answered 401 or 429. The API
// may have carried it out all the same, and needs time to show it.
const minOrderPause = 10 * time.Second

// RetryDelay returns how long to wait before reading the request of an order that failed
// with cert.ErrRetryLater. Its error says why the order must not be sent again whatever
// that read shows.
func (c *Client) RetryDelay(ctx context.Context, failed error) (time.Duration, error) {
	var e *Error
	if !errors.As(failed, &e) {
		return minOrderPause, failed
	}
	if e.StatusCode == http.StatusUnauthorized && c.auth.fetch == nil {
		return minOrderPause, errors.New("not tried again: a ready token can't be renewed")
	}
	d := max(minOrderPause, e.RetryAfter)
	if err := c.checkWait(d, 0); err != nil {
		return minOrderPause, err
	}
	o := outcome{failure: failureOf(e.StatusCode), status: e.StatusCode}
	c.meter.waiting(ctx, call{method: e.Method, path: e.Path}, o, "reading the request", d)
	return d, nil
}

// SentAgain counts that an order is sent again, after a wait.
func (c *Client) SentAgain(after time.Duration) { c.meter.retried(after) }

// TooLongError is a wait that the server asks for, and that is longer than the run has left.
type TooLongError struct{ Wait, Left time.Duration }

// Error returns the wait and the time that is left, rounded.
func (e TooLongError) Error() string {
	return fmt.Sprintf("not tried again: the wait would be %s, and %s are left", round(e.Wait), round(e.Left))
}

// delay returns the pause before retry n, which counts from 0. It doubles from one second
// to a minute, or is what the server asks if that is longer.
func delay(n int, asked time.Duration) time.Duration {
	return max(min(minPause<<n, maxPause), asked)
}

// spread returns up to a tenth of d, at most a second, so that clients do not all return at
// once. jitter is in [0,1).
func spread(d time.Duration, jitter float64) time.Duration {
	return time.Duration(jitter * float64(min(d/10, time.Second)))
}

// retryAfter reads the Retry-After header: whole seconds or a date. It compares a date with
// the answer's own date if there is one, so that a wrong clock here does no harm. It
// returns 0 for a header that is missing or cannot be read.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(n, math.MaxInt32)) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0)
}

// Sleep waits for d, or until the context ends, and then returns its cause.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
