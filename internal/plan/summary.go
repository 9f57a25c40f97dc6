package plan

// Summary counts a plan. Orders and edits are operations, the rest certificates. Each
// certificate is in exactly one of Errors, NeedYou, Changing, Waiting, Protected and
// Unchanged, which make up Total.
type Summary struct {
	NeedYou                        int // certificates that need a person, those with an order included
	Changing                       int // certificates with an operation, and nobody has to act
	Orders                         int // Renewals, Reissues and Retriggers together
	Renewals, Reissues, Retriggers int
	Edits                          int // PATCHes that start nothing at the CA: Metadata and Methods together
	Metadata                       int // of description, auto_renew and label
	Methods                        int // of dcv_method
	Waiting                        int
	Protected                      int // certificates that differ in nothing but what the manifest protects
	Unchanged                      int // certificates with nothing to do, nothing that waits and no difference that is protected
	Errors                         int
	Notes                          int // a count of notes
	Overlap                        int // certificates whose manifest has something in common with another
	Total                          int // manifests
}

// Summary counts the plan.
func (p Plan) Summary() Summary {
	s := Summary{Total: len(p.Steps)}
	for i := range p.Steps { // by index: a step is large
		step := &p.Steps[i]
		s.place(step)
		s.Notes += step.Notes()
		if len(step.Overlaps()) > 0 {
			s.Overlap++
		}
		for _, o := range step.Ops {
			s.count(o)
		}
	}
	return s
}

func (s *Summary) place(step *Step) {
	switch section := step.Section(); {
	case section == Errors:
		s.Errors++
	case step.NeedsYou():
		s.NeedYou++
	case section == Waiting:
		s.Waiting++
	case section == Guarded:
		s.Protected++
	case section == InStep:
		s.Unchanged++
	default:
		s.Changing++
	}
}

func (s *Summary) count(o Operation) {
	switch {
	case o.Kind == Renew:
		s.Renewals++
	case o.Kind == Retrigger:
		s.Retriggers++
	case o.Order():
		s.Reissues++
	case o.Body.DCVMethod.IsSet():
		s.Methods++
	default:
		s.Metadata++
	}
	s.Orders = s.Renewals + s.Reissues + s.Retriggers
	s.Edits = s.Metadata + s.Methods
}

// Going counts what an apply would send: what the approval covers, and while a limit
// is exceeded no PATCH, nor a retrigger that comes after one of the DCV method.
func (p Plan) Going() Summary {
	var s Summary
	for _, step := range p.ToApply() {
		unmade := false
		for _, o := range step.Ops {
			refused := p.Limits.Exceeded() && o.Kind == Patch
			unmade = unmade || refused && o.Body.DCVMethod.IsSet()
			if !refused && !(unmade && o.Kind == Retrigger) {
				s.count(o)
			}
		}
	}
	return s
}
