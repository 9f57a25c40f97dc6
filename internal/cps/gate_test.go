package cps

import (
	"context"
	"testing"
	"time"
)

// TestAPanicEndsTheStandingInLine: a call that ends by a panic while it waits for its
// moment keeps nobody behind it waiting for ever.
func TestAPanicEndsTheStandingInLine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	g := newGate(Config{
		Concurrency: 1, Now: func() time.Time { return now },
		Budget: func() time.Duration { return time.Hour },
		Wait:   func(context.Context, time.Duration) error { panic("while it waits") },
	})
	g.pace.open = now.Add(time.Second)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("nobody had to wait")
			}
		}()
		_, _ = g.enter(t.Context())
	}()
	g.reopen()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := g.enter(ctx); err != nil {
		t.Errorf("the next call waits for ever: %v", err)
	}
}
