package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// Moved lists how the request of a stale outcome differs now from what the plan
// rested on, in the fields that the manifest manages. From is then, To is now.
func (o Outcome) Moved() []diff.Change {
	if !o.Replanned() {
		return nil
	}
	now := cert.PatchOf(o.Now.Have).Only(o.Step.Want.Patch.Edits()...)
	return diff.Fields(now, o.Step.Have)
}

// Replanned reports whether Now holds what would be planned now: it does not when the
// request is gone.
func (o Outcome) Replanned() bool { return o.Now.Want.ID != 0 }

// States returns what people call the state of the request, in the plan and now.
func (o Outcome) States(at time.Time) (planned, now string) {
	planned = plan.State(o.Step.Phase, o.Step.Have, at)
	if !o.Replanned() || o.Now.Fault != nil {
		return planned, planned
	}
	return planned, plan.State(o.Now.Phase, o.Now.Have, at)
}

// Touched returns when the request changed after the plan's reading, and by whom where
// the API says so; the zero time when it did not.
func (o Outcome) Touched() (at time.Time, by string) {
	if now := o.Now.Have; now.Modified.After(o.Step.Have.Modified) {
		return now.Modified, now.ModifiedBy
	}
	return time.Time{}, ""
}
