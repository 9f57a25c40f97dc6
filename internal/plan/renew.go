package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// decision is what was decided of a renewal or a retrigger. The zero value: the policy asks for
// nothing today.
type decision struct {
	reason  string    // why the policy asks for it today, in words
	blocked *Withheld // why it is not sent all the same; nil: send it
	met     bool      // it is in progress already
}

func (d decision) goes() bool { return d.reason != "" && d.blocked == nil && !d.met }

// decideOrder decides whether to renew, or to place the order of a request that timed out again,
// by our clock and by that of the API. It goes out only where both let it go: a clock that is off
// must not start anything. A retrigger is asked for after every change was judged.
func (b *builder) decideOrder(e cert.Edit) decision {
	there, differ := b.there()
	switch {
	case !differ, b.done.ordered(), b.Have.Renewing(), b.Want.Policy.Protects(e):
		return b.decideHere(e)
	case (b.whyDue(e) == "") != (there.whyDue(e) == ""):
		by, no := "the clock here, "+b.now.UTC().Format(Minute), "that of the API, "+there.now.UTC().Format(Minute)
		if b.whyDue(e) == "" {
			by, no = "the clock of the API, "+there.now.UTC().Format(Minute), "that here, "+b.now.UTC().Format(Minute)
		}
		x := deferredBy(RuleClock, "it is due by "+by+", and not by "+no, "it is due by both")
		x.Edit, x.Do = e, Advise("correct the wrong clock")
		return decision{blocked: x}
	}
	if d := b.decideHere(e); !d.goes() {
		return d
	}
	return there.decideHere(e)
}

// decideHere decides by the clock of b alone.
func (b *builder) decideHere(e cert.Edit) decision {
	d := decision{reason: b.whyDue(e)}
	switch {
	case d.reason == "" && e == cert.EditRenew:
		return decision{blocked: b.neverReached()}
	case d.reason == "" || b.done.ordered():
		return decision{}
	case e == cert.EditRenew && b.Have.Renewing():
		d.met = true
		return d
	}
	if d.blocked = b.withheldBy(diff.Change{Edit: e}); d.blocked == nil && !b.Have.StatusRead() {
		panic("plan: a " + e.String() + " was planned without reading the status")
	}
	return d
}

// there returns b with the clock of the API in place of ours; false where the two agree.
func (b *builder) there() (*builder, bool) {
	if b.o.Server.IsZero() {
		return nil, false
	}
	other := *b
	other.now, other.o.Server = b.o.Server, time.Time{}
	other.Phase = cert.PhaseOf(b.Have, other.now)
	return &other, true
}

// OffClock returns the steps with an order that one of two clocks asks for and the other does not.
func (p Plan) OffClock() []Step {
	byOne := func(x Withheld) bool { return x.Rule == RuleClock }
	return p.Where(func(s Step) bool { return slices.ContainsFunc(s.Withheld, byOne) }).Steps
}

// whyDue says why the policy asks for a renewal or a retrigger today, or "". As the end comes
// nearer a renewal is asked for only where auto-renew is, or is to be, off.
func (b *builder) whyDue(e cert.Edit) string {
	if e == cert.EditRetrigger {
		until, ok := retriggersUntil(b.Want.Policy, b.now)
		if !ok || b.Phase != cert.TimedOut {
			return ""
		}
		return b.sayKey("policy.retrigger_until", until.Format(Date))
	}
	if why := b.dueByExpiry(); why != "" || !b.renewsNow() {
		return why
	}
	return "policy.renew_if_thumbprint names the active certificate"
}

// retriggersUntil returns the last day on which the policy asks for retriggers; false when it is over.
func retriggersUntil(p cert.Policy, now time.Time) (until time.Time, ok bool) {
	until, ok = p.RetriggerUntil.Get()
	return until, ok && now.Before(until.Add(day))
}

// renewsNow reports whether the policy asks for a renewal out of turn.
func (b *builder) renewsNow() bool { return b.Want.Policy.RenewsNow(b.Have.Thumbprint) }

// dueByExpiry says why the end that comes nearer asks for a renewal, or "".
func (b *builder) dueByExpiry() string {
	p := b.Want.Policy
	left := b.Have.Expires.Sub(b.now)
	if !b.Have.Issued() || b.Have.Expires.IsZero() || left > window(b.now) || b.Want.AutoRenew.Or(b.Have.AutoRenew) {
		return ""
	}
	if before, ok := p.RenewBefore.Get(); ok && left < before {
		return "expires in less than renew_before: " + days(before) + inheritedFrom(b.Want, "policy.renew_before")
	}
	if by, ok := p.RenewIfExpiresBefore.Get(); ok && b.Have.Expires.Before(by) {
		return "expires before renew_if_expires_before: " + by.Format(Date) + inheritedFrom(b.Want, "policy.renew_if_expires_before")
	}
	return ""
}

