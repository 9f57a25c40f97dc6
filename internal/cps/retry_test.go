package cps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// The three kinds of calls, by a client's method.
var kinds = map[string]func(context.Context, *Client) (int, error){
	"read": func(ctx context.Context, c *Client) (int, error) {
		_, err := c.Certificate(ctx, 7, false)
		return 0, err
	},
	"plain": func(ctx context.Context, c *Client) (int, error) {
		return c.Patch(ctx, 7, cert.Patch{AutoRenew: cert.Some(false)})
	},
	"method": func(ctx context.Context, c *Client) (int, error) {
		return c.Patch(ctx, 7, cert.Patch{DCVMethod: cert.Some(cert.Email)})
	},
	"domains": func(ctx context.Context, c *Client) (int, error) {
		return c.Patch(ctx, 7, cert.Patch{Domains: cert.Some(cert.Domains{Common: "a.example", Names: []string{"a.example"}})})
	},
	"renew":     func(ctx context.Context, c *Client) (int, error) { return c.Renew(ctx, 7) },
	"retrigger": func(ctx context.Context, c *Client) (int, error) { return c.Retrigger(ctx, 7) },
}

var orders = []string{"method", "domains", "renew", "retrigger"}

// The troubles, as the server makes them.
var failureHandlers = map[string]http.HandlerFunc{
	"401":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 401, `{"code":"unauthorized"}`) },
	"403":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 403, `{"code":"forbidden"}`) },
	"400":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 400, `{"code":"invalid_input"}`) },
	"409":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 409, ``) },
	"422":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 422, ``) },
	"429":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 429, ``) },
	"503":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 503, ``) },
	"500":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 500, ``) },
	"502":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 502, `<html>`) },
	"600":  func(w http.ResponseWriter, _ *http.Request) { answer(w, 600, ``) },
	"drop": func(w http.ResponseWriter, _ *http.Request) { drop(w) },
	"redirect": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/sec/cps/elsewhere", http.StatusFound)
	},
	"redirect 7": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/sec/cps/elsewhere", http.StatusTemporaryRedirect)
	},
}

// TestTableOfRepeats counts how often the server executes a call when its first
// answer is a trouble and the next ones are fine, and when all are the trouble.
func TestTableOfRepeats(t *testing.T) {
	t.Parallel()
	type want struct {
		once, always int   // executions
		err          error // of always; once ends well where it executes twice
	}
	rows := map[string]map[string]want{
		"read": {
			"401": {2, 2, cert.ErrUnauthorized}, "403": {1, 1, cert.ErrUnauthorized}, "400": {1, 1, cert.ErrRefused},
			"429": {2, 6, cert.ErrRefused}, "503": {2, 6, cert.ErrNoAnswer}, "500": {2, 6, cert.ErrNoAnswer},
			"502": {2, 6, cert.ErrNoAnswer}, "600": {2, 6, cert.ErrNoAnswer}, "redirect": {1, 1, cert.ErrNoAnswer},
		},
		"plain": {
			"401": {2, 2, cert.ErrRefused}, "403": {1, 1, cert.ErrRefused}, "400": {1, 1, cert.ErrRefused},
			"409": {1, 1, cert.ErrRefused}, "422": {1, 1, cert.ErrRefused},
			"429": {2, 6, cert.ErrRefused}, "503": {2, 6, cert.ErrNoAnswer}, "500": {1, 1, cert.ErrNoAnswer},
			"502": {1, 1, cert.ErrNoAnswer}, "600": {1, 1, cert.ErrNoAnswer}, "drop": {1, 1, cert.ErrNoAnswer},
			"redirect": {1, 1, cert.ErrNoAnswer}, "redirect 7": {1, 1, cert.ErrNoAnswer},
		},
	}
	for _, kind := range orders {
		rows[kind] = map[string]want{
			"401": {1, 1, cert.ErrRetryLater}, "403": {1, 1, cert.ErrRefused}, "400": {1, 1, cert.ErrRefused},
			"409": {1, 1, cert.ErrRefused}, "422": {1, 1, cert.ErrRefused},
			"429": {1, 1, cert.ErrRetryLater}, "503": {1, 1, cert.ErrNoAnswer}, "500": {1, 1, cert.ErrNoAnswer},
			"502": {1, 1, cert.ErrNoAnswer}, "600": {1, 1, cert.ErrNoAnswer}, "drop": {1, 1, cert.ErrNoAnswer},
			"redirect": {1, 1, cert.ErrNoAnswer}, "redirect 7": {1, 1, cert.ErrNoAnswer},
		}
	}
	for kind, cells := range rows {
		for failure, want := range cells {
			t.Run(kind+" "+failure, func(t *testing.T) {
				t.Parallel()
				n, _, err := provoke(t, kind, failure, 1)
				if n != want.once || (err == nil) != (want.once > 1) {
					t.Errorf("first answer: %d executions (%v), want %d", n, err, want.once)
				}
				n, attempts, err := provoke(t, kind, failure, 100)
				if n != want.always || !errors.Is(err, want.err) {
					t.Errorf("every answer: %d executions and %v, want %d and %v", n, err, want.always, want.err)
				}
				if kind != "read" && attempts != n {
					t.Errorf("%d attempts are reported, %d were seen", attempts, n)
				}
				if kind != "read" {
					exactlyOne(t, err)
				}
			})
		}
	}
}

