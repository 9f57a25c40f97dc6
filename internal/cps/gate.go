package cps

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// gate decides when a call may be sent: how many calls are in flight, and how fast they go
// out after a 429. Calls go out in the order of their tickets, so that one which got a 429
// goes before those that were never sent.
type gate struct {
	cfg Config

	mu          sync.Mutex
	changed     sync.Cond // a call in line may be able to go
	concurrency concurrency
	pace        pace
	inFlight    int
	tickets     int           // number of tickets given
	waiting     []int         // their tickets, sorted
	pausing     bool          // the first in line waits for time to pass
	idle        time.Time     // when the last call left; zero while a call is in flight or waits
	answers     int           // answers other than 429
	took        time.Duration // time of all answers
}

// slot is one call's right to be in flight. A call that needs none has a nil slot.
type slot struct {
	gate     *gate
	ticket   int
	inFlight bool
	round    int       // round of the pace when the call was last sent
	sent     time.Time // when the call was last sent
}

func newGate(cfg Config) *gate {
	g := &gate{cfg: cfg, concurrency: concurrency{limit: min(firstConcurrency, cfg.Concurrency), most: cfg.Concurrency}, idle: cfg.Now()}
	g.changed.L = &g.mu
	g.pace.since = g.idle
	return g
}

func (g *gate) enter(ctx context.Context) (*slot, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tickets++
	s := &slot{gate: g, ticket: g.tickets}
	return s, g.await(ctx, s)
}

// reenter releases the slot and waits until the call may be sent once more.
func (s *slot) reenter(ctx context.Context) error {
	if s == nil {
		return nil
	}
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.release(s)
	return s.gate.await(ctx, s)
}

func (s *slot) leave() {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.release(s)
}

// await waits in line, with the gate locked. If the wait ends without the slot, by a panic too,
// await leaves the line, so that the others go on.
func (g *gate) await(ctx context.Context, s *slot) error {
	if !g.idle.IsZero() { // nothing was to be sent meanwhile
		g.pace.since = g.pace.since.Add(g.cfg.Now().Sub(g.idle))
		g.idle = time.Time{}
	}
	i, _ := slices.BinarySearch(g.waiting, s.ticket)
	g.waiting = slices.Insert(g.waiting, i, s.ticket)
	defer context.AfterFunc(ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.changed.Broadcast()
	})()
	defer func() {
		g.waiting = slices.DeleteFunc(g.waiting, func(t int) bool { return t == s.ticket })
		g.noteIdle()
		g.changed.Broadcast()
	}()
	for {
		now := g.cfg.Now()
		d := g.pace.open.Sub(now)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case g.waiting[0] != s.ticket || g.pausing || g.inFlight >= g.concurrency.limit:
			g.changed.Wait()
		case d > 0:
			if err := g.pause(ctx, d); err != nil {
				return err
			}
		default:
			g.inFlight++
			s.inFlight, s.round, s.sent = true, g.pace.round, now
			if g.pace.rate > 0 {
				g.pace.open = now.Add(g.pace.interval())
			}
			return nil
		}
	}
}

// pause lets time pass with the gate unlocked. Only the first in line does, but another call may
// be first when it ends.
func (g *gate) pause(ctx context.Context, d time.Duration) error {
	if left := max(g.cfg.Budget(), 0); d > left {
		return fmt.Errorf("not sent: the wait would be %s, and %s are left", round(d), round(left))
	}
	g.pausing = true
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.pausing = false
		g.changed.Broadcast()
	}()
	if err := g.cfg.Wait(ctx, d); err != nil {
		return fmt.Errorf("stopped while waiting: %w", err)
	}
	return nil
}

func (g *gate) release(s *slot) {
	if s.inFlight {
		s.inFlight = false
		g.inFlight--
		g.noteIdle()
		g.changed.Broadcast()
	}
}

func (g *gate) noteIdle() {
	if g.inFlight == 0 && len(g.waiting) == 0 {
		g.idle = g.cfg.Now()
	}
}

// rateLimited notes a 429. It returns how long no call may be sent, whether it begins a new
// round, and how many answers other than 429 the run got. The 429s of calls that were in flight
// together count once.
func (s *slot) rateLimited(asked time.Duration, jitter float64) (wait time.Duration, news bool, answers int) {
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.cfg.Now()
	news = s.round == g.pace.round
	if news {
		if !g.pace.trying() {
			g.concurrency.halve()
		}
		g.pace.refused(now, s.sent, asked, jitter)
	} else {
		g.pace.close(now.Add(asked))
	}
	return g.pace.open.Sub(now), news, g.answers
}

func (g *gate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pace.open = g.cfg.Now()
}

// answered notes an answer other than 429 and how long it took.
func (s *slot) answered(kind Kind, took time.Duration) {
	if s == nil {
		return
	}
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers++
	g.took += took
	g.pace.answer(g.cfg.Now(), s.sent, s.round)
	g.concurrency.answered(kind, took)
	g.changed.Broadcast()
}

// Estimate returns how long n more requests take at the measured pace, or 0 if unknown.
func (c *Client) Estimate(n int) time.Duration {
	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.pace.rate > 0:
		return time.Duration(n) * g.pace.interval()
	case g.answers < firstConcurrency:
		return 0
	default:
		return time.Duration(n) * (g.took / time.Duration(g.answers*g.concurrency.limit))
	}
}
