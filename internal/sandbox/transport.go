package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := readRequest(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away while sending
	}
	a, err := s.handle(q, func(d time.Duration) error { return pause(r.Context(), d) })
	if err != nil || a.lost {
		panic(http.ErrAbortHandler) // ends the connection without an answer
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	w.Write(a.body) //nolint:errcheck // the client went away
}

// RoundTrip implements http.RoundTripper, without a socket and whatever the host.
// A slow answer moves the simulated clock and takes no time.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	q, err := readRequest(r)
	if err != nil {
		return nil, err
	}
	a, err := s.handle(q, func(d time.Duration) error {
		s.Advance(d)
		return r.Context().Err()
	})
	if err != nil {
		return nil, err
	}
	if a.lost {
		return nil, fmt.Errorf("sandbox: connection ended before the answer: %w", io.ErrUnexpectedEOF)
	}
	return a.response(r), nil
}

// pause waits for d, or until ctx is done.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func readCloser(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }
