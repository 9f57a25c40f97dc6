package run

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// countLeft counts the certificates after the apply: those that it wrote to by their latest
// readings, the others as planned.
func (r *Run) countLeft() {
	outcomes := map[cert.ID][]report.Outcome{}
	for _, o := range r.Report.All() {
		outcomes[o.Step.Want.ID] = append(outcomes[o.Step.Want.ID], o)
	}
	var n view.Summary
	for _, s := range r.Report.Plan.Steps {
		all := outcomes[s.Want.ID]
		w, waited := r.Report.Wait(s.Want.ID)
		ended := func(results ...report.Result) bool {
			return slices.ContainsFunc(all, func(o report.Outcome) bool { return slices.Contains(results, o.Result) })
		}
		switch {
		case waited && w.Ended == report.Vanished:
			n.Errors++
			continue
		case waited && w.Ended == report.NeedsAction, slices.ContainsFunc(all, report.Outcome.Unclear):
			n.ActionRequired++
			continue
		case ended(report.NotConfirmed): // the next run waits for it
			n.Deferred++
			continue
		case ended(report.Failed, report.NotStarted, report.NotApproved): // the next run plans it again
		case !w.At.IsZero():
			s = r.again(s, w.Have)
		case len(all) > 0 && all[len(all)-1].Last.ID != 0:
			s = r.again(s, all[len(all)-1].Last)
		}
		n.CountStep(s)
	}
	r.Report.Left = &n
}

// again decides about a certificate as the next run does.
func (r *Run) again(s plan.Step, have cert.Live) plan.Step {
	return plan.Rebuild(s, have, r.Target.Now(), r.rules, plan.Progress{})
}
