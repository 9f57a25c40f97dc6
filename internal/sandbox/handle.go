package sandbox

import (
	"fmt"
	"strconv"
	"time"
)

// handle answers one request: notes it, lets the faults that befall it have
// their way, stores what it changed. Wait passes the time of a slow answer.
func (s *Server) handle(q *request, wait func(time.Duration) error) (answer, error) {
	struck := s.receive(q)
	if err := struck.delay("before", wait); err != nil {
		return answer{}, err
	}
	a := s.answer(q, struck)
	return a, struck.delay("after", wait)
}

// receive notes a request and returns the faults that befall it.
func (s *Server) receive(q *request) struck {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, q.method+" "+q.public())
	id, _ := strconv.ParseInt(q.id, 10, 64)
	var found struck
	for _, list := range [][]Fault{s.world.Faults, s.faults} {
		for i := range list {
			if list[i].matches(q.kinds, id) && list[i].strikes() {
				found = append(found, list[i])
			}
		}
	}
	return found
}

// answer serves a request, or what the faults make of it.
func (s *Server) answer(q *request, faults struck) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if prepare := f.kind().prepare; prepare != nil {
			prepare(s, q, f)
			s.known = known{}
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
		if edit := f.kind().edit; edit != nil && !replaced {
			a = edit(a, f)
		}
	}
	if q.write() {
		s.note(q, a, faults)
		s.known = known{}
	}
	return a
}

// serve answers a request and stores an accepted write before it is answered;
// one that cannot be stored did not happen.
func (s *Server) serve(q *request) answer {
	var before World
	if s.file != nil && q.write() {
		before = s.world.clone()
	}
	a := s.dispatch(q)
	if !q.write() || a.status >= 400 {
		return a
	}
	s.world.Writes = append(s.world.Writes, Write{At: s.world.Clock, Request: q.String(), Status: a.status})
	if err := s.store(); err != nil {
		s.world = before
		return s.errorAnswer(fmt.Errorf("storing the state: %w", err))
	}
	return a
}

// note adds a write request and its outcome to the log.
func (s *Server) note(q *request, a answer, faults struck) {
	outcome := strconv.Itoa(a.status)
	if a.lost {
		outcome = "lost before it took effect"
		if faults.afterwards() {
			outcome = "lost after commit"
		}
	}
	s.log = append(s.log, q.String()+" -> "+outcome)
}
