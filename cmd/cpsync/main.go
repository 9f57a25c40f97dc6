// Command cpsync keeps the TLS certificate requests of a CDN account equal to YAML
// manifests. It turns arguments and environment into calls of the internal
// packages, and their answers into an exit code.
package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/sandbox"
)

func main() { os.Exit(start(func(*world) {})) }

// world is all that the program takes from outside; after is the time since a signal.
type world struct {
	cli.World
	after func(time.Duration) <-chan time.Time
}

// start builds the world from the process and runs the program in it. A deferred
// call does not run under os.Exit, so the exit code is its result. Tests that run a
// process adapt its world.
func start(adapt func(*world)) (code int) {
	defer caught(os.Stderr, &code)
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is a failed write, and never ends an apply
	inFlight, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	ctx, stop := cli.Stoppable(inFlight)
	signals := make(chan os.Signal, 2)
	cli.Notify(signals)
	w := world{after: time.After, World: cli.World{
		Args: os.Args[1:], Getenv: os.Getenv, Environ: os.Environ(),
		Stdout: os.Stdout, Stderr: os.Stderr,
		Now: time.Now, Wait: cps.Sleep,
		Spread:    func() time.Duration { return rand.N(2 * time.Second) }, // so that two runs do not walk in lock step
		Terminal:  func() (int, bool) { return cli.TerminalWidth(os.Stderr) },
		Transport: cli.NewTransport(new(net.Dialer).DialContext),
		Embedded:  func(s *sandbox.Server) http.RoundTripper { return s },
		Dial:      new(net.Dialer).DialContext,
		Resolve:   net.DefaultResolver.LookupNetIP,
		Resolvers: "/etc/resolv.conf",
	}}
	adapt(&w)
	background(func() { cli.Listen(signals, w.after, stop, cancel) })
	return run(ctx, w.World)
}

// background runs f beside the rest. Go ends a process with 2 when a goroutine panics,
// which means "changes" here.
func background(f func()) {
	go func() {
		code := cli.OK
		defer func() {
			if code != cli.OK {
				os.Exit(code)
			}
		}()
		defer caught(os.Stderr, &code)
		f()
	}()
}

// caught is deferred: it says what panicked, and sets the exit code.
func caught(stderr io.Writer, code *int) {
	if p := recover(); p != nil {
		fmt.Fprintf(stderr, "internal error: %v\n%s", p, debug.Stack())
		*code = cli.Failed
	}
}
