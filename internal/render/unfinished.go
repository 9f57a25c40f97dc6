package render

import "github.com/cpsync/cpsync/internal/report"

// Unfinished is how a text begins that was written while the run was at work. mode is that
// of its JSON.
func Unfinished(mode string) string {
	return "This " + mode + " has not finished. It was at work when this was written: an operation that is not listed as done may be in progress, or done too. The log of the run says more."
}

// outcomesOf are the outcomes: of every operation, or of an apply at work those so far.
func outcomesOf(r report.Report) []report.Outcome {
	if r.Unfinished {
		return r.Outcomes
	}
	return r.All()
}
