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
func orderCooldown(e cert.Edit) func(*builder) *Withheld {
	return func(b *builder) *Withheld {
		changed := b.lastChange()
		until := changed.Add(b.o.OrderCooldown)
		if !b.now.Before(until) {
			return nil
		}
		what := "modified " + ago(b.now.Sub(changed))
		switch ordered := b.o.Ordered[b.Want.ID]; {
		case changed.Equal(b.Have.Modified):
			if b.Have.ModifiedBy != "" {
				what += " by " + b.Have.ModifiedBy
			}
		case ordered.After(b.now):
			what = "the journal has an order of " + ordered.UTC().Format(Minute) + ", later than the clock of this run"
		case changed.Equal(ordered):
			what = "an order was sent " + ago(b.now.Sub(changed)) + " (journal)"
		}
		return &Withheld{Verdict: Deferred, Rule: RuleOrderCooldown, Next: NextRun, UntilAt: until,
			Because: what + "; " + orderNouns[e] + " is deferred for " + exactly(b.o.OrderCooldown) + " after a modification",
			Until:   "the cooldown is over"}
	}
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
func withoutModified(b *builder) *Withheld {
	if !b.modified().IsZero() {
		return nil
	}
	return &Withheld{Verdict: Blocked, Rule: RuleNoLastModified, Next: Person,
		Because: "the API did not say when the request last changed, so an order that was just placed could be placed again",
		Do:      Advise("look at the request in the portal and order there")}
}

// domainsCooldown keeps the cooldown for a change of domains, which is an order too.
func domainsCooldown(b *builder, c diff.Change) *Withheld {
	if c.Edit != cert.EditDomains {
		return nil
	}
	if refused := withoutModified(b); refused != nil {
		return refused
	}
	refused := orderCooldown(cert.EditDomains)(b)
	if refused != nil {
		refused.Do = Advise("if no change of domains is in progress, run with  --only " + b.Want.ID.String() + " --order-cooldown 0s")
	}
	return refused
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
	refused := b.withheldBy(names)
	if refused == nil || refused.Rule != RuleOrderCooldown {
		return nil
	}
	refused.Edit = cert.EditDomains
	return refused
}

// waitsWithOrder defers the other edits while an order waits for the cooldown. Each would
// start it again, and with an edit every day the order would never be sent. auto_renew is not
// deferred, because it may keep the certificate from expiring.
func waitsWithOrder(b *builder, c diff.Change) *Withheld {
	if b.wait == nil || c.Edit == cert.EditAutoRenew || c.Edit == b.wait.Edit {
		return nil
	}
	waits, until := "a renewal", "the renewal was ordered"
	if b.wait.Edit == cert.EditDomains {
		waits, until = "a change of domains", "the change of domains was sent"
	}
	return &Withheld{Verdict: Deferred, Rule: RuleOrderCooldown, Next: NextRun, UntilAt: b.wait.UntilAt,
		Because: waits + " is deferred by the cooldown, and this edit would restart it",
		Until:   until}
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
	if !b.done.Modified.IsZero() || len(b.done.Sent) > 0 {
		return b.done.Modified
	}
	return b.Have.Modified
}

// orders reports whether the edit is an order at the CA.
func orders(e cert.Edit) bool {
	return slices.Contains([]cert.Edit{cert.EditDomains, cert.EditRenew, cert.EditRetrigger}, e)
}

// before returns the request as it was before this run's own writes, modified when it last
// was or when the journal's last order was sent.
func (b *builder) before() cert.Live {
	have := b.Have
	have.Modified = b.orOrdered(b.modified())
	return have
}

// orderOpen defers an order while another one is open, whatever policy.allow_undocumented says: a name
// of it failed, and still the CA may issue for it.
func (b *builder) orderOpen(e cert.Edit) *Withheld {
	if refused := withoutModified(b); refused != nil {
		return refused
	}
	x := Withheld{Edit: e, Verdict: Deferred, Rule: RuleOrderOpen, Next: CA, UntilAt: b.before().Modified.Add(cert.DCVSearch),
		Because: "an order is still open, although one of its domains failed; another order could be a duplicate",
		Until:   "the order is complete, or the request has not changed for 7 days"}
	if ruleTable[b.Phase][e] == undoc && !b.Want.Policy.AllowsUndocumented(e) {
		x.Do = b.undocumentedAction(e, b.words().Do)
	}
	return &x
}
