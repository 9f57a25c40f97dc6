package cps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Bounds of what is read of an answer, in bytes.
const (
	maxBody  = 8 << 20  // of a read: 20 requests with 100 names each take some 400 kB
	maxError = 64 << 10 // of an answer that says no; the rest is left unread
)

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxBody)

// call is one call of the API.
type call struct {
	class  retryClass
	kind   Kind
	method string
	path   string // below the API's URL, with the query
	body   []byte // JSON, nil for none
	// accept takes the body of a 2xx; an error means that it cannot be read. nil, for a
	// PATCH, which a reading judges: a 2xx is success whatever its body.
	accept func([]byte) error
}

// call makes q, and returns how many attempts were sent.
func (c *Client) call(ctx context.Context, q call) (sent int, err error) {
	e := exchange{class: q.class, kind: q.kind, method: q.method, path: q.path}
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

// send is one attempt.
func (c *Client) send(ctx context.Context, q call, t token) outcome {
	req, err := c.request(ctx, q, t)
	if err != nil {
		return outcome{cause: err}
	}
	if q.class != readCall {
		// A connection of its own: one the server is about to close would leave the
		// fate of the write unknown.
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
	req.GetBody = nil // net/http needs it to send a body twice
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+string(t.value))
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	if q.method != http.MethodGet { // the vendor's samples print it on a PUT without a body too
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// answer judges what came back.
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
		_, _ = io.CopyN(io.Discard, res.Body, maxError) // so that the connection can be used again
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
