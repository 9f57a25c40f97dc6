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

// Noted returns the steps of which there is something to know that asks nobody to
// act, and that is shown nowhere else; the soonest end first.
func (p Plan) Noted() []Step {
	return soonestFirst(p.Where(func(s Step) bool { return len(s.Noted()) > 0 }))
}

// Later returns the steps of which something waits for a later run, and nothing for a
// person, whatever else this run does for them; the soonest end first.
func (p Plan) Later() []Step {
	return soonestFirst(p.Where(func(s Step) bool {
		return !s.NeedsYou() && s.Waits()
	}))
}

// SoonestFirst returns all steps, the soonest end first.
func (p Plan) SoonestFirst() []Step { return soonestFirst(p.Where(func(Step) bool { return true })) }

func soonestFirst(p Plan) []Step {
	slices.SortStableFunc(p.Steps, bySoonestEnd)
	return p.Steps
}
