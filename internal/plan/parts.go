package plan

import "slices"

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

// EndSoon returns the steps whose certificate ends soon with nothing to renew it, but
// for those of which the manifest says that this is fine; the soonest end first.
func (p Plan) EndSoon() []Step { return soonestFirst(p.Where(Step.EndsSoon)) }

// Noted returns the steps of which there is something to know that asks nobody to
// act, the soonest end first.
func (p Plan) Noted() []Step {
	return soonestFirst(p.Where(func(s Step) bool { return s.Notes() > 0 }))
}

// Shielded returns what the manifest protects: shown, and never made.
func (s Step) Shielded() []Blocked {
	var in []Blocked
	for _, b := range s.Blocked {
		if b.Verdict == Protected {
			in = append(in, b)
		}
	}
	return in
}

func soonestFirst(p Plan) []Step {
	slices.SortStableFunc(p.Steps, bySoonestEnd)
	return p.Steps
}
