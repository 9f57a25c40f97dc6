package report

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Moved lists how the request of a stale outcome differs now from what the plan
// rested on, in the fields that the manifest manages. From is then, To is now.
func (o Outcome) Moved() []diff.Change {
	now, want := o.Now.Have, o.Step.Want
	if o.Now.Want.ID == 0 {
		return nil
	}
	var moved cert.Spec
	moved.Label = managed(want.Label, now.Label)
	moved.Description = managed(want.Description, now.Description)
	moved.AutoRenew = managed(want.AutoRenew, now.AutoRenew)
	moved.DCVMethod = managed(want.DCVMethod, now.DCVMethod)
	moved.Domains = managed(want.Domains, cert.Domains{Common: now.Common, Names: now.Names()})
	return diff.Fields(moved, o.Step.Have)
}

// managed is the value of now, where the manifest manages the field.
func managed[T any](want cert.Opt[T], now T) cert.Opt[T] {
	if !want.IsSet() {
		return want
	}
	return cert.Some(now)
}
