package report

// Ended returns the outcomes with a result, in the order they ended.
func (r Report) Ended(result Result) []Outcome {
	var in []Outcome
	for _, o := range r.Outcomes {
		if o.Result == result {
			in = append(in, o)
		}
	}
	return in
}

// Told returns the outcomes that take more than a line to tell: unknown, stale and
// not converged. A certificate found stale is in it once.
func (r Report) Told() []Outcome {
	var in []Outcome
	for i, o := range r.Outcomes {
		again := i > 0 && o.Result == Stale && r.Outcomes[i-1].Result == Stale &&
			r.Outcomes[i-1].Step.Want.ID == o.Step.Want.ID
		switch o.Result {
		case Unknown, Stale, DidNotConverge:
			if !again {
				in = append(in, o)
			}
		case NotStarted, Done, Failed:
		}
	}
	return in
}
