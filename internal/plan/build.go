package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/overlap"
)

// Account is what was read, beside what is wanted of it.
type Account struct {
	Pairs      []Pair      // the manifests that were chosen
	Unselected []cert.Live // the requests of those that were not, as far as they were read
	Unmanaged  []cert.Live // the requests without a manifest
	Others     []cert.Spec // the manifests that were not chosen
	Complete   bool        // this is the whole account, without which taken labels can't be known
}

// Build decides about every pair. The inputs are not changed, and equal inputs give
// equal plans.
func Build(a Account, now time.Time, o Options) Plan {
	p := Plan{API: o.API, Now: now, Complete: a.Complete, Unmanaged: unmanaged(a.Unmanaged, now)}
	owners := ownersOf(a)
	all := fleets(a, owners)
	p.Steps = slices.Grow(p.Steps, len(a.Pairs))
	for i, pair := range a.Pairs {
		p.Steps = append(p.Steps, decideStep(pair, all[i], now, o, Progress{}))
	}
	pace(p.Steps, now, o)
	p.Limits = countLimits(p.Steps, o)
	if p.Limits.Exceeded() {
		withholdAfterLimit(p.Steps, now, o)
	}
	p.settleLabels(owners)
	return p
}

// Rebuild decides about a step again, with the same manifest and now, from a later
// reading. What was decided by looking at other certificates is kept. What done
// says was sent is left out, and an order that was sent is this run's order.
func Rebuild(s Step, have cert.Live, now time.Time, o Options, done Progress) Step {
	pair := s.Pair
	pair.Have, pair.Found = have, true
	return decideStep(pair, s.fleet, now, o, done)
}

// StillPlanned reports whether the operations that s has left after sent, and that are
// not met by now, are those of the rebuilt step, in the same order: the condition for
// sending the next one. What s lists as waiting and could go out by now does not count,
// because progress at the CA does not matter: it is left for the next run.
func (s Step) StillPlanned(sent int, rebuilt Step) bool {
	met := func(o Operation) bool { return s.Met(o, rebuilt) }
	left := slices.DeleteFunc(slices.Clone(s.Ops[sent:]), met)
	ops := slices.DeleteFunc(slices.Clone(rebuilt.Ops), s.lists)
	return rebuilt.Fault == nil && slices.EqualFunc(left, ops, func(a, b Operation) bool {
		return SameOperation(a, b, s.Want.ID)
	})
}

// Met reports whether the later reading of a rebuilt step shows what an operation of s is
// to change, although nobody sent it: each value of a PATCH, a renewal that is in
// progress or complete, an order placed again. Nothing is left to send then.
func (s Step) Met(o Operation, rebuilt Step) bool {
	if rebuilt.Fault != nil || rebuilt.asksFor(o.Kind) {
		return false
	}
	return o.Kind == Renew && rebuilt.Have.Renewing() || TookEffect(o, s.Have, rebuilt.Have)
}

// asksFor reports whether a renewal or a retrigger is asked for, sent or not.
func (s Step) asksFor(k Kind) bool {
	return k != Patch && (s.Makes(k) || s.withholds(Operation{Kind: k}.Edit()))
}

// Plans reports whether the step holds an operation like o.
func (s Step) Plans(o Operation) bool {
	return slices.ContainsFunc(s.Ops, func(a Operation) bool { return SameOperation(a, o, s.Want.ID) })
}

// lists reports whether the step lists the operation as one that does not go out.
func (s Step) lists(o Operation) bool {
	listed := func(e cert.Edit, c diff.Change) bool {
		return slices.ContainsFunc(s.Withheld, func(b Withheld) bool { return b.Edit == e && SameChange(b.Change, c) })
	}
	if o.Kind != Patch {
		return listed(o.Edit(), diff.Change{})
	}
	return !slices.ContainsFunc(o.Changes, func(c diff.Change) bool { return !listed(c.Edit, c) })
}

// unmanaged returns those of the requests that are not deleted, by id.
func unmanaged(all []cert.Live, now time.Time) []cert.Live {
	isDeleted := func(l cert.Live) bool { return cert.PhaseOf(l, now) == cert.Deleted }
	left := slices.DeleteFunc(slices.Clone(all), isDeleted)
	slices.SortFunc(left, func(a, b cert.Live) int { return cmp.Compare(a.ID, b.ID) })
	return left
}

// fleets looks at all certificates together: whose label is taken, and what the manifests
// have in common.
func fleets(a Account, taken owners) []fleet {
	specs := make([]cert.Spec, len(a.Pairs), len(a.Pairs)+len(a.Others))
	for i, p := range a.Pairs {
		specs[i] = p.Want
	}
	overlaps := Overlaps(append(specs, a.Others...))
	all := make([]fleet, len(a.Pairs))
	for i, p := range a.Pairs {
		all[i].overlaps = overlaps[i]
		if len(taken.before(p.Want)) > 0 {
			all[i].label = &Withheld{Rule: RuleLabelTaken, Next: Person}
		}
	}
	return all
}

// Overlaps returns for each manifest the warnings of what it has in common with others.
func Overlaps(specs []cert.Spec) [][]Warning {
	all := make([][]Warning, len(specs))
	for i, notes := range overlap.Find(specs) {
		for _, n := range notes {
			all[i] = append(all[i], Warning{Code: n.Code, Text: n.Text, Do: Advise(n.Do), Accepted: n.Accepted, At: n.At, Also: n.Also, Names: n.Names})
		}
	}
	return all
}

func wantedNames(s cert.Spec) []string {
	d, _ := s.Domains.Get()
	return d.Names
}
