package explore

import (
	"context"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// run is one process of cpsync --apply: read, plan, apply.
type run struct {
	*schedule
	name    string
	journal string // path; "" keeps none
	settled bool   // nothing goes wrong with it, nor is anything of the hostile rounds on its way
	hazards
	wants   []cert.Spec // as merged when it began
	chosen  []cert.Spec
	options stages.Options
	now0    time.Time // the instant of its decisions

	dead atomic.Bool
	ctx  context.Context // ends when the process is told to stop
	stop context.CancelFunc

	// What follows is under the lock of the schedule.
	plan     plan.Plan
	applying bool
	readings map[int64]reading   // the last one of each request, of the plan or since the last write
	autoRead map[int64]bool      // auto_renew as read for the plan
	words    map[int64]string    // order status as read last
	atPlan   map[int64]string    // and as read for the plan
	rival    string              // what another run wrote meanwhile, as this one read
	latest   map[int64]reading   // the last one of each request that arrived whole
	modified map[int64]time.Time // last_modified before the first write of this run
	times    map[string]int      // requests by what they ask
	flying   int                 // requests in flight
	second   time.Time           // of the last request, cut to seconds
	answered int                 // requests in it
	last     *attempt
	sent     map[int64]int // how many operations of a request went out
	outcomes []report.Outcome
	braked   string // why no further order may go out
	failures int
	err      error // what ended it before it could plan
}

// hazards are what befalls one process.
type hazards struct {
	reads, writes int // faults, in a hundred
	rate          int // requests a second that the API answers; 0: all
	kill          string
	killAt        int // counts moments of that kind
	stopAfter     time.Duration
	torn          bool // the crash also cuts a line of the journal
	concurrency   int
	passed        map[string]*atomic.Int32
}

// moments are where a process can be killed.
var moments = []string{"a request", "a write before it is sent", "a write before its answer", "a wait"}

func (s *schedule) newRun(name, journal string) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.dice("run", name)
	u := &run{
		schedule: s, name: name, journal: journal,
		readings: map[int64]reading{}, autoRead: map[int64]bool{}, latest: map[int64]reading{}, words: map[int64]string{}, atPlan: map[int64]string{}, modified: map[int64]time.Time{}, times: map[string]int{}, sent: map[int64]int{},
		hazards: hazards{concurrency: 1 + r.IntN(8), passed: map[string]*atomic.Int32{}},
		options: stages.Options{Apply: true, Rules: plan.Options{OrderCooldown: pause, MaxEdits: 50, MaxDomainChanges: 50, MaxRenewals: 40}},
	}
	u.ctx, u.stop = context.WithCancel(context.Background())
	for _, m := range moments {
		u.passed[m] = &atomic.Int32{}
	}
	for _, id := range s.ids {
		u.wants = append(u.wants, s.wants[id])
	}
	u.wants = append(u.wants, s.crowd...)
	u.chosen = u.wants
	if len(s.crowd) > 0 && often(r, 50) {
		u.rate = pick(r, 1, 3, 5)
	}
	if s.has("faults") {
		u.reads, u.writes = pick(r, 0, 0, 3, 15), pick(r, 0, 30, 60)
	}
	if s.has("kills") && often(r, 30) {
		u.kill, u.torn = pick(r, moments...), often(r, 25)
		u.killAt = 1 + r.IntN(map[string]int{"a request": 30, "a wait": 6}[u.kill]+2)
	}
	if s.has("stops") && often(r, 10) {
		u.stopAfter = time.Duration(1 + r.Int64N(int64(pick(r, 5*time.Second, 3*time.Minute))))
	}
	if s.has("limits") {
		u.options.Rules.MaxEdits, u.options.Rules.MaxRenewals = pick(r, 0, 1, 50, 50), pick(r, 0, 1, 40, 40)
	}
	if n := r.IntN(len(s.ids)); s.has("choice") && often(r, 15) {
		u.chosen = slices.Concat(u.wants[n:], u.wants[:n/2])
	}
	return u
}

