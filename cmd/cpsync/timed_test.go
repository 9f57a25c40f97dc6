package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// timedCommand is cpsync with the time of a test: it moves only when the program
// waits, and the test hears of it. It may have a bug, too.
const (
	timedCommand = "cpsync-timed"
	timedFrom    = "TIMED_FROM"
	timedAt      = "TIMED_AT"
	timedPanic   = "TIMED_PANIC" // under a request: its kind, how many to skip, and before or after it was sent
)

func timed(w *world) {
	var mu sync.Mutex
	now, err := time.Parse(time.RFC3339, os.Getenv(timedFrom))
	if err != nil {
		panic(err)
	}
	if wire := os.Getenv(timedPanic); wire != "" {
		b := &bug{base: w.Transport}
		if _, err := fmt.Sscan(wire, &b.call, &b.skip, &b.when); err != nil {
			panic(err)
		}
		w.Transport = b
	}
	w.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	w.after = afterTimed
	w.Wait = func(ctx context.Context, d time.Duration) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		res, err := http.Get(os.Getenv(timedAt) + "?for=" + d.String())
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
		return res.Body.Close()
	}
}

// afterTimed asks the test to say when the time is over.
func afterTimed(d time.Duration) <-chan time.Time {
	over := make(chan time.Time, 1)
	go func() {
		if res, err := http.Get(os.Getenv(timedAt) + "?after=" + d.String()); err == nil {
			res.Body.Close()
			over <- time.Time{}
		}
	}()
	return over
}

// bug is a transport that panics under a request, before or after it was sent.
type bug struct {
	base http.RoundTripper
	call call
	skip int
	when string

	mu sync.Mutex
}

func (b *bug) RoundTrip(r *http.Request) (*http.Response, error) {
	meant := b.meant(r)
	if meant && b.when == "before" {
		panic("a bug in a worker")
	}
	res, err := b.base.RoundTrip(r)
	if meant {
		panic("a bug in a worker")
	}
	return res, err
}

func (b *bug) meant(r *http.Request) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if callOf(r.Method, r.URL.Path, nil) != b.call {
		return false
	}
	b.skip--
	return b.skip == -1
}

// clocked prepares a process that lives in the time of the rig.
func (g *rig) clocked(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	waits := httptest.NewServer(http.HandlerFunc(g.waited))
	t.Cleanup(waits.Close)
	p := patience.Command(t, timedCommand, args...)
	p.Env = append([]string{
		"CPSYNC_API_URL=" + g.server.URL + "/sec/cps", "CPSYNC_TOKEN_URL=" + g.server.URL + "/connect/token",
		"CPSYNC_CLIENT_ID=" + sandbox.ClientID, "CPSYNC_CLIENT_SECRET=" + g.secret,
		"PATH=" + os.Getenv("PATH"), noLinger, timedFrom + "=" + start2026.Format(time.RFC3339), timedAt + "=" + waits.URL,
	}, env...)
	return p
}

// waited moves the time as the process waits.
func (g *rig) waited(_ http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.URL.Query().Get("for"))
	if err != nil {
		panic(err)
	}
	g.advance(d)
}
