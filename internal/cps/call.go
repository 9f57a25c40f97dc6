package cps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Bounds of an answer, in bytes.
const (
	maxBody  = 8 << 20  // of a read: 20 requests with 100 domains each take some 400 kB
	maxError = 64 << 10 // of an error; the rest is not read
)

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxBody)

// call is one call of the API, or of the token service.
type call struct {
	class  retryClass
	kind   Kind
	method string
	path   string // below the API's URL, with the query
	body   []byte // JSON, nil for none
	// accept reads the body of a 2xx. Its error means that the body cannot be read. A PATCH
	// has none: its 2xx is success whatever the body is, and a later read shows the effect.
	accept func([]byte) error
}

// call makes the call q and returns how many attempts were sent.
func (c *Client) call(ctx context.Context, q call) (sent int, err error) {
	e := exchange{call: q}
	e.slot, err = c.gate.enter(ctx)
	if err != nil {
		return 0, e.stopped(err).err
	}
	defer e.slot.leave()
	var used token
	e.prepare = func(ctx context.Context) (err error) {
		used, err = c.auth.token(ctx)
		return err
	}
	e.send = func(ctx context.Context) outcome { return c.send(ctx, q, used) }
	e.refresh = func() bool { return c.auth.discard(used) }
	return c.do(ctx, e)
}

// send makes one attempt.
func (c *Client) send(ctx context.Context, q call, t token) outcome {
	req, err := c.request(ctx, q, t)
	if err != nil {
		return outcome{cause: err}
	}
	if q.class != readCall {
		// The write gets a new connection. If the server closed a used one, the result of
		// the write would be unknown.
		c.http.CloseIdleConnections()
	}
	res, err := c.http.Do(req)
	if err != nil {
		return outcome{cause: err}
	}
	defer func() { _ = res.Body.Close() }()
	c.meter.noteTime(res.Header, c.cfg.Now())
	return c.answer(q, res)
}

func (c *Client) request(ctx context.Context, q call, t token) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, body)
	if err != nil {
		return nil, err
	}
	req.GetBody = nil // so that net/http cannot send the body twice
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+string(t.value))
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	if q.method != http.MethodGet { // the vendor's samples print it on a PUT without a body too
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// answer turns a response into an outcome.
func (c *Client) answer(q call, res *http.Response) outcome {
	o := outcome{failure: failureOf(res.StatusCode), sent: true, status: res.StatusCode}
	if o.failure == succeeded {
		return c.accept(q, res, o)
	}
	o.retryAfter = retryAfter(res.Header, c.cfg.Now())
	o.err = c.responseError(q, res, o.retryAfter)
	return o
}

// accept reads the body of a 2xx.
func (c *Client) accept(q call, res *http.Response, o outcome) outcome {
	if q.accept == nil {
		_, _ = io.CopyN(io.Discard, res.Body, maxError) // the connection can then be used again
		return o
	}
	body, err := readAll(res.Body)
	switch {
	case errors.Is(err, errTooLong):
		o.err = c.unreadable(q, res, err)
	case err != nil:
		return outcome{cause: fmt.Errorf("the answer broke off: %w", err)}
	default:
		if err := q.accept(body); err != nil {
			o.err = c.unreadable(q, res, err)
		}
	}
	if o.err != nil {
		o.failure = noAnswer
	}
	return o
}

func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errTooLong
	}
	return body, err
}
