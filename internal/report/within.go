package report

import (
	"slices"

	"github.com/cpsync/cpsync/internal/plan"
)

// Ending returns what ends within the time that fails the run, the soonest end first.
func (r Report) Ending() []plan.Step {
	if r.Within == 0 {
		return nil
	}
	return slices.DeleteFunc(r.Plan.EndingWithin(r.Within), r.replaced)
}

// replaced reports whether the waiting has seen another certificate in service, which
// does not end within that time.
func (r Report) replaced(s plan.Step) bool {
	w, _ := r.Wait(s.Want.ID)
	return w.Ended == InService && w.Have.Expires.After(r.Plan.Now.Add(r.Within))
}
