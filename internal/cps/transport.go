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

// errReplay ends an attempt that net/http was about to send a second time.
var errReplay = errors.New("the connection failed under the request; it was not sent again")

// attemptTrace tells what of one attempt reached the wire, and ends it when its time is
// up. A transport that is not net/http's may not report anything.
type attemptTrace struct {
	asked, got, wrote atomic.Bool // a connection was asked for, was there, had the headers
	once              bool
	cancel            context.CancelCauseFunc
	timer             context.CancelFunc
}

// newAttemptTrace returns a context for one attempt. With once, the attempt is ended
// before net/http sends it again by itself. HTTP/1 does that for no PUT and no
// PATCH, as long as it has no Idempotency-Key header; HTTP/2 does, after some
// resets of the stream, whatever the method.
func newAttemptTrace(ctx context.Context, limit time.Duration, once bool) (context.Context, *attemptTrace) {
	w := &attemptTrace{once: once}
	ctx, w.timer = context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	ctx, w.cancel = context.WithCancelCause(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { w.asked.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { w.gotConn() },
		WroteHeaders: func() { w.wrote.Store(true) },
	}), w
}

// gotConn runs before anything is written to a connection.
func (w *attemptTrace) gotConn() {
	if w.once && w.wrote.Load() {
		w.cancel(errReplay)
	}
	w.got.Store(true)
}

func (w *attemptTrace) done() {
	w.cancel(nil)
	w.timer()
}

// nothingSent reports whether the server cannot have seen the request: a
// connection was asked for and there never was one. Of a transport that reports
// nothing only a failed dial is believed. Everything else counts as sent.
func (w *attemptTrace) nothingSent(err error) bool {
	if w.got.Load() {
		return false
	}
	var op *net.OpError
	return w.asked.Load() || errors.As(err, &op) && op.Op == "dial"
}

// explain returns why an attempt failed, in words better than "context deadline
// exceeded".
func (w *attemptTrace) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// errReadOnly is why a request was refused before it left the program.
var errReadOnly = errors.New("this run writes nothing")

// readOnly refuses every request but GET and the POST that fetches a token. That
// a plan does not write is thereby a property of the transport.
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

// CloseIdleConnections passes the request on to the transport below.
func (r readOnly) CloseIdleConnections() {
	if t, ok := r.base.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
