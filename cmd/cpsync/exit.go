package main

import (
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// The exit codes are part of the interface: `cpsync help exit-codes` describes
// them, and scripts rely on them.
const (
	exitOK          = 0
	exitError       = 1
	exitChanges     = 2
	exitIncomplete  = 3
	exitAttention   = 4
	exitRefused     = 5
	exitUnknown     = 6
	exitUsage       = 64
	exitInterrupted = 130
	exitTerminated  = 143
)

// ending is what an exit code is decided from, besides the report.
type ending struct {
	outputFailed bool // a write to stdout failed
	timedOut     bool
	notHolding   bool // --plan-strict, and the plan is another one now
	stopped      int  // the exit code of the signal; 0 when there was none
}

// exitCode decides the exit code from the plan and the outcomes. The order of the
// cases is the order of precedence.
func exitCode(r report.Report, o options, e ending) int {
	begun := began(r)
	broken := r.Failure != nil || len(r.Problems) > 0 || hasFault(r.Plan) || e.outputFailed || e.timedOut
	switch {
	case someUnknown(r):
		return exitUnknown
	case begun && (broken || e.stopped != 0), wentWrong(r):
		return exitIncomplete
	case e.stopped != 0:
		return e.stopped
	case r.Plan.Limits.Exceeded(), len(r.Plan.Kept(plan.Refused)) > 0, e.notHolding:
		return exitRefused
	case broken:
		return exitError
	case o.failOnAttention && len(r.Plan.NeedYou()) > 0:
		return exitAttention
	case o.detailedExit && !r.Apply && r.Plan.Changes(), o.detailedExit && r.Apply && waitsForNextRun(r.Plan):
		return exitChanges
	default:
		return exitOK
	}
}

// began reports whether a write was sent.
func began(r report.Report) bool {
	for _, o := range r.All() {
		if o.Attempts > 0 {
			return true
		}
	}
	return false
}

// someUnknown reports whether nobody can tell if something was started at the
// certificate authority. A PATCH of metadata starts nothing there.
func someUnknown(r report.Report) bool {
	for _, o := range r.All() {
		if o.Result == report.Unknown && (o.Operation().Order() || o.Operation().Body.StartsOrder()) {
			return true
		}
	}
	return false
}

// wentWrong reports whether an operation of an apply did not come to a good end
// for another reason than a stop or a limit, which have codes of their own.
func wentWrong(r report.Report) bool {
	return r.Count(report.Failed)+r.Count(report.Stale)+r.Count(report.DidNotConverge)+r.Count(report.Unknown) > 0
}

func hasFault(p plan.Plan) bool { return len(p.In(plan.Errors)) > 0 }

func waitsForNextRun(p plan.Plan) bool {
	for _, s := range p.Steps {
		for _, b := range s.Blocked {
			if b.Next == plan.NextRun {
				return true
			}
		}
	}
	return false
}
