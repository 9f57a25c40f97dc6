package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// orderCooldown holds an order while the request changed lately: the API may show late
// what changed it, and it may have been an order.
func orderCooldown(b *builder, c diff.Change) *Withheld {
	changed := b.lastChange()
	until := changed.Add(b.o.OrderCooldown)
	if !b.now.Before(until) {
		return nil
	}
	what := "modified " + ago(b.now.Sub(changed))
	if changed.After(b.now) {
		what = "modified " + changed.UTC().Format(Minute)
	}
	switch ordered := b.o.Ordered[b.Want.ID]; {
	case changed.Equal(b.Have.Modified):
		if b.Have.ModifiedBy != "" {
			what += " by " + b.Have.ModifiedBy
		}
		if changed.After(b.now) {
			what += ", later than the clock of this plan"
		}
	case ordered.After(b.now):
		what = "the journal has an order of " + ordered.UTC().Format(Minute) + ", later than the clock of this run"
	case changed.Equal(ordered):
		what = "an order was sent " + ago(b.now.Sub(changed)) + " (journal)"
	}
	x := deferredBy(RuleOrderCooldown, what+"; "+orderNouns[c.Edit]+" is deferred for "+exactly(b.o.OrderCooldown)+" after a modification",
		"the cooldown is over").at(until)
	switch {
	case changed.After(b.now): // no other cooldown helps
		x.Do = Advise("correct the clock of this run, if it is wrong")
	case c.Edit == cert.EditDomains:
		x.Do = Advise("if no change of domains is in progress, run with  --only " + b.Want.ID.String() + " --order-cooldown 0s")
	}
	return x
}

// orderNouns are what people call the orders.
var orderNouns = map[cert.Edit]string{
	cert.EditDomains: "a change of domains", cert.EditRenew: "a renewal", cert.EditRetrigger: "a retrigger",
}

// ago writes how long something is past: below an hour in minutes, below two days in hours,
// rounded down.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than 1 min ago"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	default:
		return fmt.Sprintf("%d days ago", d/day)
	}
}

// exactly writes a time that was asked for.
func exactly(d time.Duration) string {
	switch {
	case d >= 2*day && d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	default:
		return d.String()
	}
}

// lastChange is when the request last changed in a way that may have been an order:
// last_modified without the writes of metadata that the journal proves to be this client's,
// or the last order of the journal.
func (b *builder) lastChange() time.Time {
	at := b.modified()
	own := b.o.Own[b.Want.ID]
	for i := len(own) - 1; i >= 0; i-- { // the latest first
		w := own[i]
		if w.Metadata && !w.Before.IsZero() && w.After.Equal(at) && w.Before.Before(at) {
			at = w.Before
		}
	}
	return b.orOrdered(at)
}

// orOrdered is a time, or that of the journal's last order if it is later: an order may leave
// last_modified as it was. Where the API says no time at all, none is made up. A time in the
// future, of a run with another clock, counts as now.
func (b *builder) orOrdered(at time.Time) time.Time {
	ordered := b.o.Ordered[b.Want.ID]
	if ordered.After(b.now) {
		ordered = b.now
	}
	if !at.IsZero() && ordered.After(at) {
		return ordered
	}
	return at
}

// withoutModified withholds orders of a request without last_modified: the cooldown can't be kept.
func withoutModified(b *builder, _ diff.Change) *Withheld {
	if !b.modified().IsZero() {
		return nil
	}
	return blockedBy(RuleNoLastModified, "the API did not say when the request last changed, "+
		"so an order that was just placed could be placed again", "look at the request in the portal and order there")
}

// pausing is the renewal, or the change of domains, that waits for the cooldown and
// for nothing else; nil when neither does.
func (b *builder) pausing(names diff.Change) *Withheld {
	if x := b.due.blocked; x != nil && x.Rule == RuleOrderCooldown {
		return x
	}
	if names.Remove, _ = b.split(names); names.Empty() {
		return nil
	}
	if x := b.withheldBy(names); x != nil && x.Rule == RuleOrderCooldown {
		return x
	}
	return nil
}

