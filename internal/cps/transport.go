package cps

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// errReplay ends an attempt that net/http would send a second time.
var errReplay = errors.New("the connection failed under the request; it was not sent again")

// attemptTrace knows how much of one attempt reached the wire. A transport that is not
// net/http's may report nothing.
type attemptTrace struct {
	asked, got, wrote atomic.Bool // a connection: requested, obtained, headers written
}

// begin returns a context for one attempt that takes at most limit. With once, it ends the attempt
// before net/http sends it a second time. HTTP/1 sends no PUT and no PATCH again unless it has an
// Idempotency-Key header. HTTP/2 sends any method again after some stream resets.
func (w *attemptTrace) begin(ctx context.Context, limit time.Duration, once bool) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	ctx, stop := context.WithTimeoutCause(ctx, limit, noAnswerWithin(limit))
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { // before anything is written to the connection
			if once && w.wrote.Load() {
				cancel(errReplay)
			}
			w.got.Store(true)
		},
		WroteHeaders: func() { w.wrote.Store(true) },
	}), func() { stop(); cancel(nil) }
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

var errReadOnly = errors.New("this run writes nothing")

// readOnly refuses every request except GET and the POST that fetches a token, so that a
// plan cannot write, whatever the code above does.
type readOnly struct {
	base     http.RoundTripper
	tokenURL string // "" when no token is ever fetched
}

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

func (q call) stopped(why error) outcome {
	return outcome{failure: rejected, err: fmt.Errorf("%s %s: %w: %w", q.method, q.path, cert.ErrNotSent, why)}
}

func (e *exchange) unanswered(w *attemptTrace, cause error) outcome {
	why := cause
	var ofHTTP *url.Error
	if errors.As(cause, &ofHTTP) || errors.As(cause, new(noAnswerWithin)) {
		address := e.base
		if e.kind == KindToken {
			address = e.cfg.TokenURL
		}
		why = &ConnectError{Host: host(address), Token: e.kind == KindToken, Reason: reasonOf(cause), err: cause}
	}
	if ofHTTP != nil {
		cause = ofHTTP.Err // the error below has method and path already
	}
	switch {
	case errors.Is(cause, errReadOnly):
		return e.stopped(cause)
	case !w.nothingSent(cause):
		return outcome{failure: noAnswer, sent: true, err: fmt.Errorf("%s %s: %w: %w", e.method, e.path, cert.ErrNoAnswer, cause)}
	}
	o := e.stopped(why)
	lasting := errors.As(cause, new(*tls.CertificateVerificationError)) || errors.As(cause, new(tls.RecordHeaderError)) || errors.As(cause, new(LastingError))
	if !lasting {
		o.failure = notSent
	}
	return o
}

// ConnectError is a connection that could not be made, so that nothing was sent.
type ConnectError struct {
	Host   string
	Token  bool // the token service, and not the API
	Reason string
	err    error
}

// Error returns the host and the reason.
func (e *ConnectError) Error() string { return "cannot reach " + e.Host + ": " + e.Reason }

// Cause returns what a person reads of an error that wraps this one.
func (e *ConnectError) Cause() string { return e.Error() }

// Unwrap returns the error of the network.
func (e *ConnectError) Unwrap() error { return e.err }

// LastingError is an error of a connection that no retry ends, such as a proxy that asks
// for a password.
type LastingError struct{ Err error }

// Error returns the text of the error.
func (e LastingError) Error() string { return e.Err.Error() }

// noAnswerWithin is why an attempt ended that took too long.
type noAnswerWithin time.Duration

func (d noAnswerWithin) Error() string { return fmt.Sprintf("no answer within %s", time.Duration(d)) }

// reasonOf is the last of a chain of errors, which says why.
func reasonOf(err error) string {
	var unknown *net.DNSError
	var untrusted *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return unknown.Err
	case errors.As(err, &untrusted):
		return "its certificate is not trusted: " + strings.TrimPrefix(untrusted.Err.Error(), "x509: ")
	case errors.As(err, &plain):
		return "it does not speak TLS"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}
