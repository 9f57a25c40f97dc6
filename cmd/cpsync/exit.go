package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
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
	exitHungUp      = 129
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
	if begun && allDone(r) { // what came after it stopped nothing
		e.stopped, e.timedOut = 0, false
	}
	broken := r.Failure != nil || len(r.Problems) > 0 || hasFault(r) || e.outputFailed || e.timedOut
	switch {
	case someUnknown(r):
		return exitUnknown
	case begun && (broken || e.stopped != 0), wentWrong(r), !r.Arrived():
		return exitIncomplete
	case e.stopped != 0:
		return e.stopped
	case exceedsLimit(r), len(r.Plan.Kept(plan.Refused)) > 0, len(r.Plan.OffClock()) > 0, e.notHolding:
		return exitRefused
	case broken:
		return exitError
	case o.failOnAttention && needsSomebody(r), len(r.Ending()) > 0:
		return exitAttention
	case o.detailedExit && someLeft(r):
		return exitChanges
	default:
		return exitOK
	}
}

// began reports whether a write was sent.
func began(r report.Report) bool {
	return slices.ContainsFunc(r.All(), func(o report.Outcome) bool { return o.Attempts > 0 })
}

// allDone reports whether every operation of the plan came to its good end, or was answered
// with success.
func allDone(r report.Report) bool {
	return r.Count(report.Done)+r.Count(report.NotConfirmed) == len(r.All())
}

// someLeft reports whether there is something to apply: of a plan all that it has, of an
// apply what it left for the next one.
func someLeft(r report.Report) bool {
	return slices.ContainsFunc(r.All(), func(o report.Outcome) bool { return o.Result == report.NotStarted })
}

// someUnknown reports whether nobody can tell if something was started at the
// certificate authority.
func someUnknown(r report.Report) bool {
	return slices.ContainsFunc(r.All(), report.Outcome.Unclear)
}

// wentWrong reports whether an operation of an apply did not come to a good end
// for another reason than a stop or a limit, which have codes of their own.
func wentWrong(r report.Report) bool {
	return r.Count(report.Failed)+r.Count(report.Stale)+r.Count(report.DidNotConverge)+r.Count(report.Unknown) > 0 ||
		r.LateOrders() || slices.ContainsFunc(r.Outcomes, func(o report.Outcome) bool { return o.Rival && o.Result != report.Done })
}

// needsSomebody reports whether a person has to act, as planned or as the waiting showed.
func needsSomebody(r report.Report) bool {
	return len(r.Plan.NeedYou())+len(r.Waited(report.NeedsYou))+len(r.Base.Abandoned()) > 0
}

// answersFor reports whether a certificate counts for the exit code. A plan with --base
// answers for the change under review: what was wrong before it is shown, and is no
// reason to refuse it. An apply answers for all that it was to do.
func answersFor(r report.Report, s plan.Step) bool {
	return r.Apply || r.Base == nil || r.Base.Touches(s)
}

func hasFault(r report.Report) bool {
	return slices.ContainsFunc(r.Plan.In(plan.Errors), func(s plan.Step) bool { return answersFor(r, s) })
}

// exceedsLimit reports whether something that the run answers for counts against a
// limit that is exceeded. What raises the count does.
func exceedsLimit(r report.Report) bool {
	counts := func(s plan.Step) bool { return answersFor(r, s) }
	return slices.ContainsFunc(r.Plan.Excesses(), func(e plan.Excess) bool { return slices.ContainsFunc(e.Steps, counts) })
}

// because says in a line what a run found that was asked to fail for it; "" when it was not
// asked, or found nothing.
func because(r report.Report, o options, code int) string {
	if !o.failOnAttention && !o.detailedExit || code != exitAttention && code != exitChanges {
		return ""
	}
	pending, drift := 0, 0
	for _, s := range r.Plan.Steps {
		outside := func(w plan.Warning) bool { return w.Code == cert.ChangedOutside && !w.Aside }
		switch {
		case len(s.Ops) == 0:
		case slices.ContainsFunc(s.Warnings, outside):
			drift++
		default:
			pending++
		}
	}
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{len(r.Plan.NeedYou()) + len(r.Waited(report.NeedsYou)) + len(r.Base.Abandoned()), "action required"},
		{len(r.Ending()), "expiring"}, {pending, "pending changes"}, {drift, "drift (modified outside Git)"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", c.what, c.n))
		}
	}
	return fmt.Sprintf("exit code %d; certificates: %s", code, strings.Join(parts, ", "))
}
