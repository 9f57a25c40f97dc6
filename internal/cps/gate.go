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
	now  func() time.Time
	wait func(context.Context, time.Duration) error
	left func() time.Duration // of the run

	mu          sync.Mutex
	concurrency concurrency
	pace        pace
	inFlight    int
	idle        time.Time     // when the last call left; zero while a call is in flight or waits
	tickets     int           // number of tickets given
	answers     int           // answers other than 429
	took        time.Duration // time of all answers
	waiting     []*slot       // sorted by ticket
	next        *slot         // the slot that waits for its time; nil: none
}

// slot is one call's right to be in flight. A call that needs none has a nil slot.
type slot struct {
	gate     *gate
	ticket   int
	ready    chan struct{} // has one element when the slot is next
	inFlight bool
	round    int       // round of the pace when the call was last sent
	sent     time.Time // when the call was last sent
}

func newGate(cfg Config) *gate {
	g := &gate{now: cfg.Now, wait: cfg.Wait, left: cfg.left, concurrency: newConcurrency(cfg.Concurrency)}
	g.idle = g.now()
	g.pace.since = g.idle
	return g
}

// enter waits until a call may be sent.
func (g *gate) enter(ctx context.Context) (*slot, error) {
	g.mu.Lock()
	g.tickets++
	s := &slot{gate: g, ticket: g.tickets, ready: make(chan struct{}, 1)}
	g.mu.Unlock()
	return s, s.await(ctx)
}

// reenter releases the slot and waits until the call may be sent once more.
func (s *slot) reenter(ctx context.Context) error {
	if s == nil {
		return nil
	}
	s.gate.mu.Lock()
	s.gate.release(s)
	s.gate.mu.Unlock()
	return s.await(ctx)
}

// leave releases the slot.
func (s *slot) leave() {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.release(s)
	s.gate.callNext()
}

// await waits in line. Only the first in line waits for time to pass. If the wait ends
// without the slot, by a panic too, await leaves the line, so that the others go on.
func (s *slot) await(ctx context.Context) error {
	s.gate.join(s)
	defer func() {
		if !s.inFlight {
			s.gate.quit(s)
		}
	}()
	for {
		select {
		case <-s.ready:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := s.pass(ctx); err != nil || s.inFlight {
			return err
		}
	}
}

// pass waits until the call may go, unless another call is first by then.
func (s *slot) pass(ctx context.Context) error {
	for {
		d, ok := s.gate.admit(s)
		if !ok {
			return nil
		}
		if left := s.gate.left(); d > left {
			return fmt.Errorf("not sent: the wait would be %s, and %s are left", round(d), round(left))
		}
		if err := s.gate.wait(ctx, d); err != nil {
			return fmt.Errorf("stopped while waiting: %w", err)
		}
	}
}

// admit returns how long s, which is next, has to wait. If ok is false, s either is in
// flight or is no longer next.
func (g *gate) admit(s *slot) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting[0] == s && g.inFlight < g.concurrency.limit {
		now := g.now()
		if d := g.pace.open.Sub(now); d > 0 {
			return d, true
		}
		g.waiting = g.waiting[1:]
		g.inFlight++
		s.inFlight, s.round, s.sent = true, g.pace.round, now
		g.pace.sent(now)
	}
	g.next = nil
	g.callNext()
	return 0, false
}

// callNext makes the first in line next, if there is room and no other slot is next.
func (g *gate) callNext() {
	if g.next == nil && len(g.waiting) > 0 && g.inFlight < g.concurrency.limit {
		g.next = g.waiting[0]
		g.next.ready <- struct{}{}
	}
}

func (g *gate) join(s *slot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.idle.IsZero() {
		g.pace.rested(g.now().Sub(g.idle))
		g.idle = time.Time{}
	}
	i, _ := slices.BinarySearchFunc(g.waiting, s, func(a, b *slot) int { return a.ticket - b.ticket })
	g.waiting = slices.Insert(g.waiting, i, s)
	g.callNext()
}

// quit removes s from the line.
func (g *gate) quit(s *slot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = slices.DeleteFunc(g.waiting, func(other *slot) bool { return other == s })
	if g.next == s {
		g.next = nil
	}
	g.noteIdle()
	g.callNext()
}

// release notes that s is no longer in flight.
func (g *gate) release(s *slot) {
	if s.inFlight {
		s.inFlight = false
		g.inFlight--
		g.noteIdle()
	}
}

// noteIdle notes the time when no call is left.
func (g *gate) noteIdle() {
	if g.inFlight == 0 && len(g.waiting) == 0 {
		g.idle = g.now()
	}
}

// rateLimited notes a 429 and returns how long no call may be sent, and whether it begins a
// new round: the 429s of calls that were in flight together count once.
func (s *slot) rateLimited(asked time.Duration, jitter float64) (wait time.Duration, news bool) {
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	news = s.round == g.pace.round
	if news {
		if !g.pace.trying() {
			g.concurrency.halve()
		}
		g.pace.refused(now, s.sent, asked, jitter)
	} else {
		g.pace.close(now.Add(asked))
	}
	return g.pace.open.Sub(now), news
}

// reopen lets calls be sent at once.
func (g *gate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pace.open = g.now()
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
	g.pace.answer(g.now(), s.sent, s.round)
	g.concurrency.answered(kind, took)
	g.callNext()
}

// answersSoFar returns how many answers other than 429 the run got.
func (g *gate) answersSoFar() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.answers
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
