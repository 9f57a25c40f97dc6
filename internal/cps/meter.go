package cps

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Counts is the cost of a run.
type Counts struct {
	Reads   int           // attempts sent to read or to fetch a token
	Writes  int           // attempts sent to write
	Retries int           // attempts after the first of a call
	Waited  time.Duration // sum of all pauses of all calls
}

// meter counts and logs exchanges.
type meter struct {
	log *slog.Logger

	mu    sync.Mutex
	total Counts
	kinds [NumKinds]int
	first time.Time       // the server's time of the first answer; zero if unknown
	skews []time.Duration // how far the server's clock is ahead, by each answer
}

func (m *meter) counts() Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.total
}

// skew returns the median, because an answer from a cache has an old date. Of two in the
// middle it is the later one.
func (m *meter) skew() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.skews) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(m.skews))[len(m.skews)/2]
}

func (m *meter) firstAnswer() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.first
}

// exchange logs one attempt, and counts it if it was sent.
func (m *meter) exchange(ctx context.Context, e exchange, number int, o outcome, took time.Duration) {
	m.log.DebugContext(ctx, "exchange", "method", e.method, "path", e.path,
		"status", o.status, "duration", took, "attempt", number)
	if !o.sent {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kinds[e.kind]++
	if e.class == readCall {
		m.total.Reads++
	} else {
		m.total.Writes++
	}
}

// waiting logs a pause.
func (m *meter) waiting(ctx context.Context, e exchange, o outcome, d time.Duration) {
	level, text := slog.LevelInfo, "waiting before the next attempt"
	if o.failure == rateLimited {
		level, text = slog.LevelWarn, "too many requests for the server; waiting"
	}
	m.log.Log(ctx, level, text, "method", e.method, "path", e.path, "status", o.status, "wait", round(d))
}

// retried counts a retry after a pause of d.
func (m *meter) retried(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Retries++
	m.total.Waited += d
}

// noteTime notes the date of an answer.
func (m *meter) noteTime(h http.Header, now time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.first.IsZero() {
		m.first = date
	}
	m.skews = append(m.skews, date.Sub(now).Round(time.Second))
}

// Kind is the purpose of a request.
type Kind uint8

// The kinds of requests.
const (
	KindToken   Kind = iota // an access token
	KindList                // a page of the list
	KindSingle              // one certificate request
	KindStatus              // the status of one
	KindControl             // the DCV metadata of one
	KindWrite               // a write
	NumKinds    = iota
)

// Kinds returns how many attempts of each kind were sent so far.
func (c *Client) Kinds() [NumKinds]int {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	return c.meter.kinds
}
