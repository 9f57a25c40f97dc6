package cli

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/patience"
)

// TestWhatASignalMeans: the first one stops, and what comes after it ends what is in flight
// or belongs to it.
func TestWhatASignalMeans(t *testing.T) {
	t.Parallel()
	const graceOver, later = syscall.Signal(-1), syscall.Signal(-2) // 8 s and 10 s after the first
	const hup, interrupt, term = syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM
	for name, c := range map[string]struct {
		heard []syscall.Signal
		code  int
		cause error
	}{
		"one":                                     {[]syscall.Signal{interrupt}, 130, nil},
		"the end of the grace":                    {[]syscall.Signal{interrupt, graceOver}, 130, ErrGraceOver},
		"a runner's":                              {[]syscall.Signal{interrupt, term}, 130, nil},
		"a runner's, and the end of the grace":    {[]syscall.Signal{interrupt, term, graceOver}, 130, ErrGraceOver},
		"a person's, twice":                       {[]syscall.Signal{interrupt, interrupt}, 130, ErrSecondSignal},
		"a runner's, and a person's":              {[]syscall.Signal{interrupt, term, interrupt}, 130, ErrSecondSignal},
		"a SIGTERM much later":                    {[]syscall.Signal{interrupt, later, term}, 130, ErrSecondSignal},
		"a SIGTERM twice":                         {[]syscall.Signal{term, term}, 143, ErrSecondSignal},
		"a terminal that closes":                  {[]syscall.Signal{hup, hup}, 129, nil},
		"a terminal that closes after an end":     {[]syscall.Signal{term, hup}, 143, nil},
		"a session that ends":                     {[]syscall.Signal{hup, term}, 129, nil},
		"a terminal that closes, and a new end":   {[]syscall.Signal{hup, later, term}, 129, ErrSecondSignal},
		"a terminal that closes, and its SIGHUPs": {[]syscall.Signal{hup, later, hup}, 129, ErrSecondSignal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(patience.Context(t))
			defer cancel(nil)
			stopped, stop := Stoppable(ctx)
			signals := make(chan os.Signal)
			times := map[time.Duration]chan time.Time{Grace: make(chan time.Time), sameRequest: make(chan time.Time)}
			go Listen(signals, func(d time.Duration) <-chan time.Time { return times[d] }, stop, cancel)
			if c.cause == nil {
				c.heard = append(c.heard, graceOver) // so that all before it was heard
				c.cause = ErrGraceOver
			}
			over := func(d time.Duration) {
				select {
				case times[d] <- time.Time{}:
				case <-ctx.Done():
				}
			}
			for _, h := range c.heard {
				switch h {
				case graceOver:
					over(Grace)
				case later:
					over(sameRequest)
				default:
					select {
					case signals <- h:
					case <-ctx.Done():
					}
				}
			}
			patience.For(t, "the end of what is in flight", ctx.Done())
			if cause := context.Cause(ctx); !errors.Is(cause, c.cause) || Stopped(stopped) != c.code {
				t.Errorf("code %d, %v; want %d, %v", Stopped(stopped), cause, c.code, c.cause)
			}
		})
	}
}

// TestTheLimitOfTimeIsLifted: once everything is sent, --timeout ends nothing.
func TestTheLimitOfTimeIsLifted(t *testing.T) {
	t.Parallel()
	for _, lifts := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			limited, lift, end := Limited(t.Context(), time.Minute)
			defer end()
			if lifts {
				lift()
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if over := limited.Err() != nil; over == lifts {
				t.Errorf("lifted %t, and over %t: %v", lifts, over, limited.Err())
			}
		})
	}
}

// TestNothingIsBegunWhileAStopIsWrittenDown: it is heard before it is told, and what is in
// flight goes on.
func TestNothingIsBegunWhileAStopIsWrittenDown(t *testing.T) {
	t.Parallel()
	over := make(chan bool, 1)
	ctx, stop := Stoppable(patience.Context(t))
	limited, _, end := Limited(ctx, time.Hour)
	defer end()
	OnStop(limited, func() { over <- limited.Err() != nil && InFlight(limited).Err() == nil })
	stop(Interrupted{Interrupt})
	if heard, _ := patience.For(t, "the stop to be told", over); !heard {
		t.Error("it is told while further operations may begin, or ends what is in flight")
	}
}

// TestTheFirstCauseStands: whichever ends a run first is what it says, to the end.
func TestTheFirstCauseStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, signalFirst := range map[string]bool{"the signal": true, "the limit": false} {
			ctx, stop := Stoppable(t.Context())
			limited, _, end := Limited(ctx, time.Minute)
			if signalFirst {
				stop(Interrupted{Terminated})
			}
			time.Sleep(time.Hour)
			stop(Interrupted{Terminated})
			synctest.Wait()
			err := cps.Sleep(limited, time.Hour)
			if errors.Is(err, ErrTimeout) == signalFirst || errors.As(err, new(Interrupted)) != signalFirst || Stopped(ctx) != Terminated {
				t.Errorf("%s first: %v", name, err)
			}
			end()
		}
	})
}