// neverReached finds a date in the policy that no renewal of this certificate can
// reach, however late it is made. A person has to correct it.
func (b *builder) neverReached() *Withheld {
	by, ok := b.Want.Policy.RenewIfExpiresBefore.Get()
	end := b.Have.Expires
	_, reached := reaching(by, end, b.now)
	if !ok || end.IsZero() || !end.Before(by) || b.Want.AutoRenew.Or(b.Have.AutoRenew) || reached {
		return nil
	}
	return b.dateUnreachable(by)
}

func (b *builder) dateUnreachable(by time.Time) *Withheld {
	x := blockedBy(RuleDateNotReachable, "no certificate issued now is valid for more than "+days(MaxValidity(b.now))+
		", and "+b.sayKey("policy.renew_if_expires_before", by.Format(Date)), "set renew_if_expires_before to an earlier date")
	x.Edit, x.Verdict = cert.EditRenew, NotPossible
	return x
}

// dateNotReached withholds a renewal that would end before the date of the policy, and so
// call for the next one.
func dateNotReached(b *builder, _ diff.Change) *Withheld {
	by, ok := b.Want.Policy.RenewIfExpiresBefore.Get()
	before, also := b.Want.Policy.RenewBefore.Get()
	dueAnyway := also && b.Have.Expires.Sub(b.now) < before
	reaches := b.now.Add(MaxValidity(b.now))
	if !ok || dueAnyway || b.renewsNow() || !b.Have.Expires.Before(by) || !reaches.Before(by) {
		return nil
	}
	from, ok := reaching(by, b.Have.Expires, b.now)
	if !ok {
		return b.dateUnreachable(by)
	}
	return deferredBy(RuleDateNotReachable, "a certificate ordered today expires about "+reaches.Format(Date)+", before "+by.Format(Date),
		"a new certificate is valid until that date").at(from)
}

func nothingToRenew(b *builder, c diff.Change) *Withheld {
	if b.Have.Issued() {
		return nil
	}
	x := byTable(b, c)
	if x != nil {
		x.Because = "there is no certificate to renew"
		if x.Verdict == Blocked {
			x.Do = Advise("nothing before the first certificate")
		}
	}
	return x
}

// autoRenewWasOn withholds a renewal if auto_renew was on when this run began, because CPS may
// have ordered.
func autoRenewWasOn(b *builder, _ diff.Change) *Withheld {
	if b.renewsNow() || !b.Have.AutoRenew && !b.done.Has(cert.EditAutoRenew) {
		return nil
	}
	if b.Want.AutoRenew.Or(b.Have.AutoRenew) {
		return nil // see renewsByItself
	}
	held, do := b.heldBack()
	switch refused := b.withheldBy(diff.Change{Edit: cert.EditAutoRenew}); {
	case refused == nil && !do.None():
		x := blockedBy(RuleAutoRenewOn, "auto_renew is on, and the edit that switches it off is not sent: "+held, do.Text)
		x.Verdict = Deferred
		return x
	case refused == nil:
		return deferredBy(RuleAutoRenewOn, "this run switches auto_renew off, and CPS may have ordered already", "the next run after that")
	case refused.Rule == RuleFreeze:
		refused.Rule, refused.Because = RuleAutoRenewOn, "auto_renew is on, and the edit that switches it off is deferred: "+refused.Because
		return refused
	default:
		return blockedBy(RuleAutoRenewOn, "auto_renew is on, and the edit that switches it off is not sent: "+refused.Because,
			"switch auto_renew off first")
	}
}

// renewByTable asks the table, but for a certificate that was revoked or has ended and that the policy names.
func renewByTable(b *builder, c diff.Change) *Withheld {
	if b.renewsAnyway() {
		return nil
	}
	x := byTable(b, c)
	if x != nil && x.Verdict == Deferred && x.Rule != RuleOrderOpen && !b.Have.RenewalIssued() {
		x.Because = "another order must complete first"
	}
	return x
}

// renewsAnyway reports whether the policy names the thumbprint of a certificate that was
// revoked or has ended, so that it is renewed in any phase.
func (b *builder) renewsAnyway() bool {
	over := b.Phase == cert.Expired || b.Phase == cert.OrderFailed && b.Have.Order == cert.OrderRevoked
	return over && b.renewsNow()
}

