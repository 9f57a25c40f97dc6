package cps

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Counts is how many requests a run has sent, and how long it waited.
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

// Counts returns what has been sent so far.
func (c *Client) Counts() Counts {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	return c.meter.total
}

// Skew returns how far the server's clock is ahead of ours, to the second, or zero if no
// answer had a date. It is the median of all answers, because one from a cache has an old
// date. Of two in the middle it is the later one.
func (c *Client) Skew() time.Duration {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	skews := slices.Sorted(slices.Values(c.meter.skews))
	if len(skews) == 0 {
		return 0
	}
	return skews[len(skews)/2]
}

// FirstAnswer returns the date of the server's first answer, to the second, or zero if no
// answer had one.
func (c *Client) FirstAnswer() time.Time {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	return c.meter.first
}

func (m *meter) exchange(ctx context.Context, q call, number int, o outcome, took time.Duration) {
	text := fmt.Sprintf("%s %s: %s after %d ms", q.method, q.path, o.answer(), took.Milliseconds())
	if number > 1 {
		text += fmt.Sprintf(", attempt %d", number)
	}
	m.log.DebugContext(ctx, text, "method", q.method, "path", q.path, "status", o.status,
		"duration_ms", took.Milliseconds(), "attempt", number)
	if !o.sent {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kinds[q.kind]++
	if q.class == readCall {
		m.total.Reads++
	} else {
		m.total.Writes++
	}
}

// waiting tells of a pause of d after an answer, and what comes after it.
func (m *meter) waiting(ctx context.Context, q call, o outcome, next string, d time.Duration) {
	level, text := slog.LevelInfo, fmt.Sprintf("%s %s: %s", q.method, q.path, o.answer())
	if failed := new(ConnectError); errors.As(o.err, &failed) {
		text = failed.Error()
	} else if o.failure == rateLimited {
		level, text = slog.LevelWarn, "too many requests for the API: "+text
	}
	m.log.Log(ctx, level, fmt.Sprintf("%s; %s in %s", text, next, round(d)),
		"method", q.method, "path", q.path, "status", o.status, "wait_ms", d.Milliseconds())
}

func (o outcome) answer() string {
	switch {
	case o.status != 0:
		return strconv.Itoa(o.status)
	case o.sent:
		return "no answer"
	default:
		return "not sent"
	}
}

func (m *meter) retried(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.Retries++
	m.total.Waited += d
}

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
	KindToken  Kind = iota // an access token
	KindList               // a page of the list
	KindSingle             // one certificate request
	KindStatus             // the status of one
	KindDCV                // the DCV metadata of one
	KindWrite              // a write
	NumKinds   = iota
)

// Kinds returns how many attempts of each kind were sent so far.
func (c *Client) Kinds() [NumKinds]int {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	return c.meter.kinds
}
