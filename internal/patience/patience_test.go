package patience

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// listener hears what a test says.
type listener struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (l *listener) Helper() {}

func (l *listener) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, fmt.Sprintf(format, args...))
}

func TestWhatDoesNotComeIsAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{TB: t}
		begin := time.Now()
		if _, ok := For(l, "a request", make(chan int)); ok || time.Since(begin) != limit || strings.Join(l.said, "") != "waited 5m0s for a request" {
			t.Errorf("%v, after %s: %q", ok, time.Since(begin), l.said)
		}
		closed := make(chan int)
		close(closed)
		if _, ok := For(l, "the end", closed); !ok || len(l.said) != 1 {
			t.Errorf("%v, %q", ok, l.said)
		}
	})
}

func TestAContextHasAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{TB: t}
		ctx := Context(l)
		<-ctx.Done()
		synctest.Wait()
		if len(l.said) != 1 || ctx.Err() != context.DeadlineExceeded {
			t.Errorf("%q, %v", l.said, ctx.Err())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l := &listener{TB: t}
		t.Cleanup(func() {
			if len(l.said) > 0 {
				t.Errorf("a test that ended in time is told %q", l.said)
			}
		})
		Context(l)
	})
}

func TestAProgramHasAnEnd(t *testing.T) {
	t.Parallel()
	c := Command(t, "true")
	if c.Cancel == nil || c.WaitDelay == 0 {
		t.Error("it has none")
	}
}
