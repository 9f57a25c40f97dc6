package cps

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

const s = time.Second

func TestDelay(t *testing.T) {
	t.Parallel()
	for n, want := range []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s} {
		if got := delay(n, 0); got != want {
			t.Errorf("pause %d: %s, want %s", n, got, want)
		}
	}
	if got := delay(0, 30*s); got != 30*s {
		t.Errorf("asked for 30s: %s", got)
	}
	if got := delay(4, 3*s); got != 16*s {
		t.Errorf("asked for less than the back-off: %s", got)
	}
	for d, most := range map[time.Duration]time.Duration{s: s / 10, 30 * s: s} {
		if got := spread(d, 0.999); got > most || got < most*9/10 || spread(d, 0) != 0 {
			t.Errorf("%s is spread over %s, want %s", d, got, most)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		text, date string
		want       time.Duration
	}{
		{"", "", 0},
		{"0", "", 0},
		{"120", "", 120 * s},
		{"-1", "", 0},
		{"1.5", "", 0},
		{"soon", "", 0},
		{"99999999999999999999999", "", 1<<31*s - s},
		{"Sun, 22 Nov 2026 09:01:30 GMT", "", 90 * s},
		{"Sun, 22 Nov 2026 08:00:00 GMT", "", 0},
		{"Sun, 22 Nov 2026 12:01:30 GMT", "Sun, 22 Nov 2026 12:00:00 GMT", 90 * s},
	} {
		h := http.Header{"Retry-After": {test.text}, "Date": {test.date}}
		if got := retryAfter(h, now); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// throttle answers 429 or 503 as long as it likes, then fine.
func throttle(status, times int, after string) http.HandlerFunc {
	var n atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if int(n.Add(1)) > times {
			fine(w, r)
			return
		}
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		answer(w, status, "")
	}
}

func TestWaitsAsLongAsTheServerAsks(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 503} {
		f := newFake(t, throttle(status, 2, "30"))
		var log bytes.Buffer
		c := f.client(t, func(cfg *Config) { cfg.Log = testLog(&log) })
		if err := readOnce(t.Context(), c); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]time.Duration{30 * s, 30 * s}, f.clock.Waits()); diff != "" {
			t.Error(diff)
		}
		if got := c.Counts(); got != (Counts{Reads: 4, Retries: 2, Waited: 60 * s}) {
			t.Errorf("counted %+v", got)
		}
		if !strings.Contains(log.String(), "retrying in 30s") {
			t.Error("the wait is not logged")
		}
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	f := newFake(t, throttle(500, 99, ""))
	err := readOnce(t.Context(), f.client(t))
	if diff := cmp.Diff([]time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s}, f.clock.Waits()); diff != "" {
		t.Error(diff)
	}
	if err == nil || !strings.Contains(err.Error(), "given up after 6 attempts") {
		t.Error(err)
	}
}

// TestAWaitTooLong is not begun, and the error has the numbers.
func TestAWaitTooLong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after string
		left  time.Duration
		text  string
		order string
	}{
		"of the run":  {"300", 45 * s, "the wait would be 5m0s, and 45s are left", "the wait would be 5m0s, and 45s are left"},
		"none left":   {"", -s, "the wait would be 1s, and 0s are left", "the wait would be 10s, and 0s are left"},
		"of the call": {"7200", 24 * time.Hour, "the wait would be 2h0m0s, and 30m0s are left", "the wait would be 2h0m0s, and 30m0s are left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, throttle(429, 99, test.after))
			c := f.client(t, func(cfg *Config) { cfg.Budget = func() time.Duration { return test.left } })
			attempts, err := kinds["plain"](t.Context(), c)
			if attempts != 1 || !errors.Is(err, cert.ErrRefused) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("%d attempts, %v", attempts, err)
			}
			_, err = c.Renew(t.Context(), 7)
			if wait, why := c.RetryDelay(t.Context(), err); wait != 10*s || why == nil || !strings.Contains(why.Error(), test.order) {
				t.Errorf("a renewal waits %s, %v", wait, why)
			}
			if len(f.clock.Waits()) != 0 {
				t.Errorf("waited %v", f.clock.Waits())
			}
		})
	}
}

// TestRetryDelay is at least ten seconds, so that an API can show what it denied, and as long
// as the server asks.
func TestRetryDelay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		after  string
		ready  Secret
		want   time.Duration
		final  bool
	}{
		"429":                          {status: 429, want: 10 * s},
		"429, and asks for less":       {status: 429, after: "7", want: 10 * s},
		"429, and asks for more":       {status: 429, after: "45", want: 45 * s},
		"401":                          {status: 401, want: 10 * s},
		"401, and no token is to come": {status: 401, ready: "ready", want: 10 * s, final: true},
		"429 to a ready token":         {status: 429, ready: "ready", want: 10 * s},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, throttle(test.status, 99, test.after))
			c := f.client(t, func(cfg *Config) { cfg.AccessToken = test.ready })
			_, err := c.Renew(t.Context(), 7)
			if wait, why := c.RetryDelay(t.Context(), err); wait != test.want || (why != nil) != test.final {
				t.Errorf("waits %s, %v", wait, why)
			}
		})
	}
}

