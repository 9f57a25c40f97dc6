package cps

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"
)

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

// briefly is for how long a connection is tried again that fails for a reason which rarely
// goes away: a name that DNS does not know, a port where nobody listens.
const briefly = 10 * time.Second

// noAnswerWithin is why an attempt ended that took too long.
type noAnswerWithin time.Duration

func (d noAnswerWithin) Error() string { return fmt.Sprintf("no answer within %s", time.Duration(d)) }

// notConnected says of an error of net/http which host it is about and why. It returns
// other errors as they are.
func (c *Client) notConnected(e exchange, cause error) error {
	var u *url.Error
	if inTime := new(noAnswerWithin); !errors.As(cause, &u) && !errors.As(cause, inTime) {
		return cause
	}
	f := &ConnectError{Host: host(c.base), Token: e.kind == KindToken, Reason: reasonOf(cause), err: cause}
	if f.Token {
		f.Host = host(c.cfg.TokenURL)
	}
	return f
}

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
	case isRefused(err):
		return "connection refused"
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// isLasting reports whether a connection will fail again for the same reason.
func isLasting(err error) bool {
	return errors.As(err, new(*tls.CertificateVerificationError)) || errors.As(err, new(tls.RecordHeaderError)) || errors.As(err, new(LastingError))
}

// isTriedBriefly reports whether a connection is tried again for a short time only.
func isTriedBriefly(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound || isRefused(err)
}
