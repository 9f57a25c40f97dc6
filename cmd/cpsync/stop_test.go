package main

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

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
		"the end of the grace":                    {[]syscall.Signal{interrupt, graceOver}, 130, errGraceOver},
		"a runner's":                              {[]syscall.Signal{interrupt, term}, 130, nil},
		"a runner's, and the end of the grace":    {[]syscall.Signal{interrupt, term, graceOver}, 130, errGraceOver},
		"a person's, twice":                       {[]syscall.Signal{interrupt, interrupt}, 130, errSecondSignal},
		"a runner's, and a person's":              {[]syscall.Signal{interrupt, term, interrupt}, 130, errSecondSignal},
		"a SIGTERM much later":                    {[]syscall.Signal{interrupt, later, term}, 130, errSecondSignal},
		"a SIGTERM twice":                         {[]syscall.Signal{term, term}, 143, errSecondSignal},
		"a terminal that closes":                  {[]syscall.Signal{hup, hup}, 129, nil},
		"a terminal that closes after an end":     {[]syscall.Signal{term, hup}, 143, nil},
		"a session that ends":                     {[]syscall.Signal{hup, term}, 129, nil},
		"a terminal that closes, and a new end":   {[]syscall.Signal{hup, later, term}, 129, errSecondSignal},
		"a terminal that closes, and its SIGHUPs": {[]syscall.Signal{hup, later, hup}, 129, errSecondSignal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(patience.Context(t))
			defer cancel(nil)
			s := &stopper{closed: make(chan struct{})}
			signals := make(chan os.Signal)
			times := map[time.Duration]chan time.Time{grace: make(chan time.Time), sameRequest: make(chan time.Time)}
			go s.listen(signals, func(d time.Duration) <-chan time.Time { return times[d] }, cancel)
			if c.cause == nil {
				c.heard = append(c.heard, graceOver) // so that all before it was heard
				c.cause = errGraceOver
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
					over(grace)
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
			if cause := context.Cause(ctx); !errors.Is(cause, c.cause) || s.code != c.code {
				t.Errorf("code %d, %v; want %d, %v", s.code, cause, c.code, c.cause)
			}
		})
	}
}
