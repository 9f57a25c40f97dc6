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
	case slices.ContainsFunc(s.Blocked, Blocked.waits):
		return Waiting
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
func (b Blocked) NeedsYou() bool { return b.Next == You && b.Verdict != Protected }

func (b Blocked) waits() bool { return b.Next != You }

// NeedsYou reports whether the warning asks for a person: the rest are notes.
func (w Warning) NeedsYou() bool {
	switch w.Code {
	case cert.EndsSoon, cert.AutoRenewStuck, cert.AttentionNeeded:
		return !w.Accepted
	default:
		return false
	}
}

// Notes counts what is worth knowing and asks nobody to act.
func (s Step) Notes() int {
	n := 0
	for _, w := range s.Warnings {
		if !w.NeedsYou() {
			n++
		}
	}
	for _, b := range s.Blocked {
		if b.Verdict == Protected {
			n++
		}
	}
	return n
}

// In returns the steps of a section, the soonest end first; those never issued come
// last, by id.
func (p Plan) In(section Section) []Step {
	var in []Step
	for _, s := range p.Steps {
		if s.Section() == section {
			in = append(in, s)
		}
	}
	slices.SortStableFunc(in, bySoonestEnd)
	return in
}

// NeedYou returns every step that needs a person, those with an order included.
func (p Plan) NeedYou() []Step {
	var in []Step
	for _, s := range p.Steps {
		if s.Fault == nil && s.NeedsYou() {
			in = append(in, s)
		}
	}
	slices.SortStableFunc(in, bySoonestEnd)
	return in
}

// Changes reports whether there is something to apply, or something that waits for
// the next run.
func (p Plan) Changes() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		return len(s.Ops) > 0 || slices.ContainsFunc(s.Blocked, func(b Blocked) bool { return b.Next == NextRun })
	})
}

// ToApply returns the steps with operations that may be carried out, in that order:
// the soonest end first.
func (p Plan) ToApply() []Step {
	var in []Step
	for _, s := range p.Steps {
		if len(s.Ops) > 0 && s.MayGo() {
			in = append(in, s)
		}
	}
	slices.SortStableFunc(in, bySoonestEnd)
	return in
}

// HasOps reports whether the plan has operations, whatever the approval says of them.
func (p Plan) HasOps() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return len(s.Ops) > 0 })
}

// Kept returns the steps with operations that the approval does not cover.
func (p Plan) Kept(why Consent) []Step {
	var in []Step
	for _, s := range p.Steps {
		if len(s.Ops) > 0 && s.Consent == why {
			in = append(in, s)
		}
	}
	return in
}
