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

// Told returns the outcomes that take more than a line to tell: unknown, stale,
// not converged and not approved. A certificate is told of once where one block says
// it for all its operations.
func (r Report) Told() []Outcome {
	var in []Outcome
	for i, o := range r.Outcomes {
		again := i > 0 && r.Outcomes[i-1].SameBlock(o)
		switch o.Result {
		case Unknown, Stale, DidNotConverge, NotApproved:
			if !again {
				in = append(in, o)
			}
		case NotStarted, Done, Failed, NotConfirmed:
		}
	}
	return in
}

// SameBlock reports whether what is told of o says it for next too: both are of one
// certificate, which was left alone as a whole.
func (o Outcome) SameBlock(next Outcome) bool {
	return o.Step.Want.ID == next.Step.Want.ID && o.Result == next.Result &&
		(o.Result == Stale || o.Result == NotApproved)
}
