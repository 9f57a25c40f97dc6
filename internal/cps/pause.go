package cps

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Bounds of the retries of one call.
//
// Source: cps-api, section 2.5, the policy of the vendor's own client.
const (
	maxRetries = 5
	minPause   = time.Second
	maxPause   = 60 * time.Second // the server may ask for more
	maxWaiting = 30 * time.Minute // sum of all pauses
)

// pause waits until e may be sent again. Its error says why it may not. After a 429 all
// calls wait, after any other failure only this one.
func (c *Client) pause(ctx context.Context, e exchange, h *history, o outcome) error {
	if o.failure == rateLimited && e.slot != nil {
		return c.pauseAll(ctx, e, h, o)
	}
	d := delay(h.retries, o.retryAfter)
	d += spread(d, c.cfg.Jitter())
	if err := c.checkRetry(h, o, d); err != nil {
		return err
	}
	c.meter.waiting(ctx, e.call, o, d)
	if err := c.cfg.Wait(ctx, d); err != nil {
		return fmt.Errorf("stopped while waiting: %w", err)
	}
	h.retried(d)
	c.meter.retried(d)
	return e.slot.reenter(ctx)
}

// pauseAll stops all calls and waits first in line. The retries of a call are not used up
// while the run gets answers to other calls.
func (c *Client) pauseAll(ctx context.Context, e exchange, h *history, o outcome) error {
	d, news := e.slot.rateLimited(o.retryAfter, c.cfg.Jitter())
	if answered := c.gate.answersSoFar(); answered > h.answersSeen {
		h.answersSeen, h.retries = answered, 0
	}
	if err := c.checkRetry(h, o, d); err != nil {
		c.gate.reopen() // other calls decide for themselves
		return err
	}
	if news {
		c.meter.waiting(ctx, e.call, o, d)
	}
	start := c.cfg.Now()
	if err := e.slot.reenter(ctx); err != nil {
		return err
	}
	d = c.cfg.Now().Sub(start)
	h.retried(d)
	c.meter.retried(d)
	return nil
}

// checkRetry returns why a call is not sent again after a pause of d, or nil.
func (c *Client) checkRetry(h *history, o outcome, d time.Duration) error {
	if h.retries == maxRetries || isTriedBriefly(o.err) && h.waited+d > briefly {
		return fmt.Errorf("given up after %d attempts", h.tries)
	}
	if left := c.left(h); d > left {
		return tooLong(d, left)
	}
	return nil
}

// left returns how long this call may still wait.
func (c *Client) left(h *history) time.Duration {
	return max(min(maxWaiting-h.waited, c.cfg.left()), 0)
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
	if left := c.left(&history{}); d > left {
		return minOrderPause, tooLong(d, left)
	}
	o := outcome{failure: failureOf(e.StatusCode), status: e.StatusCode}
	c.meter.waiting(ctx, call{method: e.Method, path: e.Path}, o, d)
	c.meter.retried(d)
	return d, nil
}

// TooLongError is a wait that the server asks for, and that is longer than the run has left.
type TooLongError struct{ Wait, Left time.Duration }

// Error returns the wait and the time that is left, rounded.
func (e TooLongError) Error() string {
	return fmt.Sprintf("not tried again: the wait would be %s, and %s are left", round(e.Wait), round(e.Left))
}

func tooLong(wait, left time.Duration) error { return TooLongError{wait, left} }

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
