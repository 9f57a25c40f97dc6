package cps

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// errReplay ends an attempt that net/http would send a second time.
var errReplay = errors.New("the connection failed under the request; it was not sent again")

// attemptTrace knows how much of one attempt reached the wire, and ends it after a timeout.
// A transport that is not net/http's may report nothing.
type attemptTrace struct {
	asked, got, wrote atomic.Bool // a connection: requested, obtained, headers written
	once              bool
	cancel            context.CancelCauseFunc
	timer             context.CancelFunc
}

// newAttemptTrace returns a context for one attempt. With once, it ends the attempt before
// net/http sends it a second time. HTTP/1 sends no PUT and no PATCH again unless it has an
// Idempotency-Key header. HTTP/2 sends any method again after some stream resets.
func newAttemptTrace(ctx context.Context, limit time.Duration, once bool) (context.Context, *attemptTrace) {
	w := &attemptTrace{once: once}
	ctx, w.timer = context.WithTimeoutCause(ctx, limit, noAnswerWithin(limit))
	ctx, w.cancel = context.WithCancelCause(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { w.asked.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { w.gotConn() },
		WroteHeaders: func() { w.wrote.Store(true) },
	}), w
}

// gotConn runs before anything is written to the connection.
func (w *attemptTrace) gotConn() {
	if w.once && w.wrote.Load() {
		w.cancel(errReplay)
	}
	w.got.Store(true)
}

func (w *attemptTrace) end() {
	w.cancel(nil)
	w.timer()
}

// nothingSent reports whether the server cannot have seen the request: a connection was
// requested and never obtained. Of a transport that reports nothing only a failed dial
// counts. Everything else counts as sent.
func (w *attemptTrace) nothingSent(err error) bool {
	if w.got.Load() {
		return false
	}
	var op *net.OpError
	return w.asked.Load() || errors.As(err, &op) && op.Op == "dial"
}

// errReadOnly is the error of a request that readOnly refused.
var errReadOnly = errors.New("this run writes nothing")

// readOnly refuses every request except GET and the POST that fetches a token, so that a
// plan cannot write, whatever the code above does.
type readOnly struct {
	base     http.RoundTripper
	tokenURL string // "" when no token is ever fetched
}

// RoundTrip implements http.RoundTripper.
func (r readOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	token := req.Method == http.MethodPost && r.tokenURL != "" && req.URL.String() == r.tokenURL
	if req.Method != http.MethodGet && !token {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("%s refused: %w", req.Method, errReadOnly)
	}
	return r.base.RoundTrip(req)
}

// CloseIdleConnections calls the method of that name of the transport below.
func (r readOnly) CloseIdleConnections() {
	if t, ok := r.base.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
