package report

import "github.com/cpsync/cpsync/internal/plan"

// Ending returns what ends within the time that fails the run, the soonest end first.
func (r Report) Ending() []plan.Step {
	if r.Within == 0 {
		return nil
	}
	return r.Plan.EndingWithin(r.Within)
}
