package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// advice is what to do next.
func advice(r report.Report) string {
	look := lookAt(r.Outcomes)
	switch {
	case len(look) == 1:
		return "Look at request " + look[0] + " in the portal before running again."
	case len(look) > 1:
		return "Look at requests " + strings.Join(look, ", ") + " in the portal before running again."
	case len(r.KeptBy(report.KeptByNothing)) > 0:
		return `Wait until the API shows what is "not visible yet" before running again.`
	case r.Plan.Limits.Exceeded():
		return "Refused in part: see above."
	case r.Count(report.NotApproved) > 0:
		return "Have a new plan approved; running again with this one sends nothing more."
	case r.Count(report.Done)+r.Count(report.NotConfirmed) < len(r.Outcomes), r.Failure != nil:
		return "Running again is safe: it plans anew and sends what is still to do."
	case len(r.Waited(report.InService)) < len(r.Waits):
		return notArrived(r)
	case len(r.Outcomes) == 0:
		return strings.TrimSpace(nothing(r.Plan.Summary()))
	case len(r.Plan.OffClock()) > 0:
		return fmt.Sprintf("Set the clock that is off right, and run again: %s by one of the two clocks only.",
			plural(len(r.Plan.OffClock()), "order is due", "orders are due"))
	case r.Plan.Summary().Errors > 0:
		return fmt.Sprintf("%d done; %s.", len(r.Outcomes), left(r.Plan.Summary()))
	default:
		return allDone(r.Plan)
	}
}

// notArrived is what to do about what was sent, and is not in service when the waiting ends.
func notArrived(r report.Report) string {
	line := "All sent;" + strings.TrimPrefix(followed(r), ";") + "."
	if len(r.Waited(report.OutOfTime))+len(r.Waited(report.Interrupted)) > 0 {
		line += " What is on its way goes on without cpsync: look again with  cpsync explain ID."
	}
	return line
}

// allDone is said only where every operation is.
func allDone(p plan.Plan) string {
	rest := left(p.Summary())
	if rest == "" && p.Waits() {
		rest = "what is marked \"not yet\" waits for a later run"
	}
	if rest != "" {
		return "All done; " + rest + "."
	}
	return "All done."
}

// lookAt are the requests for which it is unknown whether something was started.
func lookAt(all []report.Outcome) []string {
	var ids []string
	for _, o := range all {
		if o.Unclear() && o.Result != report.NotConfirmed {
			ids = append(ids, o.Step.Want.ID.String())
		}
	}
	return ids
}
