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

// latest is the end of the clock: what an order then dates later still fits into a file.
var latest = time.Date(8000, time.January, 1, 0, 0, 0, 0, time.UTC)

// Advance moves the clock, and the world with it, but not beyond latest.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to := s.world.Clock.Add(d); to.Before(latest) {
		s.moveTo(to)
	}
}

// SetClock moves the clock to an instant, and the world with it. A move
// backwards undoes nothing.
func (s *Server) SetClock(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moveTo(t.UTC())
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

// moveTo is the world's, and looks at no certificate where nothing can be due.
func (s *Server) moveTo(target time.Time) {
	if target.Before(s.known.quiet) && !target.Before(s.world.Clock) {
		s.world.Clock = target
		return
	}
	s.known = known{quiet: s.world.moveTo(target)}
}

// never is after everything that happens by itself.
var never = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// moveTo sets the clock, letting everything due happen first, in the order of
// its time. What was due before the clock happens now. It returns when something
// happens next.
func (w *World) moveTo(target time.Time) (next time.Time) {
	c, e := w.next()
	for c != nil && !target.Before(w.Clock) && !e.at.After(target) {
		w.Clock = later(e.at, w.Clock)
		e.does(w, c)
		c, e = w.next()
	}
	w.Clock = target
	return e.at
}

// next returns what happens first, if nobody intervenes.
func (w *World) next() (c *Certificate, first event) {
	first.at = never
	for i := range w.Certificates {
		if e := w.nextOf(&w.Certificates[i]); e.at.Before(first.at) {
			c, first = &w.Certificates[i], e
		}
	}
	return c, first
}
