package main

import (
	"fmt"
	"time"
)

// sameClock is how far the clocks of two ends may be apart: answers take their time.
const sameClock = time.Minute

// serverClock is the clock of the API at the instant of the plan, for an apply that finds
// it another one; else zero.
func (s *session) serverClock() time.Time {
	skew := s.target.client.Skew()
	if !s.o.apply || skew.Abs() <= sameClock {
		return time.Time{}
	}
	return s.target.instant.Add(skew)
}

// compareClocks warns where the API has another time than this machine.
func (s *session) compareClocks() {
	if skew := s.target.client.Skew(); skew.Abs() > 5*time.Minute {
		s.warn(fmt.Sprintf("the clock of the API and the clock here are %s apart; an apply orders only what is due by both", apart(skew)))
	}
}
