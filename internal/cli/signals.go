package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Interrupted is the cause of a context that the first signal has ended: nothing new is begun.
type Interrupted struct{ Code int } // what the program exits with when nothing was begun

func (Interrupted) Error() string { return "interrupted" }

// Other causes of an end.
var (
	ErrTimeout      = errors.New("--timeout is over")
	ErrSecondSignal = errors.New("interrupted a second time") // ends what is in flight
	ErrGraceOver    = fmt.Errorf("interrupted, and no answer within %s", Grace)
)

const (
	// Grace is how long after the first signal what is in flight may take. The runner of
	// GitHub Actions sends SIGKILL 10 s after its SIGINT.
	Grace = 8 * time.Second
	// sameRequest is how long after a signal others may belong to the same request to stop.
	// That runner sends SIGTERM 7.5 s after its SIGINT.
	sameRequest = 10 * time.Second
)

type inFlightKey struct{}

// Stoppable returns a context that stop ends, and that remembers its parent: a cancelled request is a certain
// order turned into an unknown one, so what is in flight goes on until the parent ends.
func Stoppable(parent context.Context) (ctx context.Context, stop context.CancelCauseFunc) {
	return context.WithCancelCause(context.WithValue(parent, inFlightKey{}, parent))
}

// InFlight returns the context of what a stop must not cut off.
func InFlight(ctx context.Context) context.Context {
	if parent, ok := ctx.Value(inFlightKey{}).(context.Context); ok {
		return parent
	}
	return ctx
}

// Stopped returns the exit code of the signal that ended a context; 0 when none did.
func Stopped(ctx context.Context) int {
	by, _ := errors.AsType[Interrupted](context.Cause(ctx))
	return by.Code
}

// Limited is Stoppable's context with an end of its own: ErrTimeout after some time, unless that is lifted before.
func Limited(ctx context.Context, most time.Duration) (limited context.Context, lift, end func()) {
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(most, func() { cancel(ErrTimeout) })
	lift = func() { timer.Stop() }
	return limited, lift, func() { lift(); cancel(nil) }
}

// OnStop calls f, beside the rest, when a signal ends the context before anything else does.
// At that time the context has ended, so that nothing is begun while f takes its time.
func OnStop(ctx context.Context, f func()) (forget func() bool) {
	return context.AfterFunc(ctx, func() {
		if Stopped(ctx) != 0 {
			f()
		}
	})
}

// Listen turns the first signal into a stop, and the end of the grace or a second signal
// into the end of what is in flight. A third finds the default behaviour again.
func Listen(signals chan os.Signal, after func(time.Duration) <-chan time.Time, stop, cancel context.CancelCauseFunc) {
	first := <-signals
	stop(Interrupted{codes[first]})
	graceOver, same := after(Grace), after(sameRequest)
	for {
		select {
		case <-graceOver:
			cancel(ErrGraceOver)
		case <-same:
			same = nil
		case sig := <-signals:
			// A runner sends SIGTERM after its SIGINT, and a terminal that closes SIGHUP more than once: the
			// kernel does, and the shell. A person who can't wait sends SIGINT again, or SIGTERM.
			if same != nil && (sig == syscall.SIGHUP || sig == syscall.SIGTERM && first != syscall.SIGTERM) {
				continue
			}
			signal.Stop(signals)
			cancel(ErrSecondSignal)
			return
		}
	}
}

// codes are the signals that stop a run, and what it exits with when nothing was begun.
var codes = map[os.Signal]int{syscall.SIGHUP: HungUp, syscall.SIGINT: Interrupt, syscall.SIGTERM: Terminated}

// Notify sends the signals that stop a run to a channel. SIGHUP stays ignored where it was
// at the start, as nohup does.
func Notify(signals chan os.Signal) {
	for sig := range codes {
		if sig != syscall.SIGHUP || !signal.Ignored(sig) {
			signal.Notify(signals, sig)
		}
	}
}