// provoke makes a call whose first times answers are the trouble, and returns how
// often the server executed it.
func provoke(t *testing.T, kind, failure string, times int) (executions, attempts int, err error) {
	t.Helper()
	var n atomic.Int64
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case int(n.Add(1)) <= times:
			failureHandlers[failure](w, r)
		case r.Method == http.MethodPut:
			w.WriteHeader(http.StatusNoContent)
		default:
			answer(w, 200, certificateJSON(7))
		}
	})
	attempts, err = kinds[kind](t.Context(), f.client(t))
	for _, c := range f.Calls() {
		if c.Path == "/elsewhere" {
			t.Error("a redirect was followed")
		}
	}
	return len(f.Calls()), attempts, err
}

// exactlyOne checks that the outcome of a write is not ambiguous.
func exactlyOne(t *testing.T, err error) {
	t.Helper()
	var matched []error
	for _, e := range []error{cert.ErrNotSent, cert.ErrRefused, cert.ErrNoAnswer} {
		if errors.Is(err, e) {
			matched = append(matched, e)
		}
	}
	if len(matched) != 1 {
		t.Errorf("%v matches %v, want one of them", err, matched)
	}
}

// TestUnsentIsRepeated covers the column "nothing was sent", for every kind.
func TestUnsentIsRepeated(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for _, failing := range []int{1, 5, 6} {
				f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, certificateJSON(7)) })
				var dials atomic.Int64
				c := f.client(t, func(cfg *Config) {
					cfg.AccessToken = "ready"
					cfg.Transport = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
						if int(dials.Add(1)) <= failing {
							return nil, errors.New("no route")
						}
						return new(net.Dialer).DialContext(ctx, network, addr)
					}}
				})
				attempts, err := call(t.Context(), c)
				if well := failing < 6; well != (err == nil) || !well && !errors.Is(err, cert.ErrNotSent) {
					t.Errorf("%d failed dials: %v", failing, err)
				}
				if n := len(f.Calls()); kind != "read" && attempts != n || failing == 6 && n != 0 {
					t.Errorf("%d failed dials: %d attempts, the server saw %d", failing, attempts, n)
				}
				if got := c.Counts(); got.Reads+got.Writes != len(f.Calls()) || got.Retries != min(failing, 5) {
					t.Errorf("%d failed dials: counted %+v", failing, got)
				}
			}
		})
	}
}

