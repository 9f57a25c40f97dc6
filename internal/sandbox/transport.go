package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := readRequest(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client closed the connection while sending
	}
	a, err := s.handle(q, func(d time.Duration) error { return pause(r.Context(), d) })
	if err != nil || a.lost {
		panic(http.ErrAbortHandler) // ends the connection without an answer
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	w.Write(a.body) //nolint:errcheck // the client closed the connection
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

// An answer is a response that is ready to be sent, or lost.
type answer struct {
	status int
	header http.Header
	body   []byte
	lost   bool // the connection ends instead
}

// response returns the answer as net/http has it.
func (a answer) response(r *http.Request) *http.Response {
	return &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}
}

// jsonAnswer returns an answer with a JSON body; nil is an empty one, which has
// the JSON content type all the same (cps-api, section 2.2).
func (s *Server) jsonAnswer(status int, body any) answer {
	a := answer{status: status, header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"},
		"Date":         {s.world.Clock.Format(http.TimeFormat)},
	}}
	if body != nil {
		a.body = marshal(body)
	}
	return a
}

func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("sandbox: an answer cannot be encoded: " + err.Error())
	}
	return b.Bytes()
}
