package cps

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// errReplay ends an attempt that net/http was about to send a second time.
var errReplay = errors.New("the connection failed under the request; it was not sent again")

// watch tells what of one attempt reached the wire, and ends it when its time is
// up. A transport that is not net/http's may not report anything.
type watch struct {
	asked, got, wrote atomic.Bool // a connection was asked for, was there, had the headers
	once              bool
	cancel            context.CancelCauseFunc
	timer             context.CancelFunc
}

// newWatch returns a context for one attempt. With once, the attempt is ended
// before net/http sends it again by itself. HTTP/1 does that for no PUT and no
// PATCH, as long as it has no Idempotency-Key header; HTTP/2 does, after some
// resets of the stream, whatever the method.
func newWatch(ctx context.Context, limit time.Duration, once bool) (context.Context, *watch) {
	w := &watch{once: once}
	ctx, w.timer = context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	ctx, w.cancel = context.WithCancelCause(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { w.asked.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { w.gotConn() },
		WroteHeaders: func() { w.wrote.Store(true) },
	}), w
}

// gotConn runs before anything is written to a connection.
func (w *watch) gotConn() {
	if w.once && w.wrote.Load() {
		w.cancel(errReplay)
	}
	w.got.Store(true)
}

func (w *watch) done() {
	w.cancel(nil)
	w.timer()
}

// nothingSent reports whether the server cannot have seen the request: a
// connection was asked for and there never was one. Of a transport that reports
// nothing only a failed dial is believed. Everything else counts as sent.
func (w *watch) nothingSent(err error) bool {
	if w.got.Load() {
		return false
	}
	var op *net.OpError
	return w.asked.Load() || errors.As(err, &op) && op.Op == "dial"
}

// explain returns why an attempt failed, in words better than "context deadline
// exceeded".
func (w *watch) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