// TestWritesSucceedByStatus: a 2xx to a PATCH is an answer whatever its body, since a
// reading judges it. To a renewal or retrigger it has to be this API's.
func TestWritesSucceedByStatus(t *testing.T) {
	t.Parallel()
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) }
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		orders  bool // it is an answer to a renewal or retrigger too
	}{
		"204":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, true},
		"202":             {says(202, ""), true},
		"white space":     {says(200, " \r\n"), true},
		"the request":     {says(200, `{"@type":"Certificate","id":7,"auto_renew":false}`), true},
		"another request": {says(200, `{"@type":"Certificate","id":8}`), false},
		"no id":           {says(200, `{}`), false},
		"an error":        {says(200, `{"@type":"Error","code":"invalid_operation","status_code":409}`), false},
		"null":            {says(200, `null`), false},
		"HTML":            {says(200, "<html>"), false},
		"two values":      {says(200, `{"id":7}{"id":7}`), false},
		"too long":        {says(200, `{"id":7,"x":"`+strings.Repeat("x", maxBody)+`"}`), false},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			answer(w, 200, `{"id":7}`)
		}, false},
	} {
		for _, kind := range append([]string{"plain"}, orders...) {
			f := newFake(t, test.handler)
			attempts, err := kinds[kind](t.Context(), f.client(t))
			want := test.orders || kind != "renew" && kind != "retrigger"
			if attempts != 1 || (err == nil) != want || err != nil && !errors.Is(err, cert.ErrNoAnswer) || len(f.Calls()) != 1 {
				t.Errorf("%s %s: %d attempts, %v", kind, name, attempts, err)
			}
		}
	}
}

// TestDoubtStays: an attempt that may have taken effect is not forgotten because a
// later one was not sent, was asked to wait or was refused.
func TestDoubtStays(t *testing.T) {
	t.Parallel()
	for then, unauthorized := range map[int]bool{429: false, 401: true, 403: true, 400: false, 404: false} {
		t.Run(fmt.Sprint("then ", then), func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
				if n.Add(1) == 1 {
					answer(w, 503, "")
					return
				}
				answer(w, then, "")
			})
			_, err := kinds["plain"](t.Context(), f.client(t))
			if !errors.Is(err, cert.ErrNoAnswer) || errors.Is(err, cert.ErrUnauthorized) != unauthorized {
				t.Errorf("%v, want lost, unauthorized %t", err, unauthorized)
			}
			exactlyOne(t, err)
		})
	}
}

func TestTableCoversEveryRowAndColumn(t *testing.T) {
	t.Parallel()
	want := [numClasses][numFailures]action{
		{retry, refreshToken, retry, retry, retry, stop},
		{retry, refreshToken, retry, retry, stop, stop},
		{retry, handBack, handBack, stop, stop, stop},
	}
	if diff := cmp.Diff(want, retryTable); diff != "" {
		t.Error(diff)
	}
	if order.action(rejected) != stop || readCall.action(succeeded) != stop {
		t.Error("what is in no column is not repeated")
	}
}

// TestUntrustedServer: a failed TLS handshake sends nothing.
func TestUntrustedServer(t *testing.T) {
	t.Parallel()
	f := newFake(t, fine)
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	c := f.client(t, func(cfg *Config) { cfg.APIURL, cfg.AccessToken = server.URL, "ready" })
	attempts, err := c.Renew(t.Context(), 7)
	if attempts != 0 || !errors.Is(err, cert.ErrNotSent) || len(f.Calls()) != 0 || len(f.clock.Waits()) != 0 {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}

// TestConnectionsThatFail: a person reads the host and the reason; how long it is tried again depends on the reason.
func TestConnectionsThatFail(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return &net.OpError{Op: "dial", Err: err} }
	for reason, c := range map[string]struct {
		err   error
		waits int
	}{
		"no such host":               {dial(&net.DNSError{Err: "no such host", Name: "api.example.com", IsNotFound: true}), 3},
		"server misbehaving":         {dial(&net.DNSError{Err: "server misbehaving", IsTemporary: true}), 5},
		"connection refused":         {dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), 3},
		"network is unreachable":     {dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), 5},
		"the proxy wants a password": {dial(LastingError{errors.New("the proxy wants a password")}), 0},
		"it does not speak TLS":      {dial(tls.RecordHeaderError{}), 0},
		"certificate is not trusted": {dial(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), 0},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, fine)
			client := f.client(t, func(cfg *Config) {
				cfg.Transport = failing{c.err}
			})
			_, err := client.List(t.Context(), nil)
			var failed *ConnectError
			if !errors.As(err, &failed) || !failed.Token || !strings.Contains(failed.Error(), reason) || !strings.HasPrefix(failed.Error(), "cannot reach 127.0.0.1") {
				t.Errorf("%v", err)
			}
			if n := len(f.clock.Waits()); n != c.waits || len(f.Calls()) != 0 {
				t.Errorf("%d waits, want %d; %d calls", n, c.waits, len(f.Calls()))
			}
		})
	}
}

// failing is a network on which no connection can be made.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }
