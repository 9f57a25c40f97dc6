package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Limit is how much of something a run would do, and may do.
type Limit struct{ Count, Limit int }

// Exceeded reports whether the run would do more than it may.
func (l Limit) Exceeded() bool { return l.Count > l.Limit }

// Limits are the ceilings of a run. Edits are PATCHes of description, auto_renew
// and label; Orders are PATCHes of domains and dcv_method; Renewals are renewals
// and retriggers. Each operation counts against one of them. Above Edits or Orders
// no PATCH at all is made; Renewals over the ceiling wait for a later run, so that
// one is never exceeded.
type Limits struct{ Edits, Orders, Renewals Limit }

// Exceeded reports whether a limit keeps the plan from being applied as it is.
func (l Limits) Exceeded() bool { return l.Edits.Exceeded() || l.Orders.Exceeded() }

func countLimits(steps []Step, o Options) Limits {
	l := Limits{Limit{0, o.MaxEdits}, Limit{0, o.MaxDomainChanges}, Limit{0, o.MaxRenewals}}
	for _, s := range steps {
		if !s.MayGo() {
			continue
		}
		for _, op := range s.Ops {
			switch {
			case op.Kind != Patch:
				l.Renewals.Count++
			case op.Body.SentOnce():
				l.Orders.Count++
			default:
				l.Edits.Count++
			}
		}
	}
	return l
}

// pace puts off the renewals and retriggers over the ceiling: renewals go before
// retriggers, the soonest end first, never issued last and by id. What was not
// approved takes no place.
func pace(steps []Step, now time.Time, o Options) {
	var due []int
	for i, s := range steps {
		if s.MayGo() && slices.ContainsFunc(s.Ops, func(op Operation) bool { return op.Kind != Patch }) {
			due = append(due, i)
		}
	}
	slices.SortFunc(due, func(a, b int) int { return byApplyOrder(steps[a], steps[b]) })
	for _, i := range due[min(o.MaxRenewals, len(due)):] {
		later := steps[i].fleet
		later.paced = true
		steps[i] = decideStep(steps[i].Pair, later, now, o, Progress{})
	}
}

// withholdAfterLimit decides again about the renewals and retriggers that wait for a PATCH which is not made,
// because a limit is exceeded.
func withholdAfterLimit(steps []Step, now time.Time, o Options) {
	for i, s := range steps {
		waits := func(b Withheld) bool { return b.Edit != cert.EditDomains && b.Rule == RuleOneOrder }
		if slices.ContainsFunc(s.Withheld, waits) {
			later := s.fleet
			later.limited = true
			steps[i] = decideStep(s.Pair, later, now, o, Progress{})
		}
	}
}
