// Package patience lets nothing in a test wait without an end: what does not come is a
// failure that says what did not come, long before go test gives up the whole package.
// It is for tests.
package patience

import (
	"context"
	"errors"
	"os/exec"
	"testing"
	"time"
)

// limit is far more than anything takes that comes at all, also on a busy machine.
const limit = 5 * time.Minute

var errOver = errors.New("a test's patience is over")

// Context returns the context of the test with an end. Whatever still runs then is broken
// off, and the test fails.
func Context(t testing.TB) context.Context {
	ctx := within(t)
	context.AfterFunc(ctx, func() { complain(t, ctx) })
	return ctx
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), limit, errOver)
	t.Cleanup(cancel)
	return ctx
}

func complain(t testing.TB, ctx context.Context) {
	if errors.Is(context.Cause(ctx), errOver) {
		t.Errorf("broken off after %s: something did not end", limit)
	}
}

// Command prepares a program that is killed when patience is over, and with it whoever
// still holds its output. A test may run many, and take longer in all.
func Command(t testing.TB, name string, args ...string) *exec.Cmd {
	ctx := within(t)
	c := exec.CommandContext(ctx, name, args...)
	c.Cancel = func() error {
		complain(t, ctx)
		return c.Process.Kill()
	}
	c.WaitDelay = 10 * time.Second
	return c
}

// For returns what comes from c; ok is false, and the test has failed, when nothing does.
// It may be called by any goroutine of the test.
func For[T any](t testing.TB, what string, c <-chan T) (value T, ok bool) {
	t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case value = <-c:
		return value, true
	case <-t.Context().Done():
	case <-timer.C:
		t.Errorf("waited %s for %s", limit, what)
	}
	return value, false
}
