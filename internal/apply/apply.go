// Package apply applies a plan, one write at a time, and returns the outcome of each
// operation. It decides nothing and prints nothing.
package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Client is the part of the API that an apply needs. The writes return how often they were sent. Their
// errors match cert.ErrNotSent, cert.ErrRefused or cert.ErrNoAnswer; any other error counts as lost.
type Client interface {
	Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error)
	Patch(ctx context.Context, id cert.ID, p cert.Patch) (attempts int, err error)
	Renew(ctx context.Context, id cert.ID) (attempts int, err error)
	Retrigger(ctx context.Context, id cert.ID) (attempts int, err error)
	// RetryDelay returns how long to wait after an order failed with cert.ErrRetryLater. Its
	// error says why the order must not be sent again.
	RetryDelay(ctx context.Context, failed error) (time.Duration, error)
	// SentAgain notes that an order is sent again, after that wait.
	SentAgain(after time.Duration)
}

// Journal is the journal of writes.
type Journal interface {
	// Before notes that an operation is about to be sent to a request that looks like have. It returns the
	// name of the write for After, "" if it keeps none. With an error nothing may be sent.
	Before(op plan.Operation, id cert.ID, have cert.Live) (write string, err error)
	// After notes the outcome of a write in a word of the report. have is the reading that
	// showed its effect, or zero.
	After(write, outcome string, have cert.Live)
	// Refused notes that the API refused a write, and its answer. It takes the place of After.
	Refused(write, answer string)
	// Seen notes that a reading shows the effect of a write.
	Seen(write string)
}

// Options are the inputs of Run beside the plan.
type Options struct {
	Plan plan.Options
	Now  func() time.Time // for times of outcomes; decisions use the plan's own time
	// Wait pauses. An error ends the waiting, not the run: the process was told to stop.
	Wait func(context.Context, time.Duration) error
	// InFlight ends a write in flight. A stop alone must not end it, because the outcome of
	// an order that is cut off is unknown.
	InFlight context.Context
	Journal  Journal
	// Each gets every outcome as soon as it is known.
	Each func(report.Outcome)
	// Settled gets an outcome that replaces an earlier one after a later reading; may be nil.
	Settled func(report.Outcome)

	// Began is the server's time of this run's first answer. Self is the name of this client
	// in modified_by, or "" while unknown. Both serve to detect another run.
	Began time.Time
	Self  string
	// Spread returns a random wait before the next order, so that two runs do not send their
	// orders at the same moment; nil: no other run can be at work.
	Spread func() time.Duration
}

// Run applies p and returns an outcome for every operation. It writes one certificate after another, the
// one that expires first at first, and the operations of one in the order of its step. After ctx ends it
// begins nothing, and outcomes name the cause. At the end it reads orders again that were answered with
// success and not visible yet. A panic passes through after every operation has an outcome.
func Run(ctx context.Context, c Client, p plan.Plan, o Options) []report.Outcome {
	r := &runner{client: c, plan: p, o: o, stop: ctx}
	r.skip(plan.Refused, report.NotApproved, "something else was approved")
	r.skip(plan.NotYet, report.NotStarted, "a policy asks for it only since the approval; deferred until the next one")
	r.skip(plan.Awaited, report.NotStarted, "not approved; deferred until an approval")
	begin := len(r.outcomes)
	defer func() { // of what a panic kept from beginning
		left := len(r.outcomes) - begin
		for _, s := range p.ToApply() {
			for i := range s.Ops {
				if left--; left < 0 {
					r.add(report.Outcome{Step: s, Op: i, Err: "an internal error stopped the run"})
				}
			}
		}
	}()
	for _, s := range p.ToApply() {
		r.certificate(o.InFlight, s)
	}
	r.confirm(o.InFlight)
	return r.outcomes
}

// skip adds the outcomes of operations that the approval does not cover.
func (r *runner) skip(why plan.Consent, result report.Result, text string) {
	for _, s := range r.plan.NotCovered(why) {
		for i := range s.Ops {
			r.add(report.Outcome{Step: s, Op: i, Result: result, Err: text})
		}
	}
}

type runner struct {
	client      Client
	stop        context.Context // when it ends, nothing new begins
	plan        plan.Plan
	o           Options
	outcomes    []report.Outcome
	brake       brake
	unconfirmed []unconfirmed
}

// certificate applies one step. Every operation gets an outcome.
func (r *runner) certificate(ctx context.Context, s plan.Step) {
	t := &task{runner: r, step: s, last: s.Have}
	for i := range s.Ops {
		out := report.Outcome{Step: s, Op: i}
		if out.Err = t.whyNot(i); out.Err == "" {
			out = t.operation(ctx, i)
		} else {
			out.OtherRun = out.Err == t.brake.rival
		}
		t.handled(out)
		r.brake.note(out)
		if out.Result == report.NotConfirmed {
			r.unconfirmed = append(r.unconfirmed, unconfirmed{at: len(r.outcomes), write: t.entry})
		}
		r.add(out)
	}
}

func (r *runner) add(out report.Outcome) {
	r.outcomes = append(r.outcomes, out)
	r.o.Each(out)
}

func (r *runner) why() string {
	if cause := context.Cause(r.stop); !errors.Is(cause, context.Canceled) {
		return "the run stopped: " + cause.Error()
	}
	return "the run was told to stop"
}

func (r *runner) stopped() bool { return r.stop.Err() != nil }

// afterAll is when orders that were answered with success and not visible are read again,
// all together, counted from the last write.
var afterAll = []time.Duration{10 * time.Second, 30 * time.Second, 120 * time.Second}

// unconfirmed is an order that was answered with success, and that no reading showed so far.
type unconfirmed struct {
	at    int    // of its outcome
	write string // its name in the journal
}

// confirm reads unconfirmed orders until each is visible. After a stop it reads once more and ends.
func (r *runner) confirm(ctx context.Context) {
	var passed time.Duration
	for _, at := range afterAll {
		if len(r.unconfirmed) == 0 {
			return
		}
		last := r.o.Wait(ctx, at-passed) != nil
		passed = at
		r.unconfirmed = slices.DeleteFunc(r.unconfirmed, func(u unconfirmed) bool { return r.shows(ctx, u) })
		if last {
			return
		}
	}
}

func (r *runner) shows(ctx context.Context, u unconfirmed) bool {
	out := r.outcomes[u.at]
	have, err := r.client.Certificate(ctx, out.Step.Want.ID, true)
	if err != nil {
		return false
	}
	out.Reads, out.Last, out.Until = out.Reads+1, have, r.o.Now()
	shown := plan.TookEffect(out.Operation(), out.Before, have)
	if shown {
		out = out.ShownAt(out.Until)
		r.o.Journal.Seen(u.write)
	} else {
		out.Err = notSeenYet
	}
	r.outcomes[u.at] = out
	if r.o.Settled != nil {
		r.o.Settled(out)
	}
	return shown
}
