package plan

import "github.com/cpsync/cpsync/internal/cert"

// Excess is a limit that the plan exceeds, and what does.
type Excess struct {
	Limit
	Orders bool         // the limit of domains and DCV methods, not that of metadata
	Fields []FieldCount // what changes, in the order of cert.Edit
	Steps  []Step       // whose operations count, the soonest end first
}

// FieldCount is how many changes of one field there are.
type FieldCount struct {
	Field cert.Edit
	Count int
}

// Excesses returns the limits that the plan exceeds.
func (p Plan) Excesses() []Excess {
	var all []Excess
	for _, e := range []Excess{{Limit: p.Limits.Edits}, {Limit: p.Limits.Orders, Orders: true}} {
		if e.Exceeded() {
			e.gather(p)
			all = append(all, e)
		}
	}
	return all
}

// gather fills in what counts against the limit.
func (e *Excess) gather(p Plan) {
	var counts [cert.NumEdits]int
	for _, s := range p.ToApply() {
		counting := false
		for _, o := range s.Ops {
			if o.Kind != Patch || o.Body.SentOnce() != e.Orders {
				continue
			}
			counting = true
			for _, c := range o.Changes {
				counts[c.Edit]++
			}
		}
		if counting {
			e.Steps = append(e.Steps, s)
		}
	}
	for _, field := range cert.Edits() {
		if counts[field] > 0 {
			e.Fields = append(e.Fields, FieldCount{field, counts[field]})
		}
	}
}

// Unwanted returns the live requests without a manifest as steps that decide nothing,
// by id, so that they can be shown like the others.
func (p Plan) Unwanted() []Step {
	all := make([]Step, len(p.Unmanaged))
	for i, have := range p.Unmanaged {
		all[i] = Step{
			Pair:  Pair{Want: cert.Spec{ID: have.ID}, Have: have, Found: true},
			Phase: cert.PhaseOf(have, p.Now),
		}
	}
	return all
}

// UnwantedEnding returns those of them that have ended or end soon, the soonest end first;
// none where the account was not read as a whole. Their status was not read.
func (p Plan) UnwantedEnding() []Step {
	if !p.Complete {
		return nil
	}
	ending := func(s Step) bool {
		end := s.Have.Expires
		return !end.IsZero() && end.Sub(p.Now) < soon(s.Have, p.Now, s.Have.AutoRenew)
	}
	return soonestFirst(Plan{Steps: p.Unwanted()}.Where(ending))
}
