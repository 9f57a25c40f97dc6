package cps

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestFlights: each step is twenty answers of a kind that took so long.
func TestFlights(t *testing.T) {
	t.Parallel()
	type step struct {
		kind Kind
		took time.Duration
		want int
	}
	for name, test := range map[string]struct {
		most  int
		steps []step
	}{
		"as quick as before":      {8, []step{{KindList, s, 5}, {KindList, s, 6}, {KindList, s, 7}, {KindList, s, 8}, {KindList, s, 8}}},
		"one at a time":           {1, []step{{KindList, s, 1}, {KindList, 9 * s, 1}}},
		"slower":                  {8, []step{{KindList, s, 5}, {KindList, s * 3 / 2, 6}, {KindList, s * 8 / 5, 3}, {KindList, s, 4}}},
		"quicker, then as before": {8, []step{{KindList, 2 * s, 5}, {KindList, s, 6}, {KindList, 2 * s, 3}}},
		"kinds are not compared":  {8, []step{{KindStatus, s, 5}, {KindList, 9 * s, 6}}},
		"no time at all":          {8, []step{{KindList, 0, 5}, {KindList, 0, 6}}},
	} {
		f := newGate(Config{Now: time.Now, Concurrency: test.most}).concurrency
		for i, step := range test.steps {
			for range answersPerStep - 1 {
				f.answered(step.kind, step.took)
			}
			f.answered(step.kind, step.took)
			if f.limit != step.want {
				t.Errorf("%s: %d in flight after step %d, want %d", name, f.limit, i+1, step.want)
			}
		}
	}
}

// TestFlightsOfARun: of a server that answers many as quickly as one, a run asks more
// and more at a time, as many as it may.
func TestFlightsOfARun(t *testing.T) {
	t.Parallel()
	const requests = 220
	single := certificateJSON(7)
	for most, rounds := range map[int]int{2: 110, 4: 55, 8: 36, 16: 31} {
		server := &limitedServer{limit: &bucket{rate: 1e6, size: 1e6}, latency: 50 * time.Millisecond, body: func(*http.Request) string { return single }}
		var took time.Duration
		synctest.Test(t, func(t *testing.T) {
			took = readSideBySide(t, server, most, requests)
		})
		if got := int(took / server.latency); got > rounds || server.most > most {
			t.Errorf("%d at most: %d rounds, want %d; %d at once", most, got, rounds, server.most)
		}
	}
}

// limiter is a server's own limit of requests.
type limiter interface {
	// admit reports whether a request at this time is answered, and if not, how long it
	// takes until one is.
	admit(now time.Time) (ok bool, after time.Duration)
}

// bucket fills with tokens at a rate, up to size.
type bucket struct {
	rate, size float64
	tokens     float64
	at         time.Time
}

func (b *bucket) admit(now time.Time) (bool, time.Duration) {
	if b.at.IsZero() {
		b.tokens = b.size
	} else {
		b.tokens = min(b.size, b.tokens+b.rate*now.Sub(b.at).Seconds())
	}
	b.at = now
	if b.tokens >= 1-1e-9 {
		b.tokens--
		return true, 0
	}
	return false, time.Duration((1 - b.tokens) / b.rate * float64(time.Second))
}

// window admits so many requests in each stretch of time that begins with the first.
type window struct {
	most  int
	size  time.Duration
	begun time.Time
	taken int
}

func (w *window) admit(now time.Time) (bool, time.Duration) {
	if w.begun.IsZero() || now.Sub(w.begun) >= w.size {
		w.begun, w.taken = now, 0
	}
	if w.taken < w.most {
		w.taken++
		return true, 0
	}
	return false, w.begun.Add(w.size).Sub(now)
}

// sliding admits so many requests in any stretch of time.
type sliding struct {
	most  int
	size  time.Duration
	taken []time.Time
}

func (s *sliding) admit(now time.Time) (bool, time.Duration) {
	for len(s.taken) > 0 && now.Sub(s.taken[0]) >= s.size {
		s.taken = s.taken[1:]
	}
	if len(s.taken) < s.most {
		s.taken = append(s.taken, now)
		return true, 0
	}
	return false, s.taken[0].Add(s.size).Sub(now)
}