// waitsWithOrder defers the other edits while an order waits for the cooldown. Each would
// start it again, and with an edit every day the order would never be sent. auto_renew is not
// deferred, because it may keep the certificate from expiring.
func waitsWithOrder(b *builder, c diff.Change) *Withheld {
	if b.wait == nil || c.Edit == cert.EditAutoRenew || c.Edit == b.wait.Edit {
		return nil
	}
	until := "the renewal was ordered"
	if b.wait.Edit == cert.EditDomains {
		until = "the change of domains was sent"
	}
	because := orderNouns[b.wait.Edit] + " is deferred by the cooldown, and this edit would restart it"
	return deferredBy(RuleOrderCooldown, because, until).at(b.wait.UntilAt)
}

// restartCooldown corrects when the cooldown ends if this run itself sends an edit of
// auto_renew beside an order that waits, and no journal will prove that.
func (b *builder) restartCooldown() {
	if b.wait == nil || len(b.Ops) == 0 || b.o.Own != nil {
		return
	}
	for i := range b.Withheld {
		if b.Withheld[i].Rule == RuleOrderCooldown {
			b.Withheld[i].UntilAt = b.now.Add(b.o.OrderCooldown)
		}
	}
}

// modified is last_modified before this run's own writes.
func (b *builder) modified() time.Time {
	if !b.done.Modified.IsZero() || len(b.done.Edits) > 0 {
		return b.done.Modified
	}
	return b.Have.Modified
}

// before returns the request as it was before this run's own writes, modified when it last
// was or when the journal's last order was sent.
func (b *builder) before() cert.Live {
	have := b.Have
	have.Modified = b.orOrdered(b.modified())
	return have
}

// renewalCooldown withholds an undocumented renewal for seven days after the last change.
func renewalCooldown(b *builder, _ diff.Change) *Withheld {
	again := b.lastChange().Add(undocumentedCooldown)
	if ruleTable[b.Phase][cert.EditRenew] == allow || b.renewsAnyway() || !b.now.Before(again) {
		return nil
	}
	return deferredBy(RuleUndocumentedCooldown, "an undocumented renewal is sent once in 7 days; the request was modified "+
		b.lastChange().Format(Minute), "7 days have passed").at(again)
}

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

// refusedBefore returns what the API answered when an operation was last made; nil when
// it did not refuse.
func (o Options) refusedBefore(id cert.ID, op Operation) *Refusal {
	for _, r := range o.Refused[id] {
		isNew := func(c diff.Change) bool { return !slices.Contains(r.Asked, Asked(c)) }
		if r.Kind == op.Kind && !slices.ContainsFunc(op.Changes, isNew) {
			return &r
		}
	}
	return nil
}

// refusedLately holds an undocumented edit that the API refused when policy.allow_undocumented
// last sent it, while the request is still what it was: asking every day gets the same answer.
func refusedLately(b *builder, c diff.Change) *Withheld {
	var op Operation
	switch c.Edit {
	case cert.EditRenew:
		op.Kind = Renew
	case cert.EditRetrigger:
		op.Kind = Retrigger
	default:
		op.Changes = []diff.Change{c}
	}
	r := b.o.refusedBefore(b.Want.ID, op)
	if r == nil || !b.isTried(c.Edit) || !b.now.Before(r.At.Add(undocumentedCooldown)) ||
		r.Status != b.Have.Status || r.Order != b.Have.Order || !slices.Equal(r.Domains, b.Have.DomainStates()) {
		return nil
	}
	return deferredBy(RuleUndocumentedCooldown, "sent "+r.At.UTC().Format(Date)+" and refused: "+r.Answer,
		"the request's domains, status or order change, or 7 days have passed").at(r.At.Add(undocumentedCooldown))
}

// isTried reports whether an edit is sent because policy.allow_undocumented asks for it.
func (s Step) isTried(e cert.Edit) bool {
	return ruleTable[s.Phase][e] == undoc && s.Want.Policy.AllowsUndocumented(e)
}

// Tries reports whether an operation of the step is sent because policy.allow_undocumented asks for it,
// although it is undocumented what the API does with it.
func (s Step) Tries(o Operation) bool {
	if o.Kind != Patch {
		return s.isTried(o.Edit())
	}
	return slices.ContainsFunc(o.Changes, func(c diff.Change) bool { return s.isTried(c.Edit) })
}
