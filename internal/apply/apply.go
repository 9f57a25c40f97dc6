// Package apply carries a plan out, one write at a time, and reports what became
// of each operation. It decides nothing and prints nothing.
package apply

import (
	"context"
	"errors"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Client is the part of the API a plan needs. The writes return how often they
// were sent; their errors match cert.ErrNotSent, cert.ErrRefused or cert.ErrLost,
// and every other error is taken as lost.
type Client interface {
	Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error)
	Patch(ctx context.Context, id cert.ID, p cert.Patch) (attempts int, err error)
	Renew(ctx context.Context, id cert.ID) (attempts int, err error)
	Retrigger(ctx context.Context, id cert.ID) (attempts int, err error)
	// RetryDelay says how long to wait after an order failed with cert.ErrRetryLater, and
	// why it must not be sent again.
	RetryDelay(ctx context.Context, failed error) (time.Duration, error)
}

// Journal is the trail of writes.
type Journal interface {
	// Before notes that an operation is about to be sent to a request that looks like
	// have, and returns the name that After takes. With an error nothing is sent.
	Before(op plan.Operation, id cert.ID, have cert.Live) (write string, err error)
	// After notes what became of it, in a word of the report.
	// have is the reading that showed that it took effect; zero where none did.
	After(write, outcome string, have cert.Live)
	// Refused is After of a write that the API refused, with its answer.
	Refused(write, answer string)
	// Seen notes that a reading shows the effect of it.
	Seen(write string)
}

// noJournal notes nothing.
type noJournal struct{}

func (noJournal) Before(plan.Operation, cert.ID, cert.Live) (string, error) { return "", nil }

func (noJournal) After(string, string, cert.Live) {}

func (noJournal) Refused(string, string) {}

func (noJournal) Seen(string) {}

// Options are what a run takes from outside.
type Options struct {
	Plan plan.Options
	Now  func() time.Time // when things happened; decisions use the plan's own now
	// Wait pauses. An error ends the waiting, not the run: the process was told to stop.
	Wait func(context.Context, time.Duration) error
	// InFlight ends what is under way, which a stop alone must not: a write that is cut off
	// is a certain order turned into an unknown one. nil: nothing ends it.
	InFlight context.Context
	Journal  Journal // nil: none is kept
	// Each is told of every outcome as it is known.
	Each func(report.Outcome)
	// Settled is told of an outcome that a later reading puts in the place of one before;
	// nil: nobody asks.
	Settled func(report.Outcome)

	// Began is the server's time of this run's first answer, and Self the name of its
	// client in modified_by, "" while it is not known. Together they tell another run.
	Began time.Time
	Self  string
	// Spread is how long to wait before the next order, so that two runs don't walk in
	// lock step; nil: no other run can be at work.
	Spread func() time.Duration
}

// Run carries p out and returns an outcome for every operation of the plan. Writes
// go one after another, the soonest end first; within a certificate in the order
// of its step. Once ctx ends nothing new is begun, and the outcomes name its cause. What
// was answered and does not show is read again at the end. A panic passes through once
// every operation has an outcome.
func Run(ctx context.Context, c Client, p plan.Plan, o Options) []report.Outcome {
	if o.Journal == nil {
		o.Journal = noJournal{}
	}
	if o.InFlight == nil {
		o.InFlight = context.WithoutCancel(ctx)
	}
	r := &runner{client: c, plan: p, o: o, self: o.Self, stop: ctx}
	r.skip(plan.Refused, report.NotApproved, "something else was approved")
	r.skip(plan.NotYet, report.NotStarted, "a policy asks for it only since the approval; deferred until the next one")
	r.skip(plan.Awaited, report.NotStarted, "not approved; deferred until an approval")
	r.begin = len(r.outcomes)
	defer r.addMissing()
	for _, s := range p.ToApply() {
		r.certificate(o.InFlight, s)
	}
	r.confirm(o.InFlight)
	return r.outcomes
}

// skip gives what the approval does not cover its outcome.
func (r *runner) skip(why plan.Consent, result report.Result, text string) {
	for _, s := range r.plan.Kept(why) {
		for i := range s.Ops {
			r.add(report.Outcome{Step: s, Op: i, Result: result, Err: text})
		}
	}
}

// addMissing gives what a panic left without an outcome one: it was not begun.
func (r *runner) addMissing() {
	left := len(r.outcomes) - r.begin
	for _, s := range r.plan.ToApply() {
		for i := range s.Ops {
			if left--; left < 0 {
				r.add(report.Outcome{Step: s, Op: i, Err: "an internal error stopped the run"})
			}
		}
	}
}

// runner is what one apply knows so far.
type runner struct {
	client      Client
	stop        context.Context // when it ends nothing new is begun
	plan        plan.Plan
	o           Options
	outcomes    []report.Outcome
	begin       int // how many of them are not about what is carried out
	brake       brake
	unconfirmed []unconfirmed
	self        string // the name of this client in modified_by; "" while it is not known
}

// certificate carries out one step. Every operation gets an outcome.
func (r *runner) certificate(ctx context.Context, s plan.Step) {
	t := &task{runner: r, step: s, last: s.Have}
	for i := range s.Ops {
		out := report.Outcome{Step: s, Op: i}
		if out.Err = t.whyNot(i); out.Err == "" {
			out = t.operation(ctx, i)
		} else {
			out.OtherRun = out.Err == otherRunAtWork
		}
		t.handled(out)
		r.brake.note(out)
		if out.Result == report.NotConfirmed {
			r.unconfirmed = append(r.unconfirmed, unconfirmed{at: len(r.outcomes), write: t.write})
		}
		r.add(out)
	}
}

// add keeps an outcome and tells of it.
func (r *runner) add(out report.Outcome) {
	r.outcomes = append(r.outcomes, out)
	r.o.Each(out)
}

// why says why nothing more is begun.
func (r *runner) why() string {
	if cause := context.Cause(r.stop); !errors.Is(cause, context.Canceled) {
		return "the run stopped: " + cause.Error()
	}
	return "the run was told to stop"
}

func (r *runner) stopped() bool { return r.stop.Err() != nil }
