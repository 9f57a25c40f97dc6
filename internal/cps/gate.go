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
	p := &slot{gate: g, ticket: g.tickets, ready: make(chan struct{}, 1)}
	g.mu.Unlock()
	return p, p.await(ctx)
}

// reenter releases the slot and waits until the call may be sent once more.
func (p *slot) reenter(ctx context.Context) error {
	if p == nil {
		return nil
	}
	p.gate.mu.Lock()
	p.gate.release(p)
	p.gate.mu.Unlock()
	return p.await(ctx)
}

// leave releases the slot.
func (p *slot) leave() {
	if p == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.release(p)
	p.gate.callNext()
}

// await waits in line. Only the first in line waits for time to pass. If the wait ends
// without the slot, by a panic too, await leaves the line, so that the others go on.
func (p *slot) await(ctx context.Context) error {
	p.gate.join(p)
	defer func() {
		if !p.inFlight {
			p.gate.quit(p)
		}
	}()
	for {
		select {
		case <-p.ready:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := p.pass(ctx); err != nil || p.inFlight {
			return err
		}
	}
}

// pass waits until the call may go, unless another call is first by then.
func (p *slot) pass(ctx context.Context) error {
	for {
		d, ok := p.gate.admit(p)
		if !ok {
			return nil
		}
		if left := p.gate.left(); d > left {
			return fmt.Errorf("not sent: the wait would be %s, and %s are left", round(d), round(left))
		}
		if err := p.gate.wait(ctx, d); err != nil {
			return fmt.Errorf("stopped while waiting: %w", err)
		}
	}
}

// admit returns how long p, which is next, has to wait. If ok is false, p either is in
// flight or is no longer next.
func (g *gate) admit(p *slot) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting[0] == p && g.inFlight < g.concurrency.limit {
		now := g.now()
		if d := g.pace.open.Sub(now); d > 0 {
			return d, true
		}
		g.waiting = g.waiting[1:]
		g.inFlight++
		p.inFlight, p.round, p.sent = true, g.pace.round, now
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

func (g *gate) join(p *slot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.idle.IsZero() {
		g.pace.rested(g.now().Sub(g.idle))
		g.idle = time.Time{}
	}
	i, _ := slices.BinarySearchFunc(g.waiting, p, func(a, b *slot) int { return a.ticket - b.ticket })
	g.waiting = slices.Insert(g.waiting, i, p)
	g.callNext()
}

// quit removes p from the line.
func (g *gate) quit(p *slot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = slices.DeleteFunc(g.waiting, func(other *slot) bool { return other == p })
	if g.next == p {
		g.next = nil
	}
	g.noteIdle()
	g.callNext()
}

// release notes that p is no longer in flight.
func (g *gate) release(p *slot) {
	if p.inFlight {
		p.inFlight = false
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
func (p *slot) rateLimited(asked time.Duration, jitter float64) (wait time.Duration, news bool) {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	news = p.round == g.pace.round
	if news {
		if !g.pace.trying() {
			g.concurrency.halve()
		}
		g.pace.refused(now, p.sent, asked, jitter)
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
func (p *slot) answered(kind Kind, took time.Duration) {
	if p == nil {
		return
	}
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers++
	g.took += took
	g.pace.answer(g.now(), p.sent, p.round)
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
