package explore

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// shape is which schedule is played: that of a seed, or less of it.
type shape struct {
	seed    uint64
	without []string // features left out
	rounds  int      // runs before it calms down, at most; 0: as the seed says
	only    int64    // the one request; 0: all
}

// features are what can be left out of a schedule to see whether it fails without.
var features = []string{"faults", "kills", "stops", "person", "second", "late", "journal", "merges", "limits", "choice", "failing", "crowd"}

// schedule is one play of a seed, within a bubble of synctest whose clock is all the
// time there is.
type schedule struct {
	shape
	api     *sandbox.Server
	ids     []int64
	crowd   []cert.Spec // manifests of requests that nothing happens to
	wants   map[int64]cert.Spec
	start   time.Time // the instant that the bubble's own start stands for
	began   time.Time
	journal string // path, "" when the schedule keeps none
	watch   bool   // keep a trace

	mu sync.Mutex
	books
	trace []string
}

// newSchedule makes the fleet and the manifests of a seed. dir is for its journal.
func newSchedule(sh shape, dir string, watch bool) *schedule {
	s := &schedule{shape: sh, wants: map[int64]cert.Spec{}, began: time.Now(), watch: watch, books: newBooks()}
	r := s.dice("fleet")
	s.start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(100*24)) * time.Hour)
	for i := range 1 + r.IntN(3) {
		if id := int64(700 + i); s.only == 0 || s.only == id {
			s.ids = append(s.ids, id)
		}
	}
	late := s.has("late") && often(s.dice("late"), 40)
	world := worldOf(s.dice("world"), s.start, nil, late)
	for _, id := range s.ids {
		c := certificate(s.dice("certificate", id), s.start, id)
		s.wants[id] = s.wish(s.start, id, 0)
		if s.has("failing") {
			fails(s.dice("failing", id), &c)
		}
		world.Certificates = append(world.Certificates, c)
	}
	if r := s.dice("crowd"); s.has("crowd") && often(r, 2) {
		for i := range 30 + r.IntN(40) {
			c := bystander(s.start, int64(800+i))
			world.Certificates = append(world.Certificates, c)
			s.crowd = append(s.crowd, cert.Spec{ID: cert.ID(c.ID), Name: c.Label, At: map[string]cert.Pos{"": {File: c.Label, Line: 1}}})
		}
	}
	if s.has("failing") {
		world.Switches.TimedOutOrder = pick(s.dice("timed out"), "ends", "stays-open")
	}
	s.api = sandbox.New(world)
	s.delay, s.moves = delayOf(world), world.Switches.OrderLastModified != "stays"
	if s.has("journal") && often(s.dice("journal"), 35) {
		s.journal = filepath.Join(dir, fmt.Sprintf("journal-%d", sh.seed))
	}
	s.say("%d requests; journal %t, orders show after %s, last_modified moves %t", len(s.ids), s.journal != "", s.delay, s.moves)
	for _, id := range s.ids {
		s.say("request %d: %s; wanted %s", id, looks{s, id}, wants(s.wants[id]))
	}
	return s
}

func delayOf(w sandbox.World) time.Duration {
	d, _ := world.ParseDuration(w.Switches.OrderShowsAfter)
	return d
}

func (s *schedule) has(feature string) bool { return !slices.Contains(s.without, feature) }

// dice are the chances of one purpose. They depend on nothing but seed and purpose, so
// that leaving something out leaves the rest as it is.
func (s *schedule) dice(purpose ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, purpose...)
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

// now is the one clock: of the runs, and of the simulated API.
func (s *schedule) now() time.Time { return s.start.Add(time.Since(s.began)).UTC() }

// say adds to the trace.
func (s *schedule) say(format string, args ...any) {
	if s.watch {
		at := time.Since(s.began)
		s.trace = append(s.trace, fmt.Sprintf("%3dd %02d:%02d:%06.3f  ", at/day, at%day/time.Hour, at%time.Hour/time.Minute, (at%time.Minute).Seconds())+fmt.Sprintf(format, args...))
	}
}

// play goes through the schedule: hostile rounds, then quiet ones until nothing changes.
func (s *schedule) play() {
	rounds := 1 + s.dice("rounds").IntN(4)
	if s.rounds > 0 {
		rounds = min(rounds, s.rounds)
	}
	for i := range rounds {
		s.round(i)
	}
	s.makeQuiet()
	s.judge()
}

// round is one run of an apply, and what goes on around it.
func (s *schedule) round(i int) {
	r := s.dice("round", i)
	gap := pick(r, 0, time.Second, time.Minute, 10*time.Minute, time.Hour, 5*time.Hour, 20*time.Hour, 21*time.Hour, 3*day)
	time.Sleep(gap + time.Duration(r.IntN(1e9)))
	if s.has("merges") && i > 0 && often(r, 20) {
		s.merge(pick(r, s.ids...), i)
	}
	var all sync.WaitGroup
	if s.has("person") {
		s.person(i, &all)
	}
	if second := s.dice("second", i); s.has("second") && often(s.dice("two"), 15) && often(second, 60) {
		s.counts["second applies"]++
		other := s.newRun(fmt.Sprintf("%d'", i), "")
		all.Go(func() {
			time.Sleep(time.Duration(second.Int64N(int64(10 * time.Second))))
			other.apply()
		})
	}
	s.newRun(fmt.Sprint(i), s.journal).apply()
	all.Wait()
}

// merge changes a manifest. What it asks for is asked for anew.
func (s *schedule) merge(id int64, i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wants[id] = s.wish(s.now(), id, i)
	s.epochs[id]++
	s.counts["merged"]++
	s.say("merged for %d: %s", id, wants(s.wants[id]))
}

// wish is a manifest for request id. It may ask for what is undocumented.
func (s *schedule) wish(start time.Time, id int64, i int) cert.Spec {
	w := wish(s.dice("wish", id, i), start, id)
	if r := s.dice("tries", id, i); s.has("failing") && often(r, 40) {
		w.Policy.AllowUndocumented = pick(r, []cert.Edit{cert.EditDomains}, []cert.Edit{cert.EditRenew}, []cert.Edit{cert.EditDomains, cert.EditRenew, cert.EditRetrigger})
	}
	return w
}

// quiet is how many quiet runs a fleet may take to come to rest.
const quiet = 60

// makeQuiet runs without faults, kills or anybody else until nothing changes.
func (s *schedule) makeQuiet() {
	s.say("all is quiet from here on")
	for id, w := range s.wants { // what fails again and again would be tried again and again
		w.Policy.AllowUndocumented = nil
		s.wants[id] = w
	}
	time.Sleep(5 * time.Minute)
	for i := range quiet {
		run := s.quietRun(fmt.Sprint("q", i), i > 1)
		if i > 0 {
			run.options.Settle = s.overdue()
		}
		run.apply()
		switch {
		case run.err != nil:
			s.violated("a quiet run could not be planned: %v", run.err)
			return
		case run.atRest() && !s.underWay():
			s.rest = run
			return
		case run.atRest():
			time.Sleep(3 * day)
		default:
			time.Sleep(21 * time.Hour)
		}
	}
	s.violated("after %d quiet runs there is still something to do", quiet)
}

// underWay reports whether an order is, so that time alone will change something.
func (s *schedule) underWay() bool {
	return slices.ContainsFunc(s.ids, func(id int64) bool { return s.truth(id).Workflow != nil })
}

// truth is a request as the simulated API keeps it.
func (s *schedule) truth(id int64) sandbox.Certificate {
	c, ok := s.api.Certificate(id)
	if !ok {
		panic("explore: no such request")
	}
	return c
}