// Ways to say how long to wait.
var waitHints = map[string]func(time.Duration) string{
	"whole seconds": func(d time.Duration) string { return fmt.Sprint(int(math.Ceil(d.Seconds()))) },
	"one second":    func(time.Duration) string { return "1" },
	"nothing":       func(time.Duration) string { return "" },
}

// limited is a server with a limit. Everything takes a while.
type limitedServer struct {
	limit   limiter
	hint    func(time.Duration) string
	latency time.Duration
	body    func(*http.Request) string

	mu       sync.Mutex
	admitted int
	refused  int
	flying   int
	most     int
}

func (s *limitedServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.flying++
	s.most = max(s.most, s.flying)
	ok, after := s.limit.admit(time.Now())
	if ok {
		s.admitted++
	} else {
		s.refused++
	}
	s.mu.Unlock()
	time.Sleep(s.latency)
	s.mu.Lock()
	s.flying--
	s.mu.Unlock()
	res := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r}
	body := ""
	if ok {
		body = s.body(r)
	} else {
		res.StatusCode = http.StatusTooManyRequests
		if text := s.hint(after); text != "" {
			res.Header.Set("Retry-After", text)
		}
	}
	res.Body = io.NopCloser(strings.NewReader(body))
	return res, nil
}

// TestALimitIsUsed: under any kind of limit a run takes little longer than that allows.
func TestALimitIsUsed(t *testing.T) {
	t.Parallel()
	second := func(r float64) (int, time.Duration) {
		return max(int(r), 1), max(s, time.Duration(float64(s)/r))
	}
	limits := map[string]struct {
		of   func(perSecond float64) limiter
		most float64 // of the time it takes at least
	}{
		// A server that says "1" and would answer after a fifth of that is hard to guess.
		"a bucket of one":      {func(r float64) limiter { return &bucket{rate: r, size: 1} }, 1.3},
		"a bucket of a second": {func(r float64) limiter { return &bucket{rate: r, size: max(r, 1)} }, 1.2},
		"a bucket of ten":      {func(r float64) limiter { return &bucket{rate: r, size: 10} }, 1.2},
		"a window":             {func(r float64) limiter { n, d := second(r); return &window{most: n, size: d} }, 1.2},
		"a sliding window":     {func(r float64) limiter { n, d := second(r); return &sliding{most: n, size: d} }, 1.2},
		"ten seconds":          {func(r float64) limiter { n, d := second(10 * r); return &sliding{most: n, size: 10 * d} }, 1.6},
	}
	single := certificateJSON(7)
	for _, account := range []struct {
		requests int
		rate     float64
	}{{27, 1}, {160, 3}, {400, 5}, {60, 300.0 / 3600}} {
		for kind, limit := range limits {
			for hint, say := range waitHints {
				for _, latency := range []time.Duration{time.Millisecond, 50 * time.Millisecond} {
					t.Run(fmt.Sprintf("%d at %.3g a second, %s, %s, %s", account.requests, account.rate, kind, hint, latency), func(t *testing.T) {
						t.Parallel()
						server := &limitedServer{limit: limit.of(account.rate), hint: say, latency: latency, body: func(*http.Request) string { return single }}
						took := readAtOnce(t, server, account.requests)
						least := float64(account.requests) / account.rate
						if ratio := took.Seconds() / least; ratio > limit.most {
							t.Errorf("took %.2f times what the limit allows; %d were refused", ratio, server.refused)
						}
						if server.refused > max(40, account.requests/7) {
							t.Errorf("%d were refused", server.refused)
						}
					})
				}
			}
		}
	}
}

// readAtOnce reads n requests side by side, in a time that takes no time, and says how
// long it took.
func readAtOnce(t *testing.T, transport http.RoundTripper, n int) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { took = readSideBySide(t, transport, 8, n) })
	return took
}

// readSideBySide reads n requests, so many at a time at most.
func readSideBySide(t *testing.T, transport http.RoundTripper, most, n int) time.Duration {
	t.Helper()
	c, err := New(Config{APIURL: "https://api.invalid", AccessToken: "ready", Transport: transport, Now: time.Now,
		Concurrency: most, Budget: func() time.Duration { return time.Hour }})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err = c.Each(t.Context(), n, func(ctx context.Context, _ int) error {
		_, err := c.Certificate(ctx, 7, false)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return time.Since(start)
}
