package sandbox

import (
	"context"
	"time"
)

// Now returns the simulated clock.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Clock
}

// Advance moves the clock, and the world with it.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.moveTo(s.world.Clock.Add(d))
}

// SetClock moves the clock to an instant, and the world with it. A move
// backwards undoes nothing.
func (s *Server) SetClock(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.moveTo(t.UTC())
}

// Run lets the clock run at a multiple of the caller's time, which it learns
// from tick, until ctx is done or tick is closed. Access tokens last as long in
// the caller's time as they would without it.
func (s *Server) Run(ctx context.Context, speed float64, tick <-chan time.Time) {
	s.mu.Lock()
	s.speed = max(speed, 1)
	s.mu.Unlock()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case now, open := <-tick:
			if !open {
				return
			}
			if !last.IsZero() {
				s.Advance(time.Duration(float64(now.Sub(last)) * speed))
			}
			last = now
		}
	}
}

// moveTo sets the clock, letting everything due happen first, in the order of
// its time. What was due before the clock happens now.
func (w *World) moveTo(target time.Time) {
	for !target.Before(w.Clock) {
		c, e, ok := w.due(target)
		if !ok {
			break
		}
		w.Clock = later(e.at, w.Clock)
		e.does(w, c)
	}
	w.Clock = target
}

// due returns the earliest event that happens no later than target.
func (w *World) due(target time.Time) (c *Certificate, first event, ok bool) {
	for i := range w.Certificates {
		e, comes := w.next(&w.Certificates[i])
		if !comes || e.at.After(target) || ok && !e.at.Before(first.at) {
			continue
		}
		c, first, ok = &w.Certificates[i], e, true
	}
	return c, first, ok
}