// pause is the order cooldown of every run.
const pause = 20 * time.Hour

// quietRun is one that nothing befalls.
func (s *schedule) quietRun(name string, settled bool) *run {
	u := s.newRun(name, s.journal)
	u.settled, u.chosen = settled, u.wants
	u.hazards = hazards{concurrency: 8, passed: u.passed}
	u.options.Rules.MaxEdits, u.options.Rules.MaxRenewals = 50, 40
	return u
}

// apply is the process. Nothing of it goes on once it is killed: whatever it would still
// do outside itself panics again.
func (u *run) apply() {
	u.tell("run %s begins, %d manifests", u.name, len(u.chosen))
	if u.stopAfter > 0 {
		t := time.AfterFunc(u.stopAfter, u.stop)
		defer t.Stop()
	}
	defer func() {
		p := recover()
		switch {
		case u.dead.Load():
			u.tear()
			u.tell("run %s was killed at %s", u.name, u.kill)
			u.count("killed")
		case p != nil:
			u.mu.Lock()
			defer u.mu.Unlock()
			u.violated("run %s: panic: %v\n%s", u.name, p, debug.Stack())
		}
	}()
	err := u.process()
	if err != nil {
		u.tell("run %s ends before its plan: %v", u.name, err)
		u.count("unplanned")
	}
	u.err = err
}

// tell adds to the trace.
func (u *run) tell(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say(format, args...)
}

// process is what cmd/cpsync runs, without files to read and reports to write.
func (u *run) process() (err error) {
	defer u.stop()
	t := &stages.Target{API: "sandbox", Self: cert.ClientName(sandbox.ClientID), Now: u.now, Instant: u.now(), Pause: u.wait}
	u.now0 = t.Instant
	if t.Client, err = cps.New(cps.Config{
		APIURL: "http://127.0.0.1/sec/cps", TokenURL: "http://127.0.0.1/connect/token", Scope: "sec.cps.certificates",
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, Transport: u, AllowWrites: true, Concurrency: u.concurrency,
		Now: u.now, Wait: u.wait, Jitter: func() float64 { return 0.5 },
	}); err != nil {
		return err
	}
	u.options.Spread = u.spread()
	r := &stages.Run{Options: u.options, Target: t, Events: stages.Events{
		Ended: u.ended, Settled: func(o report.Outcome, _ bool) { u.shown(o) },
	}}
	if r.Journal, err = stages.OpenJournal(u.ctx, u.journal, true, t); err != nil {
		return err
	}
	r.Journal.Writer = mortal{r.Journal.Writer, u}
	defer func() { _ = r.Journal.Close() }()
	if err := r.Plan(u.ctx, stages.Manifests{Selection: account.Selection{All: u.wants, Chosen: u.chosen}}); err != nil {
		return err
	}
	u.planned(r.Report.Plan)
	if r.MayApply() {
		r.Apply(u.ctx, context.Background())
	}
	return nil
}

// spread is how long to wait before an order, of a process without a journal.
func (u *run) spread() func() time.Duration {
	if u.journal != "" {
		return nil
	}
	r := u.dice("spread", u.name)
	return func() time.Duration { return time.Duration(r.Int64N(int64(2 * time.Second))) }
}

// wait is every pause of the process.
func (u *run) wait(ctx context.Context, d time.Duration) error {
	u.moment("a wait")
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-u.ctx.Done():
		return context.Cause(u.ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	u.alive()
	return nil
}

// atRest reports whether the run had nothing to do, and nothing waits for a later one.
func (u *run) atRest() bool {
	passes := func(b plan.Withheld) bool {
		return b.Next == plan.NextRun || b.Rule == plan.RuleJournal || b.Rule == plan.RuleOrderOpen
	}
	for _, s := range u.plan.Steps {
		if len(s.Ops) > 0 || slices.ContainsFunc(s.Withheld, passes) {
			return false
		}
	}
	return true
}
