package cli

import (
	"slices"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// The exit codes are part of the interface: `cpsync help exit-codes` describes
// them, and scripts rely on them.
const (
	OK             = 0
	Failed         = 1
	Changes        = 2
	Incomplete     = 3
	ActionRequired = 4
	Refused        = 5
	Unknown        = 6
	Usage          = 64
	HungUp         = 129
	Interrupt      = 130
	Terminated     = 143
)

// Ending is what an exit code is decided from, besides the report.
type Ending struct {
	OutputFailed bool // a write to stdout failed
	TimedOut     bool
	Refused      bool // --plan-strict, and the plan is another one now
	Stopped      int  // the exit code of the signal; 0 when there was none

	ActionRequired bool // --fail-on-action-required
	Detailed       bool // --detailed-exitcode
	Edge           bool // --fail-on-edge
}

// ExitCode decides the exit code from the plan and the outcomes. The order of the
// cases is the order of precedence.
func ExitCode(r report.Report, e Ending) int {
	begun := r.Began()
	if allDone := r.Count(report.Done)+r.Count(report.NotConfirmed) == len(r.All()); begun && allDone { // what came after it stopped nothing
		e.Stopped, e.TimedOut = 0, false
	}
	broken := r.Failure != nil || len(r.Problems) > 0 || HasFault(r) || e.OutputFailed || e.TimedOut
	switch {
	case slices.ContainsFunc(r.All(), report.Outcome.Unclear):
		return Unknown
	case begun && (broken || e.Stopped != 0), wentWrong(r), !r.Arrived():
		return Incomplete
	case e.Stopped != 0:
		return e.Stopped
	case exceedsLimit(r), len(r.Plan.NotCovered(plan.Refused)) > 0, len(r.Plan.OffClock()) > 0, e.Refused:
		return Refused
	case broken:
		return Failed
	case e.ActionRequired && countNeedingAction(r) > 0, len(r.Expiring()) > 0, e.Edge && r.Edges.Wrong() > 0:
		return ActionRequired
	case e.Detailed && someLeft(r):
		return Changes
	default:
		return OK
	}
}

// someLeft reports whether there is something to apply: of a plan all that it has and what
// the list shows of others, of an apply what it left for the next one.
func someLeft(r report.Report) bool {
	return len(view.ListedOf(r.Plan).Differing) > 0 || slices.ContainsFunc(r.All(), func(o report.Outcome) bool { return o.Result == report.NotStarted })
}

// wentWrong reports whether an operation of an apply did not come to a good end
// for another reason than a stop or a limit, which have codes of their own.
func wentWrong(r report.Report) bool {
	return r.Count(report.Failed)+r.Count(report.Stale)+r.Count(report.NotConverged)+r.Count(report.Unknown) > 0 ||
		r.LateOrders() || slices.ContainsFunc(r.Outcomes, func(o report.Outcome) bool { return o.OtherRun && o.Result != report.Done })
}

// countNeedingAction counts the certificates with which a person has to act, after an apply by
// their latest readings.
func countNeedingAction(r report.Report) int {
	if r.Left != nil {
		return r.Left.ActionRequired + len(r.Base.Abandoned())
	}
	return len(view.NeedAction(r.Plan.Where(r.AnswersFor))) + len(r.Base.Abandoned())
}

// HasFault reports whether a certificate that counts could not be planned.
func HasFault(r report.Report) bool {
	return slices.ContainsFunc(view.In(r.Plan, view.Errors), r.AnswersFor)
}

// exceedsLimit reports whether something that the run answers for counts against a
// limit that is exceeded. What raises the count does.
func exceedsLimit(r report.Report) bool {
	return slices.ContainsFunc(view.Excesses(r.Plan), func(e view.Excess) bool { return slices.ContainsFunc(e.Steps, r.AnswersFor) })
}
