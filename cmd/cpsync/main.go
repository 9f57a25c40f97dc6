// Command cpsync keeps the TLS certificate requests of a CDN account equal to YAML
// manifests. It turns arguments and environment into calls of the internal
// packages, and their answers into an exit code.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox"
)

// maxSpread is the longest wait before an order that keeps two runs from walking in lock
// step.
const maxSpread = 2 * time.Second

func main() { os.Exit(start(func(*world) {})) }

// inside reaches an embedded sandbox without a socket.
func inside(s *sandbox.Server) http.RoundTripper { return s }

// start builds the world from the process and runs the program in it. A deferred
// call does not run under os.Exit, so the exit code is its result. Tests that run a
// process adapt its world.
func start(adapt func(*world)) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "internal error: %v\n%s", p, debug.Stack())
			code = exitError
		}
	}()
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is a failed write, and never ends an apply
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	stop := &stopper{closed: make(chan struct{})}
	signals := make(chan os.Signal, 2)
	notify(signals)
	w := world{
		args: os.Args[1:], getenv: os.Getenv, environ: os.Environ(),
		stdout: os.Stdout, stderr: os.Stderr,
		now: time.Now, wait: sleep, after: time.After,
		spread:    func() time.Duration { return rand.N(maxSpread) },
		terminal:  func() (int, bool) { return terminalWidth(os.Stderr) },
		transport: newTransport(defaultTransport().DialContext),
		embedded:  inside,
		dial:      new(net.Dialer).DialContext,
		resolvers: "/etc/resolv.conf",
		stop:      stop,
	}
	adapt(&w)
	background(func() { stop.listen(signals, w.after, cancel) })
	return run(ctx, w)
}

func defaultTransport() *http.Transport { return http.DefaultTransport.(*http.Transport) }

// newTransport is Go's, which would keep two idle connections to a host and open the
// others anew.
func newTransport(dial dialer) *http.Transport {
	t := defaultTransport().Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	t.OnProxyConnectResponse = refusedByProxy
	t.DialContext = onLoopback(dial)
	return t
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// onLoopback reaches localhost without asking DNS, which may say that it is elsewhere: a
// secret goes there over plain HTTP.
func onLoopback(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil || host != "localhost" {
			return dial(ctx, network, address)
		}
		conn, err := dial(ctx, network, net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			if other, otherErr := dial(ctx, network, net.JoinHostPort("::1", port)); otherErr == nil {
				return other, nil
			}
		}
		return conn, err
	}
}

// refusedByProxy says who refused. net/http would show the words of the status alone.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	return fmt.Errorf("the proxy %s answered %s", proxy.Host, res.Status)
}

// sleep waits for d, or until ctx ends or stop is closed.
func sleep(ctx context.Context, stop <-chan struct{}, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-stop:
		return errStopped
	}
}
