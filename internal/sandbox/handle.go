package sandbox

import (
	"fmt"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// handle answers one request: logs it, injects the faults that match it, stores what it
// changed. Wait lets the time of a slow answer pass.
func (s *Server) handle(q *request, wait func(time.Duration) error) (answer, error) {
	active := s.receive(q)
	if err := active.delay("before", wait); err != nil {
		return answer{}, err
	}
	a := s.answer(q, active)
	return a, active.delay("after", wait)
}

// receive logs a request and returns the faults that match it.
func (s *Server) receive(q *request) activeFaults {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, q.method+" "+q.public())
	id, _ := strconv.ParseInt(q.id, 10, 64)
	var active activeFaults
	for _, list := range [][]world.Fault{s.world.Faults, s.faults} {
		for i := range list {
			if matches(list[i], q.kinds, id) && inject(&list[i]) {
				active = append(active, list[i])
			}
		}
	}
	return active
}

// answer serves a request, or what the faults make of it.
func (s *Server) answer(q *request, faults activeFaults) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if prepare := kindOf(f).prepare; prepare != nil {
			prepare(s, q, f)
			s.changed()
		}
	}
	a, replaced := faults.replace(s, q, "before")
	if !replaced {
		a = s.serve(q)
		if instead, ok := faults.replace(s, q, "after"); ok {
			a, replaced = instead, true
		}
	}
	for _, f := range faults {
		if edit := kindOf(f).edit; edit != nil && !replaced {
			a = edit(a)
		}
	}
	if q.writes() {
		s.log = append(s.log, q.String()+" -> "+outcome(a, faults))
		s.changed()
	}
	return a
}

// serve answers a request and stores an accepted write before it is answered;
// one that cannot be stored did not happen.
func (s *Server) serve(q *request) answer {
	var before world.World
	if s.file != nil && q.writes() {
		before = s.world.Clone()
	}
	a := s.dispatch(q)
	if !q.writes() || a.status >= 400 {
		return a
	}
	s.world.Writes = append(s.world.Writes, world.Write{At: s.world.Clock, Request: q.String(), Status: a.status})
	if err := s.store(); err != nil {
		s.world = before
		return s.errorAnswer(fmt.Errorf("storing the state: %w", err))
	}
	return a
}

// outcome is what the log has of the answer to a write.
func outcome(a answer, faults activeFaults) string {
	switch {
	case !a.lost:
		return strconv.Itoa(a.status)
	case faults.afterwards():
		return "lost after commit"
	}
	return "lost before it took effect"
}
