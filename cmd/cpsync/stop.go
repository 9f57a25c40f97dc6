package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

// Why a run ends before its end.
var (
	errStopped      = errors.New("interrupted") // nothing new is begun
	errTimeout      = errors.New("--timeout is over")
	errSecondSignal = errors.New("interrupted a second time") // ends what is in flight
	errGraceOver    = fmt.Errorf("interrupted, and no answer within %s", grace)
)

const (
	// grace is how long after the first signal what is in flight may take. The runner of
	// GitHub Actions sends SIGKILL 10 s after its SIGINT.
	grace = 8 * time.Second
	// sameRequest is how long after a signal others may belong to the same request to stop.
	// That runner sends SIGTERM 7.5 s after its SIGINT.
	sameRequest = 10 * time.Second
)

// stopper is what the first signal closes. It cancels nothing in flight: a cancelled
// request is a certain order turned into an unknown one.
type stopper struct {
	once   sync.Once
	closed chan struct{}
	code   int // the exit code of the signal; valid once closed
}

// stop closes the stopper; code is what the program exits with when nothing was begun.
func (s *stopper) stop(code int) {
	s.once.Do(func() {
		s.code = code
		close(s.closed)
	})
}

// listen turns the first signal into a stop, and the end of the grace or a second signal
// into the end of ctx. A third finds the default behaviour again.
func (s *stopper) listen(signals chan os.Signal, after func(time.Duration) <-chan time.Time, cancel context.CancelCauseFunc) {
	first := <-signals
	s.stop(codes[first])
	graceOver, same := after(grace), after(sameRequest)
	for {
		select {
		case <-graceOver:
			cancel(errGraceOver)
		case <-same:
			same = nil
		case sig := <-signals:
			if same != nil && repeats(first, sig) {
				continue
			}
			signal.Stop(signals)
			cancel(errSecondSignal)
			return
		}
	}
}

// codes are the signals that stop a run, and what it exits with when nothing was begun.
var codes = map[os.Signal]int{syscall.SIGHUP: exitHungUp, syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated}

// repeats reports whether a signal soon after the first one asks for nothing new. A runner
// sends SIGTERM after its SIGINT, and a terminal that closes SIGHUP more than once: the
// kernel does, and the shell. A person who can't wait sends SIGINT again, or SIGTERM.
func repeats(first, next os.Signal) bool {
	return next == syscall.SIGHUP || next == syscall.SIGTERM && first != syscall.SIGTERM
}

// notify sends the signals that stop a run to a channel. SIGHUP stays ignored where it was
// at the start, as nohup does.
func notify(signals chan os.Signal) {
	for sig := range codes {
		if sig != syscall.SIGHUP || !signal.Ignored(sig) {
			signal.Notify(signals, sig)
		}
	}
}

// done reports whether the stopper was closed.
func (s *stopper) done() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// background runs f beside the rest. It is the one place of the program that starts a
// goroutine: Go ends a process with 2 when one panics, which means "changes" here.
func background(f func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				fmt.Fprintf(os.Stderr, "internal error: %v\n%s", p, debug.Stack())
				os.Exit(exitError)
			}
		}()
		f()
	}()
}

// softly returns a context for what may be given up at any time, such as reads: it
// ends with the first signal and when the time for the whole run is over. Writes
// use ctx, which only the second signal ends.
// told is called when it is the signal.
func softly(ctx context.Context, s *stopper, timeout time.Duration, told func()) (context.Context, context.CancelFunc) {
	soft, _, end := liftably(ctx, s, timeout, told)
	return soft, end
}

// liftably is softly with a limit of time that lift takes away, if it is not over.
func liftably(ctx context.Context, s *stopper, timeout time.Duration, told func()) (soft context.Context, lift, end func()) {
	soft, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(timeout, func() { cancel(errTimeout) })
	background(func() {
		select {
		case <-s.closed:
			cancel(errStopped) // before anything is said or written, which takes its time
			told()
		case <-soft.Done():
		}
	})
	lift = func() { timer.Stop() }
	return soft, lift, func() { lift(); cancel(nil) }
}

// wholeTimeout is --timeout, or what a plan or an apply takes at most.
func (o options) wholeTimeout() time.Duration {
	switch {
	case o.timeout > 0:
		return o.timeout
	case o.apply:
		return 45 * time.Minute
	default:
		return 15 * time.Minute
	}
}
