// Package sandbox simulates the Edgecast CPS REST API v2.0: a strict server
// whose state is one readable JSON file and whose clock is moved by its caller.
// What is simulated is package world; here are requests, answers, faults and the file.
//
// It is written from the project's fact sheet of that API alone ("cps-api,
// section N" in the comments) and shares no type, no constant and no rule with
// the client or with the planner. It opens no network connection, and reads
// no clock: only the fault "slow", behind a socket, waits in real time, and a
// silent connection ends.
//
// A request passes through these files:
//
//	ServeHTTP / RoundTrip   transport.go   reads the request, bounded
//	   handle               transport.go   log, faults, storing
//	      token             token.go       OAuth 2.0
//	      dispatch          routes.go      path, bearer, scope, query, body
//	         a handler      list.go, certificate.go, edit.go, dcv.go
//	            world       world/         rules, orders, time
//	   file                 file.go        replaced before the answer is given
//
// A TLS handshake with the edge is answered in edge.go.
package sandbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// The fixed credentials of a sandbox, for states that name none.
const (
	ClientID     = "sandbox-client"
	ClientSecret = "sandbox-secret"
)

// Paths under which one handler serves both services (cps-api, sections 1 and 3).
const (
	Prefix    = "/sec/cps/v2.0"
	TokenPath = "/connect/token"
)

// The parts of a state, for callers that build or inspect one.
type (
	World           = world.World
	Certificate     = world.Certificate
	Domain          = world.Domain
	Status          = world.Status
	OrderValidation = world.OrderValidation
	Organization    = world.Organization
	Credentials     = world.Credentials
	Switches        = world.Switches
	Wait            = world.Wait
	Fault           = world.Fault
)

// SwitchTable lists every switch, for help.
var SwitchTable = world.SwitchTable

// A Server is a simulated CPS API with its token service. It is safe for
// concurrent use: requests are served one after the other.
type Server struct {
	mu       sync.Mutex
	world    world.World
	grants   map[string]grant // by access token
	faults   []world.Fault    // added while running, never stored
	log      []string
	requests []string
	speed    float64 // of the clock, at least 1
	file     *stateFile
	idle     time.Time // nothing happens by itself before; zero when unknown
	listed   listed
}

// New returns a server that starts with a copy of w and stores nothing. It panics when w
// has an unknown switch or fault.
func New(w world.World) *Server {
	for _, sw := range world.SwitchTable {
		must(sw.Check(w.Switches))
	}
	for _, f := range w.Faults {
		must(checkFault(f))
	}
	w = w.Clone()
	w.Fill()
	return &Server{world: w, grants: map[string]grant{}, speed: 1}
}

func must(err error) {
	if err != nil {
		panic("sandbox: " + err.Error())
	}
}

// AddFault injects a fault from now on. It panics when f is no fault; ParseFault and
// Parse return checked ones.
func (s *Server) AddFault(f world.Fault) {
	must(checkFault(f))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// World returns a copy of the whole state.
func (s *Server) World() world.World {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Clone()
}

// Certificate returns one certificate, visible in answers or not, to be read: what it points
// to belongs to the server. Ok is false when there is none.
func (s *Server) Certificate(id int64) (c world.Certificate, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.world.Find(id)
	if found == nil {
		return c, false
	}
	c = *found
	if c.Workflow != nil {
		order := *c.Workflow
		c.Workflow = &order
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

// moveTo sets the clock, and lets the world do what is due. It asks the world only if something can be.
func (s *Server) moveTo(target time.Time) {
	if target.Before(s.idle) && !target.Before(s.world.Clock) {
		s.world.Clock = target
		return
	}
	s.changed()
	s.idle = s.world.MoveTo(target)
}

// changed forgets what was found out about the world.
func (s *Server) changed() { s.idle, s.listed = time.Time{}, listed{} }
