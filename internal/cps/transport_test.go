package cps

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/patience"
)

// keepsIdle hides CloseIdleConnections, so that writes are made on used connections.
type keepsIdle struct{ http.RoundTripper }

// TestReusedConnectionThatDies: the server reads a write on a connection that has
// served before, and closes it without an answer.
func TestReusedConnectionThatDies(t *testing.T) {
	t.Parallel()
	for _, kind := range append([]string{"plain"}, orders...) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for range 50 {
				if reusedConnectionDies(t, kind) {
					return
				}
			}
			t.Error("the connection was never used again; the test shows nothing")
		})
	}
}

// reusedConnectionDies reports whether the write was made on the connection of the read. On a busy
// machine that may not be idle again in time.
func reusedConnectionDies(t *testing.T, kind string) bool {
	t.Helper()
	addrs := make(chan string, 9)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		addrs <- r.RemoteAddr
		if r.Method == http.MethodGet {
			answer(w, 200, certificateJSON(7))
			return
		}
		drop(w)
	})
	c := f.client(t, func(cfg *Config) { cfg.Transport = keepsIdle{&http.Transport{}} })
	if _, err := c.Certificate(t.Context(), 7, false); err != nil {
		t.Fatal(err)
	}
	attempts, err := kinds[kind](t.Context(), c)
	if attempts != 1 || !errors.Is(err, cert.ErrNoAnswer) || len(f.Calls()) != 2 {
		t.Errorf("%d attempts, %v, server saw %v", attempts, err, f.Calls())
	}
	first, _ := patience.For(t, "the first request", addrs)
	second, _ := patience.For(t, "the second request", addrs)
	return first == second
}

// TestWriteHasAConnectionOfItsOwn: not one that may be about to close.
func TestWriteHasAConnectionOfItsOwn(t *testing.T) {
	t.Parallel()
	addrs := make(chan string, 9)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		addrs <- r.RemoteAddr
		answer(w, 200, certificateJSON(7))
	})
	c := f.client(t)
	for _, kind := range []string{"read", "read", "renew"} {
		if _, err := kinds[kind](t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	first, _ := patience.For(t, "the first request", addrs)
	second, _ := patience.For(t, "the second request", addrs)
	write, _ := patience.For(t, "the write", addrs)
	if write == first || write == second {
		t.Errorf("connections %s, %s, then %s for the write", first, second, write)
	}
}

func TestNoIdempotencyKey(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		for _, h := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
			if r.Header.Get(h) != "" {
				t.Errorf("%s is sent", h)
			}
		}
		w.WriteHeader(204)
	})
	c := f.client(t)
	for _, kind := range orders {
		if _, err := kinds[kind](t.Context(), c); err != nil {
			t.Error(err)
		}
	}
}

// TestStreamReset: over HTTP/2, net/http sends a request without a body again when
// the server resets its stream with PROTOCOL_ERROR, although the server may have
// carried it out. The client stops that for what writes.
func TestStreamReset(t *testing.T) {
	t.Parallel()
	for _, kind := range append([]string{"plain"}, orders...) {
		server := newResetter(t)
		f := newFake(t, nil)
		c := f.client(t, func(cfg *Config) {
			cfg.APIURL, cfg.AccessToken, cfg.Transport = server.url, "ready", overHTTP2()
		})
		attempts, err := kinds[kind](t.Context(), c)
		if n := server.requests.Load(); n != 1 || attempts != 1 || !errors.Is(err, cert.ErrNoAnswer) {
			t.Errorf("%s: %d requests on the wire, %d attempts, %v", kind, n, attempts, err)
		}
	}
}

// TestStreamResetIsReplayed shows that the test above shows something.
func TestStreamResetIsReplayed(t *testing.T) {
	t.Parallel()
	server := newResetter(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.second = cancel
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, server.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := overHTTP2().RoundTrip(req)
	if err == nil {
		_ = res.Body.Close()
	}
	if n := server.requests.Load(); n < 2 {
		t.Errorf("net/http sent the request %d times; the guard may not be needed any more", n)
	}
}

func overHTTP2() *http.Transport {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	return transport
}

// resetter speaks just enough HTTP/2 to reset every stream with PROTOCOL_ERROR.
type resetter struct {
	url      string
	requests atomic.Int64
	second   func() // called with the second request
}

const (
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
)

func newResetter(t *testing.T) *resetter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &resetter{url: "http://" + l.Addr().String(), second: func() {}}
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			go s.serve(conn)
		}
	}()
	return s
}

func (s *resetter) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	_, _ = conn.Write(frame(frameSettings, 0, nil))
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		_, _ = io.CopyN(io.Discard, conn, length)
		if head[3] != frameHeaders {
			continue
		}
		if s.requests.Add(1) == 2 {
			s.second()
		}
		_, _ = conn.Write(frame(frameReset, binary.BigEndian.Uint32(head[5:]), []byte{0, 0, 0, 1}))
	}
}

func frame(kind byte, stream uint32, payload []byte) []byte {
	var b bytes.Buffer
	b.Write([]byte{0, 0, byte(len(payload)), kind, 0})
	_ = binary.Write(&b, binary.BigEndian, stream)
	b.Write(payload)
	return b.Bytes()
}
