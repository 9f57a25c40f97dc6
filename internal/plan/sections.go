package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Section is the part of the output a certificate stands in: the most urgent thing
// it is.
type Section uint8

// The sections, by who acts next.
const (
	Errors Section = iota
	NeedsYou
	Orders
	Edits
	Waiting
	Guarded // differs in nothing but what the manifest protects
	InStep
)

// Section returns where the step stands. One with an order stands there, even when
// it also needs a person: see NeedsYou.
func (s Step) Section() Section {
	switch {
	case s.Fault != nil:
		return Errors
	case s.hasOrder():
		return Orders
	case s.NeedsYou():
		return NeedsYou
	case len(s.Ops) > 0:
		return Edits
	case s.Waits():
		return Waiting
	case slices.ContainsFunc(s.Blocked, Blocked.protects):
		return Guarded
	default:
		return InStep
	}
}

// NeedsYou reports whether a person has to act.
func (s Step) NeedsYou() bool {
	return s.Fault != nil || slices.ContainsFunc(s.Blocked, Blocked.NeedsYou) ||
		slices.ContainsFunc(s.Warnings, Warning.NeedsYou)
}

// NeedsYou reports whether a person has to end the block. What the manifest
// protects is as its author wanted it.
func (b Blocked) NeedsYou() bool { return b.Next == You && !b.protects() }

func (b Blocked) protects() bool { return b.Verdict == Protected }

func (b Blocked) waits() bool { return b.Next != You }

// Waits reports whether something that the manifest asks for waits, and not for a person.
func (s Step) Waits() bool { return slices.ContainsFunc(s.Blocked, Blocked.waits) }

// AwaitsValidation reports whether the certificate authority waits for proof of control
// of the names, or checks the organization.
func (s Step) AwaitsValidation() bool {
	return s.AwaitsControl() || s.Have.Status == cert.StatusOtherValidation
}

// NeedsYou reports whether the warning asks for a person: the rest are notes.
func (w Warning) NeedsYou() bool {
	switch w.Code {
	case cert.Revoked, cert.PastEnd, cert.EndsSoon, cert.AutoRenewStuck, cert.AttentionNeeded,
		cert.WorkflowError, cert.NothingRenews, cert.RenewalOverdue:
		return !w.Accepted
	default:
		return false
	}
}

// Overlaps returns what the manifest has in common with others and neither accepts.
func (s Step) Overlaps() []Warning {
	return slices.DeleteFunc(slices.Clone(s.Warnings), func(w Warning) bool { return !w.Overlap() })
}

// Overlap reports whether w is about what two manifests have in common and neither accepts.
func (w Warning) Overlap() bool {
	switch w.Code {
	case cert.SharedName, cert.CoveredName, cert.SameNames, cert.SameLabel:
		return !w.Accepted
	default:
		return false
	}
}

// Notes counts what is worth knowing and asks nobody to act, overlaps apart.
func (s Step) Notes() int {
	n := 0
	for _, w := range s.Warnings {
		if !w.NeedsYou() && !w.Overlap() {
			n++
		}
	}
	return n
}

// In returns the steps of a section, the soonest end first; those never issued come
// last, by id.
func (p Plan) In(section Section) []Step {
	return soonestFirst(p.Where(func(s Step) bool { return s.Section() == section }))
}

// NeedYou returns every step that needs a person, those with an order included.
func (p Plan) NeedYou() []Step {
	return soonestFirst(p.Where(func(s Step) bool { return s.Fault == nil && s.NeedsYou() }))
}

// Waits reports whether something is left for the next run, by a rule or because it was
// not approved yet.
func (p Plan) Waits() bool {
	return len(p.Kept(NotYet))+len(p.Kept(Awaited)) > 0 || slices.ContainsFunc(p.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.Blocked, func(b Blocked) bool { return b.Next == NextRun })
	})
}

// ToApply returns the steps with operations that may be carried out, in that order.
func (p Plan) ToApply() []Step {
	steps := p.Where(func(s Step) bool { return len(s.Ops) > 0 && s.MayGo() }).Steps
	slices.SortStableFunc(steps, byTurn)
	return steps
}

// HasOps reports whether the plan has operations, whatever the approval says of them.
func (p Plan) HasOps() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return len(s.Ops) > 0 })
}

// NumOps is how many operations the plan has.
func (p Plan) NumOps() int {
	n := 0
	for _, s := range p.Steps {
		n += len(s.Ops)
	}
	return n
}

// Kept returns the steps with operations that the approval does not cover.
func (p Plan) Kept(why Consent) []Step {
	return p.Where(func(s Step) bool { return len(s.Ops) > 0 && s.Consent == why }).Steps
}
