package view

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Summary counts a plan. Orders and edits are operations, the rest certificates. Each
// certificate is in exactly one of Errors, ActionRequired, Changing, Deferred, Withheld,
// Protected and UpToDate, which make up Total.
type Summary struct {
	ActionRequired                 int // certificates that need a person, those with an operation included
	ActionAndOperation             int // of these, those with an operation
	Changing                       int // certificates with an operation, and nobody has to act
	Orders                         int // Renewals, Reissues and Retriggers together
	Renewals, Reissues, Retriggers int
	Edits                          int // all PATCHes but those of domains: Metadata and Methods together
	Metadata                       int // of description, auto_renew and label
	Methods                        int // of dcv_method
	Deferred                       int
	Withheld                       int // certificates with an operation that the approval does not cover, and nobody has to act
	Protected                      int // certificates that differ in nothing but what the manifest protects
	UpToDate                       int // certificates with nothing to do, nothing deferred and no difference that is protected
	NotEvaluated                   int // certificates of which only the list was read
	Errors                         int
	Notes                          int // a count of notes
	Overlap                        int // certificates whose manifest has something in common with another
	Total                          int // manifests
}

// Summarize counts the plan.
func Summarize(p plan.Plan) Summary {
	s := Summary{Total: len(p.Steps)}
	for _, step := range p.Steps {
		s.CountStep(step)
		s.Notes += step.Notes()
		if len(step.Overlaps()) > 0 {
			s.Overlap++
		}
		for _, o := range step.Ops {
			s.Count(o)
		}
	}
	return s
}

// CountStep adds a certificate by what is most urgent about it.
func (s *Summary) CountStep(step plan.Step) {
	switch section := SectionOf(step); {
	case section == Errors:
		s.Errors++
	case section == NotEvaluated:
		s.NotEvaluated++
	case step.NeedsAction():
		s.ActionRequired++
		if len(step.Ops) > 0 {
			s.ActionAndOperation++
		}
	case section == Deferred:
		s.Deferred++
	case section == Protected:
		s.Protected++
	case section == UpToDate:
		s.UpToDate++
	case !step.MayGo():
		s.Withheld++
	default:
		s.Changing++
	}
}

// Count adds an operation.
func (s *Summary) Count(o plan.Operation) {
	switch {
	case o.Kind == plan.Renew:
		s.Renewals++
	case o.Kind == plan.Retrigger:
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
func Going(p plan.Plan) Summary {
	var s Summary
	for _, step := range p.ToApply() {
		unmade := false
		for _, o := range step.Ops {
			refused := p.Limits.Exceeded() && o.Kind == plan.Patch
			unmade = unmade || refused && o.Body.DCVMethod.IsSet()
			if !refused && !(unmade && o.Kind == plan.Retrigger) {
				s.Count(o)
			}
		}
	}
	return s
}

// Excess is a limit that the plan exceeds, and what does.
type Excess struct {
	plan.Limit
	Domains bool         // the limit of domain changes, not that of edits
	Listed  int          // operations of certificates that were not evaluated: an apply may defer them
	Fields  []FieldCount // what changes, in the order of cert.Edit
	Steps   []plan.Step  // whose operations count, the soonest expiry first
}

// FieldCount is how many changes of one field there are.
type FieldCount struct {
	Field cert.Edit
	Count int
}

// Excesses returns the limits that the plan exceeds, with what counts against them.
func Excesses(p plan.Plan) []Excess {
	all := slices.DeleteFunc([]Excess{{Limit: p.Limits.Edits}, {Limit: p.Limits.DomainChanges, Domains: true}},
		func(e Excess) bool { return !e.Exceeded() })
	for i := range all {
		all[i].gather(p)
	}
	return all
}

// Certain reports whether the evaluated certificates alone exceed the limit.
func (e Excess) Certain() bool { return e.Count-e.Listed > e.Limit.Limit }

func (e *Excess) gather(p plan.Plan) {
	var counts [cert.NumEdits]int
	for _, s := range append(p.ToApply(), p.NotEvaluated()...) {
		ops := slices.DeleteFunc(slices.Clone(s.Counted()), func(o plan.Operation) bool {
			return o.Kind != plan.Patch || o.Order() != e.Domains
		})
		for _, o := range ops {
			for _, c := range o.Changes {
				counts[c.Edit]++
			}
		}
		if s.ListOnly {
			e.Listed += len(ops)
		}
		if len(ops) > 0 {
			e.Steps = append(e.Steps, s)
		}
	}
	for _, field := range cert.Edits() {
		if counts[field] > 0 {
			e.Fields = append(e.Fields, FieldCount{field, counts[field]})
		}
	}
}
