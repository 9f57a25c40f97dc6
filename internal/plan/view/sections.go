// Package view answers what readers ask of a plan: the sections and their order, counts,
// what expires, findings at places in files, and who acts next. It decides nothing.
package view

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Section is the part of the output that shows a certificate, chosen by what is most
// urgent about it.
type Section uint8

// The sections, by who acts next.
const (
	Errors Section = iota
	NeedsAction
	Orders
	Edits
	Waiting
	Guarded // differs in nothing but what the manifest protects
	InStep
)

// SectionOf returns the section of a step. One with an order is in Orders, even when
// it also needs a person: see NeedsAction.
func SectionOf(s plan.Step) Section {
	switch {
	case s.Fault != nil:
		return Errors
	case s.HasOrder():
		return Orders
	case s.NeedsAction():
		return NeedsAction
	case len(s.Ops) > 0:
		return Edits
	case s.Waits():
		return Waiting
	case slices.ContainsFunc(s.Withheld, plan.Withheld.Protects):
		return Guarded
	default:
		return InStep
	}
}

// In returns the steps of a section, the soonest end first; those never issued come
// last, by id.
func In(p plan.Plan, section Section) []plan.Step {
	return p.Where(func(s plan.Step) bool { return SectionOf(s) == section }).SoonestFirst()
}

// NeedYou returns every step that needs a person, those with an order included.
func NeedYou(p plan.Plan) []plan.Step {
	return p.Where(func(s plan.Step) bool { return s.Fault == nil && s.NeedsAction() }).SoonestFirst()
}

// ToProve returns the steps that wait for proof of control, the soonest end first.
func ToProve(p plan.Plan) []plan.Step { return p.Where(plan.Step.AwaitsControl).SoonestFirst() }

// WithNotes returns the steps of which there is something to know that asks nobody to
// act, and that is shown nowhere else; the soonest end first.
func WithNotes(p plan.Plan) []plan.Step {
	return p.Where(func(s plan.Step) bool { return len(s.Noted()) > 0 }).SoonestFirst()
}

// MostUrgentFirst returns all steps: what expires, then section by section.
func MostUrgentFirst(p plan.Plan) []plan.Step {
	all := Expiring(p)
	rest := p.Where(func(s plan.Step) bool { _, expires := WhyExpiring(s, p.Now); return !expires })
	for _, section := range []Section{Errors, Orders, Edits, NeedsAction, Waiting, Guarded, InStep} {
		all = append(all, In(rest, section)...)
	}
	return all
}

// Unwanted returns the live requests without a manifest as steps that decide nothing,
// by id, so that they can be shown like the others.
func Unwanted(p plan.Plan) []plan.Step {
	all := make([]plan.Step, len(p.Unmanaged))
	for i, have := range p.Unmanaged {
		all[i] = plan.Step{
			Pair:  plan.Pair{Want: cert.Spec{ID: have.ID}, Have: have, Found: true},
			Phase: cert.PhaseOf(have, p.Now),
		}
	}
	return all
}

// UnwantedEnding returns those of them that have ended or end soon, the soonest end first;
// none where the account was not read as a whole. Their status was not read.
func UnwantedEnding(p plan.Plan) []plan.Step {
	if !p.Complete {
		return nil
	}
	ending := func(s plan.Step) bool {
		end := s.Have.Expires
		return !end.IsZero() && end.Sub(p.Now) < plan.Soon(s.Have, p.Now, s.Have.AutoRenew)
	}
	return plan.Plan{Steps: Unwanted(p)}.Where(ending).SoonestFirst()
}
