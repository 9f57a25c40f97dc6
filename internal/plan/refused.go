package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Refusal is a write that the API refused when it was last made, from a journal, and what
// the request looked like right before.
type Refusal struct {
	Kind   Kind
	Asked  []string // what each change of a PATCH asked for
	At     time.Time
	Answer string

	Status  cert.Status
	Order   cert.OrderStatus
	Domains []string // each with its status
}

// Asked identifies a change among those of the same field, for a journal.
func Asked(c diff.Change) string { return hash(Operation{Changes: []diff.Change{c}}.asks()) }

// about reports whether the refusal is of an operation.
func (r Refusal) about(o Operation) bool {
	return r.Kind == o.Kind && !slices.ContainsFunc(o.Changes, func(c diff.Change) bool { return !slices.Contains(r.Asked, Asked(c)) })
}

// stillApplies reports whether the request is still what it was when it refused.
func (r Refusal) stillApplies(have cert.Live) bool {
	return r.Status == have.Status && r.Order == have.Order && slices.Equal(r.Domains, have.DomainStates())
}

// refusedBefore returns what the API answered when an operation was last made; nil when
// it did not refuse.
func (o Options) refusedBefore(id cert.ID, op Operation) *Refusal {
	for _, r := range o.Refused[id] {
		if r.about(op) {
			return &r
		}
	}
	return nil
}

// refusedBefore holds an undocumented edit that the API refused when
// policy.allow_undocumented last sent it: asking every day gets the same answer.
func (b *builder) refusedBefore(op Operation, e cert.Edit) *Withheld {
	r := b.o.refusedBefore(b.Want.ID, op)
	if r == nil || !b.Want.Policy.AllowsUndocumented(e) || ruleTable[b.Phase][e] != undoc || !r.stillApplies(b.Have) || !b.now.Before(r.At.Add(undocumentedCooldown)) {
		return nil
	}
	return &Withheld{Edit: e, Verdict: Deferred, Rule: RuleUndocumentedCooldown, Next: NextRun, UntilAt: r.At.Add(undocumentedCooldown),
		Because: "sent " + r.At.UTC().Format(Date) + " and refused: " + r.Answer,
		Until:   "the request's domains, status or order change, or 7 days have passed"}
}

func editRefusedLately(b *builder, c diff.Change) *Withheld {
	return b.refusedBefore(Operation{Changes: []diff.Change{c}}, c.Edit)
}

func renewRefusedLately(b *builder) *Withheld {
	return b.refusedBefore(Operation{Kind: Renew}, cert.EditRenew)
}

func retriggerRefusedLately(b *builder) *Withheld {
	return b.refusedBefore(Operation{Kind: Retrigger}, cert.EditRetrigger)
}

// Tries reports whether an operation of the step is sent because policy.allow_undocumented asks for it,
// although it is undocumented what the API does with it.
func (s Step) Tries(o Operation) bool {
	tried := func(e cert.Edit) bool { return ruleTable[s.Phase][e] == undoc && s.Want.Policy.AllowsUndocumented(e) }
	if o.Kind != Patch {
		return tried(o.Edit())
	}
	return slices.ContainsFunc(o.Changes, func(c diff.Change) bool { return tried(c.Edit) })
}
