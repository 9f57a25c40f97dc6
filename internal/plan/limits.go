package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Limit is how much of something a run would do, and may do.
type Limit struct{ Count, Limit int }

// Exceeded reports whether the run would do more than it may.
func (l Limit) Exceeded() bool { return l.Count > l.Limit }

// Limits are the limits of a run. DomainChanges are PATCHes of domains, Edits all other
// PATCHes, Renewals are renewals and retriggers. Each operation counts against one of them.
// Above Edits or DomainChanges no PATCH is sent. Renewals above their limit are deferred,
// so that one is never exceeded. A limit of 0 is a freeze: what it counts is deferred.
type Limits struct{ Edits, DomainChanges, Renewals Limit }

// Exceeded reports whether a limit keeps the plan from being applied as it is.
func (l Limits) Exceeded() bool { return l.Edits.Exceeded() || l.DomainChanges.Exceeded() }

func countLimits(steps []Step, o Options) Limits {
	l := Limits{Limit{0, o.MaxEdits}, Limit{0, o.MaxDomainChanges}, Limit{0, o.MaxRenewals}}
	for _, s := range steps {
		for _, op := range s.Counted() {
			limit := &l.Edits
			switch {
			case op.Kind != Patch:
				limit = &l.Renewals
			case op.Order():
				limit = &l.DomainChanges
			}
			if s.MayGo() && limit.Limit > 0 { // a freeze defers what it would count
				limit.Count++
			}
		}
	}
	return l
}

// Counted returns the operations of a step that count against the limits. Of a certificate that
// was not evaluated they are what the list shows: its PATCHes, without what the manifest
// protects and without domains that it does not remove.
func (s Step) Counted() []Operation {
	if !s.ListOnly {
		return s.Ops
	}
	b := builder{Step: s}
	var ops []Operation
	var metadata []diff.Change
	for _, c := range diff.Fields(s.Want.Patch, s.Have) {
		if c.Edit == cert.EditDomains {
			c.Remove, _ = b.split(c)
		}
		switch {
		case s.Want.Policy.Protects(c.Edit), c.Edit == cert.EditDomains && c.Empty():
		case isMetadata(s.Want, c.Edit):
			metadata = append(metadata, c)
		default:
			ops = append(ops, Operation{Changes: []diff.Change{c}, Body: s.Want.Only(c.Edit)})
		}
	}
	if len(metadata) > 0 {
		ops = append(ops, Operation{Changes: metadata})
	}
	return ops
}

// pace puts off the renewals and retriggers over the ceiling: renewals go before retriggers, the
// soonest end first, never issued last and by id. What was not approved takes no place.
func pace(steps []Step, now time.Time, o Options) {
	var due []int
	for i, s := range steps {
		if s.MayGo() && slices.ContainsFunc(s.Ops, func(op Operation) bool { return op.Kind != Patch }) {
			due = append(due, i)
		}
	}
	slices.SortFunc(due, func(a, b int) int { return byApplyOrder(&steps[a], &steps[b]) })
	for _, i := range due[min(o.MaxRenewals, len(due)):] {
		later := steps[i].fleet
		later.paced = true
		steps[i] = decideStep(steps[i].Pair, later, now, o, Progress{})
	}
}

// isFrozen defers what a limit of 0 keeps back.
func isFrozen(b *builder, c diff.Change) *Withheld {
	limit, flag := b.o.MaxEdits, "--max-edits"
	if c.Edit == cert.EditDomains {
		limit, flag = b.o.MaxDomainChanges, "--max-domain-changes"
	}
	if limit > 0 {
		return nil
	}
	return deferredBy(RuleFreeze, flag+" is 0", "the limit is lifted")
}

// isPaced defers the renewals and retriggers that others go before.
func isPaced(b *builder, _ diff.Change) *Withheld {
	because := "one run starts at most 1 renewal or retrigger, and another is due first"
	switch n := b.o.MaxRenewals; {
	case !b.fleet.paced:
		return nil
	case n == 0:
		return deferredBy(RuleFreeze, "--max-renewals is 0", "the limit is lifted")
	case n > 1:
		because = fmt.Sprintf("one run starts at most %d renewals and retriggers, and others are due first", n)
	}
	return deferredBy(RuleMaxRenewals, because, "a later run starts it")
}

// withholdAfterLimit decides again about what depends on a PATCH which is not made, because a limit is
// exceeded.
func withholdAfterLimit(steps []Step, now time.Time, o Options) {
	for i, s := range steps {
		if s.Makes(Patch) {
			later := s.fleet
			later.limited = true
			steps[i] = decideStep(s.Pair, later, now, o, Progress{})
		}
	}
}
