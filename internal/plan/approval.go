package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Approval is what somebody approved: for each request the operations of a saved plan.
// It is compared with what is planned now and is never a source of requests. nil: the
// run needs none.
type Approval map[cert.ID][]Approved

// Approved is one operation of a saved plan.
type Approved struct {
	Digest string
	Text   string // what it does, for people; from a file, so not to be trusted
}

// Consent is how a step stands to the approval.
type Consent uint8

// The consents.
const (
	NotNeeded Consent = iota // the run needs no approval
	Given                    // every operation is approved
	Refused                  // approved was something, but not all of this
	NotYet                   // nothing was approved: policies ask for it now, and did not then
	Awaited                  // nothing was approved so far, and an approval may follow
)

// consent compares the operations of a step with what was approved of its request.
func (a Approval) consent(s Step, o Options) Consent {
	approved, changes := a[s.Want.ID], s.asksItself()
	switch {
	case a == nil:
		return NotNeeded
	case len(s.Ops) == 0:
		return Given // nothing to do, or done already
	case o.PoliciesApproved && !changes:
		return Given
	case o.ApprovalFollows:
		return Awaited
	case len(approved) == 0 && !changes:
		return NotYet
	case slices.ContainsFunc(s.Ops, func(op Operation) bool { return !isAmong(approved, op.Digest(o.API, s.Want.ID)) }):
		return Refused
	default:
		return Given
	}
}

// asksItself reports whether the manifest, and not the passing of time, asks for any of it.
func (s Step) asksItself() bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool {
		return o.Kind == Patch || o.Kind == Renew && s.Want.Policy.RenewsNow(o.Thumbprint)
	})
}

// Sources reports whether the plan has operations that manifests ask for, such as edits and
// domains, and whether it has any that the passing of time does.
func (p Plan) Sources() (manifests, policies bool) {
	for _, s := range p.Steps {
		if len(s.Ops) > 0 {
			manifests, policies = manifests || s.asksItself(), policies || !s.asksItself()
		}
	}
	return manifests, policies
}

func isAmong(approved []Approved, digest string) bool {
	return slices.ContainsFunc(approved, func(a Approved) bool { return a.Digest == digest })
}

// MayGo reports whether the step's operations may be carried out as far as the
// approval goes.
func (s Step) MayGo() bool { return s.Consent == NotNeeded || s.Consent == Given }

// Holds reports whether all that was approved is still what is planned, and nothing
// else but what policies ask for since.
func (p Plan) Holds(a Approval) bool {
	planned := map[cert.ID]Step{}
	for _, s := range p.Steps {
		planned[s.Want.ID] = s
	}
	for id, approved := range a {
		if len(planned[id].Ops) != len(approved) {
			return false
		}
	}
	return len(p.Kept(Refused)) == 0
}
