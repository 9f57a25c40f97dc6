// Package view answers what readers ask of a plan: the sections and their order, counts,
// what expires, findings at places in files, and who acts next. It decides nothing.
package view

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Section is the part of the output that shows a certificate, chosen by what is most urgent about it.
type Section uint8

// The sections, by who acts next.
const (
	Errors Section = iota
	ActionRequired
	Orders
	Edits
	Deferred
	Protected // differs in nothing but what the manifest protects
	UpToDate
	NotEvaluated // only the list was read
)

// SectionOf returns the section of a step. One with an order is in Orders, even when
// it also needs a person: see NeedsAction.
func SectionOf(s plan.Step) Section {
	switch {
	case s.Fault != nil:
		return Errors
	case s.ListOnly:
		return NotEvaluated
	case s.HasOrder():
		return Orders
	case s.NeedsAction():
		return ActionRequired
	case len(s.Ops) > 0:
		return Edits
	case s.Waits():
		return Deferred
	case slices.ContainsFunc(s.Withheld, plan.Withheld.Protects):
		return Protected
	default:
		return UpToDate
	}
}

// In returns the steps of a section, the soonest expiry first; those never issued come last, by id.
func In(p plan.Plan, section Section) []plan.Step {
	return p.Where(func(s plan.Step) bool { return SectionOf(s) == section }).SoonestFirst()
}

// NeedAction returns every step that needs a person, those with an order included.
func NeedAction(p plan.Plan) []plan.Step {
	return p.Where(func(s plan.Step) bool { return s.Fault == nil && s.NeedsAction() }).SoonestFirst()
}

// AwaitingDCV returns the steps that wait for domain control validation, the soonest expiry first.
func AwaitingDCV(p plan.Plan) []plan.Step { return p.Where(plan.Step.AwaitsDCV).SoonestFirst() }

// WithNotes returns the steps of which there is something to know that asks nobody to
// act, and that is shown nowhere else; the soonest expiry first.
func WithNotes(p plan.Plan) []plan.Step {
	return p.Where(func(s plan.Step) bool { return len(s.Noted()) > 0 }).SoonestFirst()
}

// MostUrgentFirst returns all steps: what expires, then section by section.
func MostUrgentFirst(p plan.Plan) []plan.Step {
	all := Expiring(p)
	rest := map[Section][]plan.Step{}
	for _, s := range p.SoonestFirst() {
		if _, expires := WhyExpiring(s, p.Now); !expires {
			rest[SectionOf(s)] = append(rest[SectionOf(s)], s)
		}
	}
	for _, section := range []Section{Errors, Orders, Edits, ActionRequired, Deferred, Protected, UpToDate} {
		all = append(all, rest[section]...)
	}
	return all
}

// Unmanaged returns the live requests without a manifest as steps that decide nothing,
// by id, so that they can be shown like the others.
func Unmanaged(p plan.Plan) []plan.Step {
	all := make([]plan.Step, len(p.Unmanaged))
	for i, have := range p.Unmanaged {
		all[i] = plan.Step{
			Pair:  plan.Pair{Want: cert.Spec{ID: have.ID}, Have: have, Found: true},
			Phase: cert.PhaseOf(have, p.Now),
		}
	}
	return all
}

// UnmanagedExpiring returns those of them that are expired or expire soon, the soonest expiry first;
// none where the account was not read as a whole. Their status was not read.
func UnmanagedExpiring(p plan.Plan) []plan.Step {
	if !p.Complete {
		return nil
	}
	expiring := func(s plan.Step) bool {
		end := s.Have.Expires
		return !end.IsZero() && end.Sub(p.Now) < plan.Soon(s.Have, p.Now, s.Have.AutoRenew)
	}
	return plan.Plan{Steps: Unmanaged(p)}.Where(expiring).SoonestFirst()
}

// Group is the certificates that one cause and one action have in common.
type Group struct {
	Cause  string      // a code of an error or a warning, or a rule
	Action plan.Action // without what differs between certificates: deadline and id
	Next   plan.Actor
	Reason string      // the clauses that all have in common
	Until  string      // what ends it where nobody has to act; "" where that differs
	Steps  []plan.Step // the soonest end first
}

// Groups returns the certificates that need action or have withheld changes. Each is in one
// group, by what is most urgent about it. The group with the soonest end comes first. Text and
// JSON group those without operations alone: see Idle.
func Groups(p plan.Plan) []Group {
	type key struct {
		cause  string
		action plan.Action
		next   plan.Actor
	}
	var all []Group
	at := map[key]int{}
	for _, s := range p.SoonestFirst() {
		cause, is := causeOf(s)
		if !is {
			continue
		}
		k := key{cause.Cause, cause.Action, cause.Next}
		i, known := at[k]
		if !known {
			i, at[k] = len(all), len(all)
			all = append(all, cause)
		}
		g := &all[i]
		g.Steps = append(g.Steps, s)
		g.Reason = strings.Join(slices.DeleteFunc(clauses(g.Reason), func(c string) bool {
			return !slices.Contains(clauses(cause.Reason), c)
		}), "; ")
		if g.Until != cause.Until {
			g.Until = ""
		}
	}
	return all
}

// Idle returns the plan of the certificates without operations.
func Idle(p plan.Plan) plan.Plan {
	return p.Where(func(s plan.Step) bool { return len(s.Ops) == 0 })
}

// causeOf returns the most urgent cause of a certificate, as a group without certificates.
func causeOf(s plan.Step) (Group, bool) {
	if f := s.Fault; f != nil {
		return Group{Cause: f.Code, Action: plan.Advise(f.Hint), Next: plan.Person, Reason: f.Message}, true
	}
	for _, w := range s.Asking() {
		return Group{Cause: string(w.Code), Action: w.Do.Shared(), Next: plan.Person, Reason: w.Text}, true
	}
	i := slices.IndexFunc(s.Withheld, plan.Withheld.NeedsAction)
	if i < 0 {
		i = slices.IndexFunc(s.Withheld, func(b plan.Withheld) bool { return !b.Protects() })
	}
	if i < 0 {
		return Group{}, false
	}
	b := s.Withheld[i]
	return Group{Cause: string(b.Rule), Action: b.Do.Shared(), Next: b.Next, Reason: b.Because, Until: b.Until}, true
}

func clauses(reason string) []string { return strings.Split(reason, "; ") }
