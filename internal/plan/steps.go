package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Where returns the plan of those steps alone that are as asked, in the same order.
// Limits, and the requests without a manifest, stay those of the whole.
func (p Plan) Where(is func(Step) bool) Plan {
	var those []int
	for i, s := range p.Steps {
		if is(s) {
			those = append(those, i)
		}
	}
	steps := make([]Step, len(those))
	for i, at := range those {
		steps[i] = p.Steps[at]
	}
	p.Steps = steps
	return p
}

// Only returns the plan with those operations alone that are as asked, in steps that are
// otherwise the same.
func (p Plan) Only(is func(Step, Operation) bool) Plan {
	steps := slices.Clone(p.Steps)
	for i, s := range steps {
		steps[i].Ops = nil
		for _, o := range s.Ops {
			if is(s, o) {
				steps[i].Ops = append(steps[i].Ops, o)
			}
		}
	}
	p.Steps = steps
	return p
}

// ByID returns the steps by the id of their request.
func (p Plan) ByID() map[cert.ID]Step {
	all := make(map[cert.ID]Step, len(p.Steps))
	for _, s := range p.Steps {
		all[s.Want.ID] = s
	}
	return all
}

// SoonestFirst returns all steps, the soonest end first.
func (p Plan) SoonestFirst() []Step { return sorted(p.Steps, bySoonestExpiry) }

// sorted copies each step once: it takes more than a kilobyte, which a sort moves often.
func sorted(steps []Step, compare func(a, b *Step) int) []Step {
	order := make([]*Step, len(steps))
	for i := range steps {
		order[i] = &steps[i]
	}
	slices.SortStableFunc(order, compare)
	all := make([]Step, len(order))
	for i, s := range order {
		all[i] = *s
	}
	return all
}

// bySoonestExpiry orders steps by the end of their certificate; those never issued
// come last. Ties go by id.
func bySoonestExpiry(a, b *Step) int {
	return cmp.Or(trueLast(a.Have.Expires.IsZero(), b.Have.Expires.IsZero()),
		a.Have.Expires.Compare(b.Have.Expires), cmp.Compare(a.Want.ID, b.Want.ID))
}

// byApplyOrder orders steps as they are applied: the soonest end first, and what the API
// refused the last time at the end, so that it keeps nothing else from its turn.
func byApplyOrder(a, b *Step) int {
	return cmp.Or(trueLast(a.refused, b.refused), bySoonestExpiry(a, b))
}

func trueLast(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// ToApply returns the steps with operations that may be applied, in that order.
func (p Plan) ToApply() []Step {
	return sorted(p.Where(func(s Step) bool { return len(s.Ops) > 0 && s.MayGo() }).Steps, byApplyOrder)
}

// HasOps reports whether the plan has operations, whatever the approval says of them.
func (p Plan) HasOps() bool { return p.NumOps() > 0 }

// NumOps is how many operations the plan has.
func (p Plan) NumOps() int {
	n := 0
	for _, s := range p.Steps {
		n += len(s.Ops)
	}
	return n
}

// NotCovered returns the steps with operations that the approval does not cover.
func (p Plan) NotCovered(why Consent) []Step {
	return p.Where(func(s Step) bool { return len(s.Ops) > 0 && s.Consent == why }).Steps
}

// NotEvaluated returns the steps of which only the list was read.
func (p Plan) NotEvaluated() []Step { return p.Where(func(s Step) bool { return s.ListOnly }).Steps }

// NeedsAction reports whether a person has to act.
func (s Step) NeedsAction() bool {
	return s.Fault != nil || slices.ContainsFunc(s.Withheld, Withheld.NeedsAction) ||
		slices.ContainsFunc(s.Warnings, Warning.NeedsAction)
}

// NeedsAction reports whether a person must act before the edit is sent. What policy.protect
// withholds needs nobody.
func (b Withheld) NeedsAction() bool { return b.Next == Person && !b.Protects() }

// Protects reports whether policy.protect withholds the edit.
func (b Withheld) Protects() bool { return b.Verdict == Protected }

// SaidByState reports whether the state of the request says why the change waits.
func (b Withheld) SaidByState() bool {
	return strings.HasPrefix(string(b.Rule), phasePrefix) && b.Verdict == Deferred && b.Until != ""
}

// Waits reports whether the edit waits for the CA, the CDN or a later run, and not for a person.
func (b Withheld) Waits() bool { return b.Next != Person }

// Waits reports whether an edit that the manifest asks for waits, and not for a person.
func (s Step) Waits() bool { return slices.ContainsFunc(s.Withheld, Withheld.Waits) }

// Makes reports whether the step holds a call of the kind.
func (s Step) Makes(k Kind) bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Kind == k })
}

// HasOrder reports whether the step sends a CA order.
func (s Step) HasOrder() bool { return slices.ContainsFunc(s.Ops, Operation.Order) }

// blockOf returns what is withheld of an edit; nil when it is not asked for, or sent.
func (s *Step) blockOf(e cert.Edit) *Withheld {
	i := slices.IndexFunc(s.Withheld, func(x Withheld) bool { return x.Edit == e })
	if i < 0 {
		return nil
	}
	return &s.Withheld[i]
}

// AwaitsDCV reports whether the CA waits for the validation of the domains (DCV), and for nothing else.
// If the plan changes the DCV method, it is false: the records of now become invalid.
func (s Step) AwaitsDCV() bool {
	waits := s.Phase == cert.DomainControlValidation || s.Phase == cert.InFlight || s.Phase == cert.OrderFailed
	return waits && s.Have.AwaitsDCV() && !s.movesMethod()
}

func (s Step) movesMethod() bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Body.DCVMethod.IsSet() })
}

// AwaitsDCV reports whether the CA waits for the validation of the domains (DCV) of a request
// whose status was read, judged by its manifest alone.
func AwaitsDCV(p Pair, now time.Time) bool {
	_, method := wantsOrder(p)
	return !method && Step{Pair: p, Phase: cert.PhaseOf(p.Have, now)}.AwaitsDCV()
}

// AwaitsValidation reports whether the CA waits for the validation of the domains (DCV)
// or checks the organization.
func (s Step) AwaitsValidation() bool {
	return s.AwaitsDCV() || s.Have.Status == cert.StatusOtherValidation
}

// Agrees reports whether manifest and request say the same: the certificate can be
// planned, there is nothing to send, and nothing differs.
func (s Step) Agrees() bool {
	return s.Fault == nil && len(s.Ops) == 0 && len(diff.Fields(s.Want.Patch, s.Have)) == 0 &&
		len(diff.Expectations(s.Want.Expect, s.Have)) == 0
}

// AsksForOrder reports whether manifest and request say the same, and all the same the
// policy asks for a renewal or a retrigger by now.
func (s Step) AsksForOrder() bool {
	asked := slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Kind != Patch }) ||
		slices.ContainsFunc(s.Withheld, func(b Withheld) bool {
			return b.Verdict != Protected && (b.Edit == cert.EditRenew || b.Edit == cert.EditRetrigger)
		})
	s.Ops = nil
	return asked && s.Agrees()
}
