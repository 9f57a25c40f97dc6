package run

import (
	"context"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/wait"
)

// MayApply reports whether there is something to send, and the approval allows it: with
// AllApproved only when all of what was approved is still what is planned. When not,
// nothing was started.
func (r *Run) MayApply() bool {
	if !r.Options.Apply || !r.Report.Plan.HasOps() {
		return false
	}
	if !r.Options.AllApproved || r.Report.Plan.Holds(r.Options.Approval) {
		return true
	}
	r.Refused = true
	for _, step := range r.Report.Plan.Steps {
		for i := range step.Ops {
			out := report.Outcome{Step: step, Op: i, Err: "the approved plan does not hold any more, and --plan-strict applies all of it or nothing"}
			if step.Consent == plan.Refused {
				out.Result = report.NotApproved
			}
			r.Report.Outcomes = append(r.Report.Outcomes, out)
		}
	}
	return false
}

// Apply carries the plan out. Nothing new is begun when ctx ends; what is in flight ends
// with inFlight alone.
func (r *Run) Apply(ctx, inFlight context.Context) {
	o := apply.Options{
		Plan: r.rules, Now: r.Target.Now, Wait: r.Target.Pause, InFlight: inFlight,
		Each: func(o report.Outcome) {
			r.Report.Outcomes = append(r.Report.Outcomes, o)
			call(r.Events.Ended, o)
		},
		Settled: r.replace,
		Began:   r.Target.Client.FirstAnswer(), Self: r.Target.Self,
	}
	if r.Journal.Writer != nil {
		o.Journal = r.Journal.Writer
	} else {
		o.Spread = r.Options.Spread // runs that share a journal are never at work together
	}
	apply.Run(ctx, r.Target.Client, r.Report.Plan, o)
	r.Report.Plan = r.Report.Plan.After(r.renewalResults())
	r.countLeft()
}

// renewalResults are what became of the renewals of the plan.
func (r *Run) renewalResults() map[cert.ID]plan.RenewalResult {
	all := map[cert.ID]plan.RenewalResult{}
	for _, o := range r.Report.All() {
		if o.Operation().Kind == plan.Renew {
			all[o.Step.Want.ID] = renewalResultOf(o)
		}
	}
	return all
}

func renewalResultOf(o report.Outcome) plan.RenewalResult {
	switch {
	case o.Result == report.Done, o.Result == report.NotConfirmed:
		return plan.RenewalPlaced
	case o.Unclear():
		return plan.RenewalUnclear
	case o.OnlyThisRequest:
		return plan.RenewalRefused
	default:
		return plan.RenewalNotSent
	}
}

// replace puts a later reading's outcome in the place of the one before.
func (r *Run) replace(o report.Outcome) {
	r.Report.Outcomes = slices.Clone(r.Report.Outcomes) // a signal may be writing those of before
	other := false
	for i, known := range r.Report.Outcomes {
		if known.Step.Want.ID == o.Step.Want.ID && known.Op == o.Op {
			r.Report.Outcomes[i] = o
			other = other || known.Result != o.Result
		}
	}
	if r.Events.Settled != nil {
		r.Events.Settled(o, other)
	}
}

// MayWait reports whether there is something to wait for.
func (r *Run) MayWait() bool {
	return r.Options.Wait > 0 && slices.ContainsFunc(r.Report.Outcomes, report.Outcome.NeedsWait)
}

// Wait looks at what was sent, until each request is in service or needs a person, or
// time is up.
func (r *Run) Wait(ctx context.Context) {
	r.Count()
	r.Spent.Applied = r.Target.Client.Kinds()
	r.Target.Until = r.Target.Now().Add(r.Options.Wait)
	wait.Run(ctx, r.Target.Client, r.Report.Outcomes, wait.Options{
		Edge: r.edgeOf(), For: r.Options.Wait, Now: r.Target.Now, Wait: func(ctx context.Context, d time.Duration) error { return r.Target.Pause(ctx, d) },
		Settled: r.replace,
		Pausing: func(p wait.Pause) { call(r.Events.Waiting, p) },
		Changed: func(w report.Wait) { call(r.Events.Progressed, w) },
		Ended: func(w report.Wait) {
			r.Report.Waits = append(r.Report.Waits, w)
			call(r.Events.Waited, w)
		},
	})
	r.countLeft()
}
