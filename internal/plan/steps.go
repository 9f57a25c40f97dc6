package plan

import (
	"cmp"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Where returns the plan of those steps alone that are as asked, in the same order.
// Limits, and the requests without a manifest, stay those of the whole.
func (p Plan) Where(is func(Step) bool) Plan {
	var steps []Step
	for _, s := range p.Steps {
		if is(s) {
			steps = append(steps, s)
		}
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

// SoonestFirst returns all steps, the soonest end first.
func (p Plan) SoonestFirst() []Step {
	return slices.SortedStableFunc(slices.Values(p.Steps), bySoonestExpiry)
}

// bySoonestExpiry orders steps by the end of their certificate; those never issued
// come last. Ties go by id.
func bySoonestExpiry(a, b Step) int {
	return cmp.Or(soonest(a.Have, b.Have), cmp.Compare(a.Want.ID, b.Want.ID))
}

func soonest(a, b cert.Live) int {
	switch {
	case a.Expires.IsZero() && b.Expires.IsZero():
		return 0
	case a.Expires.IsZero():
		return 1
	case b.Expires.IsZero():
		return -1
	default:
		return a.Expires.Compare(b.Expires)
	}
}

// ToApply returns the steps with operations that may be applied, in that order.
func (p Plan) ToApply() []Step {
	steps := p.Where(func(s Step) bool { return len(s.Ops) > 0 && s.MayGo() }).Steps
	slices.SortStableFunc(steps, byApplyOrder)
	return steps
}

// byApplyOrder orders steps as they are applied: the soonest end first, and what the API
// refused the last time at the end, so that it keeps nothing else from its turn.
func byApplyOrder(a, b Step) int {
	if a.refused != b.refused {
		if a.refused {
			return 1
		}
		return -1
	}
	return bySoonestExpiry(a, b)
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

// NotCovered returns the steps with operations that the approval does not cover.
func (p Plan) NotCovered(why Consent) []Step {
	return p.Where(func(s Step) bool { return len(s.Ops) > 0 && s.Consent == why }).Steps
}
