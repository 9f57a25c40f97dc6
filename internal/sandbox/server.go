package sandbox

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// A Server is a simulated CPS API with its token service. It is safe for
// concurrent use: requests are served one after the other.
type Server struct {
	mu       sync.Mutex
	world    World
	grants   map[string]grant // by access token
	faults   []Fault          // added while running, never stored
	log      []string
	requests []string
	speed    float64 // of the clock, at least 1
	file     *stateFile
	known    known
}

// known is what was found out about the world. It holds until the world changes, by a
// request or by itself.
type known struct {
	quiet time.Time      // nothing happens by itself before
	asked string         // the search and the order of the last list
	found []*Certificate // what it holds
}

// New returns a server that starts with w and stores nothing. It panics when a
// switch or a fault of w is none.
func New(w World) *Server {
	for _, sw := range SwitchTable {
		if err := sw.check(*sw.at(&w.Switches)); err != nil {
			panic("sandbox: " + err.Error())
		}
	}
	for _, f := range w.Faults {
		if err := f.check(); err != nil {
			panic("sandbox: " + err.Error())
		}
	}
	w.complete()
	return &Server{world: w.clone(), grants: map[string]grant{}, speed: 1}
}

// AddFault lets something go wrong from now on. It panics when f is no fault;
// ParseFault and Parse return checked ones.
func (s *Server) AddFault(f Fault) {
	if err := f.check(); err != nil {
		panic("sandbox: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// World returns a copy of the whole state.
func (s *Server) World() World {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.clone()
}

// Certificate returns one certificate as it is, whatever of it shows; ok is false when
// there is none. It is for looking at: what it points to belongs to the server.
func (s *Server) Certificate(id int64) (c Certificate, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.world.find(id)
	if found == nil {
		return c, false
	}
	c = *found
	if c.Workflow != nil {
		under := *c.Workflow
		c.Workflow = &under
	}
	return c, true
}

// Orders returns how many orders were started at the CA for a certificate since
// the world began.
func (s *Server) Orders(id int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Orders[id]
}

// Log returns every write request in the order received, as in
// `PATCH 11604 {"auto_renew":false} -> 200`.
func (s *Server) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Requests returns every request received, the ones for tokens included, as in
// "GET /v2.0/certificates?page=1". Bodies and headers are not part of it.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// dropExpired forgets access tokens that are no longer accepted.
func (s *Server) dropExpired(now time.Time) {
	maps.DeleteFunc(s.grants, func(_ string, g grant) bool { return !now.Before(g.expires) })
}