// renewsByItself withholds renewals while auto_renew is on and stays on.
func renewsByItself(b *builder, _ diff.Change) *Withheld {
	if b.renewsNow() || !b.Have.AutoRenew || !b.Want.AutoRenew.Or(true) {
		return nil
	}
	return blockedBy(RuleAutoRenewOn, "auto_renew is on: CPS renews by itself, and cpsync orders no renewal beside it",
		"manage auto_renew: false")
}

func windowNotOpen(b *builder, _ diff.Change) *Withheld {
	opens := b.Have.Expires.Add(-window(b.now))
	if b.renewsNow() || b.Have.Expires.IsZero() || !b.now.Before(opens) {
		return nil
	}
	return deferredBy(RuleWindow, "renewals open "+opening(b.now)+" before expiry", "they are open").at(opens)
}

func nothingToRetrigger(b *builder, _ diff.Change) *Withheld {
	if b.Phase == cert.TimedOut || b.Phase == cert.Unknown || ruleTable[b.Phase][cert.EditRetrigger] != never {
		return nil
	}
	return blockedBy(PhaseRule(b.Phase), "only a request that timed out before its first certificate can be submitted again",
		"nothing: there is no order to place again")
}

// wouldOrderOtherwise withholds a retrigger that would order what the manifest no longer asks for.
func wouldOrderOtherwise(b *builder, _ diff.Change) *Withheld {
	settles := func(x Withheld) bool { return decidesOrder(x) && x.Rule != RuleOrderCooldown }
	unfrozen := func(x Withheld) bool { return settles(x) && x.Rule != RuleFreeze }
	switch {
	case !slices.ContainsFunc(b.Withheld, settles):
		return nil
	case !slices.ContainsFunc(b.Withheld, unfrozen):
		return deferredBy(RuleFreeze, "another change of this certificate goes first, and a limit of 0 defers it", "the limit is lifted")
	default:
		return blockedBy(RuleDifferenceWithheld, "it would order again what the manifest no longer asks for",
			"resolve the other differences of this certificate first")
	}
}

// decidesOrder reports whether an order would repeat the difference.
func decidesOrder(x Withheld) bool {
	return x.Edit == cert.EditDomains || x.Edit == cert.EditDCVMethod || isExpectation(x)
}

func oneOrderARun(b *builder, _ diff.Change) *Withheld {
	switch {
	case b.wait != nil:
		return oneOrder()
	case b.HasOrder():
		return b.afterDomains()
	}
	return nil
}

// afterDomains defers what has to wait for the PATCH of names of this run, which is not
// made while a limit is exceeded.
func (b *builder) afterDomains() *Withheld {
	if !b.fleet.limited {
		return oneOrder()
	}
	x := blockedBy(RuleLimit, "a change of domains goes first, and no edit is sent while a limit is exceeded", "raise the exceeded limit")
	x.Verdict = Deferred
	return x
}

// oneOrder defers what has to wait because this run already sends an order.
func oneOrder() *Withheld {
	return deferredBy(RuleOneOrder, "one run creates one order for each certificate, and another order comes first",
		"that order is complete")
}

// orderPending withholds orders while the journal has one that no reading has shown. Another
// one could be the second.
func orderPending(b *builder, _ diff.Change) *Withheld {
	h := b.pending
	if h == nil || b.done.ordered() {
		return nil
	}
	has := "the journal has a pending " + h.Noun()
	if until, ok := h.expected(b.now); ok {
		return deferredBy(RuleJournal, has+": accepted "+h.Answered.UTC().Format(Minute)+", not visible yet",
			"it is visible, or 24 hours have passed").at(until)
	}
	return &Withheld{Verdict: Deferred, Rule: RuleJournal, Next: Person, Until: "it is visible",
		Because: has + ": sent " + h.Sent.UTC().Format(Minute) + ", not visible (" + h.Line + ")",
		Do:      Action{Kind: SettleOrder, ID: b.Want.ID}}
}

// showsWithin is how long an order that the API accepted is expected to show by itself.
const showsWithin = 24 * time.Hour

// expected reports whether the API accepted the order lately, and until when that is.
func (h PendingOrder) expected(now time.Time) (until time.Time, ok bool) {
	until = h.Answered.Add(showsWithin)
	return until, !h.Answered.IsZero() && now.Before(until)
}

// Noun is what people call the order.
func (h PendingOrder) Noun() string {
	return [...]string{"change of domains", "renewal", "retrigger"}[h.Kind]
}

// days writes a duration as policies do: whole days as 30d, else hours.
func days(d time.Duration) string {
	if d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return fmt.Sprintf("%dh", d/time.Hour)
}