// TestStoppedWhileWaiting: the error of the wait ends the call.
func TestStoppedWhileWaiting(t *testing.T) {
	t.Parallel()
	errStop := errors.New("a signal")
	for failure, want := range map[string]error{"429": cert.ErrRefused, "503": cert.ErrNoAnswer} {
		f := newFake(t, failureHandlers[failure])
		c := f.client(t, func(cfg *Config) { cfg.Wait = func(context.Context, time.Duration) error { return errStop } })
		attempts, err := kinds["plain"](t.Context(), c)
		if attempts != 1 || !errors.Is(err, want) || !errors.Is(err, errStop) {
			t.Errorf("%s: %d attempts, %v", failure, attempts, err)
		}
	}
}

func TestStoppedBefore(t *testing.T) {
	t.Parallel()
	f := newFake(t, fine)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for kind, call := range kinds {
		attempts, err := call(ctx, f.client(t))
		if attempts != 0 || !errors.Is(err, cert.ErrNotSent) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %d attempts, %v", kind, attempts, err)
		}
	}
	if len(f.Calls()) != 0 {
		t.Error("something was sent")
	}
}

// TestTimeoutOfOneAttempt passes inside synctest, where time does not take time.
func TestTimeoutOfOneAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{clock: newClock()}
		silent := roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		cfg := Config{
			APIURL: "https://api.invalid", AccessToken: "ready", Transport: silent, AllowWrites: true,
			Now: f.clock.Now, RequestTimeout: 30 * s,
		}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		attempts, err := c.Renew(t.Context(), 7)
		if took := time.Since(start); took != 30*s || attempts != 1 {
			t.Errorf("%d attempts in %s", attempts, took)
		}
		if !errors.Is(err, cert.ErrNoAnswer) || !strings.HasSuffix(err.Error(), "no answer within 30s") {
			t.Error(err)
		}
	})
}

// TestPausesInRealTime: the default Wait, inside synctest.
func TestPausesInRealTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		status := http.StatusTooManyRequests
		transport := roundTripper(func(*http.Request) (*http.Response, error) {
			header := http.Header{"Retry-After": {"120"}}
			res := &http.Response{StatusCode: status, Header: header, Body: http.NoBody}
			status = http.StatusOK
			return res, nil
		})
		cfg := Config{
			APIURL: "https://api.invalid", AccessToken: "ready", Transport: transport, AllowWrites: true,
			Now: time.Now, Jitter: func() float64 { return 0 },
		}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if attempts, err := kinds["plain"](t.Context(), c); attempts != 2 || err != nil {
			t.Error(attempts, err)
		}
		if took := time.Since(start); took != 120*s {
			t.Errorf("took %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), s)
		defer cancel()
		if err := Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// TestABurstThatIsRefused halves what is in flight, once; those that were refused go
// before those that were never sent.
func TestABurstThatIsRefused(t *testing.T) {
	t.Parallel()
	var paths []string
	now, most := 0, 0
	var mu sync.Mutex
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		paths = append(paths, r.URL.Path)
		status := http.StatusOK
		if len(paths) <= 4 {
			status = http.StatusTooManyRequests
		} else {
			now++
			most = max(most, now)
		}
		mu.Unlock()
		time.Sleep(50 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		if status == http.StatusOK {
			now--
		}
		return &http.Response{StatusCode: status, Body: http.NoBody}, nil
	})
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Config{APIURL: "https://api.invalid", AccessToken: "ready", Transport: transport, AllowWrites: true, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		err = c.Each(t.Context(), 12, func(ctx context.Context, i int) error {
			_, err := c.Patch(ctx, cert.ID(i+1), cert.Patch{AutoRenew: cert.Some(false)})
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	if most != 2 || len(paths) != 16 {
		t.Errorf("%d side by side, %d requests", most, len(paths))
	}
	if refused, next := slices.Sorted(slices.Values(paths[:4])), slices.Sorted(slices.Values(paths[4:8])); !slices.Equal(refused, next) {
		t.Errorf("%v were refused, and then %v were sent", refused, next)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		fine(w, r)
	})
	c := f.client(t, func(cfg *Config) { cfg.Concurrency = 3 })
	var calls sync.WaitGroup
	for range 40 {
		calls.Go(func() { _ = readOnce(t.Context(), c) })
	}
	calls.Wait()
	if most.Load() > 3 {
		t.Errorf("%d side by side", most.Load())
	}
}
