package cps

import (
	"context"
	"sync"
)

// gate bounds how many calls are in flight. A call keeps its place while it waits,
// so a server that asks everybody to slow down is left alone; places that slower
// takes away are not given back for the rest of the run.
type gate struct {
	free chan struct{} // one element for each free place

	mu    sync.Mutex
	limit int // at least 1
	debt  int // places to take away as they come back
}

// place is one call's right to be in flight. A nil place is that of a call which
// needs none.
type place struct {
	gate *gate
	held bool
}

func newGate(limit int) *gate {
	g := &gate{free: make(chan struct{}, limit), limit: limit}
	for range limit {
		g.free <- struct{}{}
	}
	return g
}

// enter waits for a place.
func (g *gate) enter(ctx context.Context) (*place, error) {
	p := &place{gate: g}
	return p, p.take(ctx)
}

func (p *place) take(ctx context.Context) error {
	select {
	case <-p.gate.free:
		p.held = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave gives the place back.
func (p *place) leave() {
	if p == nil || !p.held {
		return
	}
	p.held = false
	p.gate.put()
}

// again queues up once more. Calls that waited side by side, and are now more than
// the limit, thereby go on one after another.
func (p *place) again(ctx context.Context) error {
	if p == nil {
		return nil
	}
	p.leave()
	return p.take(ctx)
}

// slower halves the limit.
func (p *place) slower() {
	if p == nil {
		return
	}
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	less := g.limit / 2
	g.limit -= less
	g.debt += less
	for g.debt > 0 {
		select {
		case <-g.free:
			g.debt--
		default:
			return
		}
	}
}

func (g *gate) put() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.debt > 0 {
		g.debt--
		return
	}
	g.free <- struct{}{}
}
