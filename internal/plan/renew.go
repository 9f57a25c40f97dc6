package plan

import (
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// decision is what was decided of a renewal or a retrigger that a policy asks
// for. The zero value: the policy asks for nothing today.
type decision struct {
	due     bool      // the policy asks for it today
	reason  string    // why, in words
	blocked *Withheld // why it is not sent all the same; nil: send it
	met     bool      // it is in progress already
}

func (d decision) goes() bool { return d.due && d.blocked == nil && !d.met }

// paced reports whether it waits for room in a later run and for nothing else.
func (d decision) paced() bool {
	return d.blocked != nil && (d.blocked.Rule == RuleMaxRenewals || d.blocked.Rule == RuleFreeze)
}

// decideRenewal decides whether to renew. The first rule that refuses wins.
func (b *builder) decideRenewal() decision {
	return b.byBoth(cert.EditRenew, (*builder).renewalDue, (*builder).renewalHere)
}

// renewalHere decides by the clock of b alone.
func (b *builder) renewalHere() decision {
	d := decision{due: true, reason: b.renewalDue()}
	if d.reason == "" {
		return b.neverReached()
	}
	if b.done.ordered() {
		return decision{}
	}
	if b.Have.Renewing() {
		return decision{met: true, reason: d.reason}
	}
	return b.judge(d, cert.EditRenew, renewRules)
}

// judge is what the rules make of an order that is due: the first that refuses wins.
func (b *builder) judge(d decision, e cert.Edit, rules []func(*builder) *Withheld) decision {
	if d.blocked = b.firstOf(rules); d.blocked != nil {
		d.blocked.Edit = e
		return d
	}
	if !b.Have.StatusRead() {
		panic("plan: a " + e.String() + " was planned without reading the status")
	}
	return d
}

// firstOf returns what the first of the rules that refuses says, or nil.
func (b *builder) firstOf(rules []func(*builder) *Withheld) *Withheld {
	for _, rule := range rules {
		if refused := rule(b); refused != nil {
			return refused
		}
	}
	return nil
}

// renewRules are asked in this order of a renewal: one that is due, and in an outlook one
// that would be.
var renewRules = []func(*builder) *Withheld{
	renewIsProtected,
	nothingToRenew,
	autoRenewWasOn, // CPS may have ordered already
	renewByPhase,   // the table
	renewsByItself,
	windowNotOpen,
	renewalCooldown,
	renewRefusedLately,
	dateNotReached,                // renewing today would call for another renewal
	orderPending,                  // an order that no reading has shown
	withoutModified,               // the cooldown can't be kept
	orderCooldown(cert.EditRenew), // the API may show an order late
	renewalsOverTheCap,            // --max-renewals
}

// renewalDue says why the policy asks for a renewal today, or "". As the end comes
// nearer one is asked for only where auto-renew is, or is to be, off.
func (b *builder) renewalDue() string {
	if why := b.dueByExpiry(); why != "" || !b.renewsNow() {
		return why
	}
	return "policy.renew_if_thumbprint names the active certificate"
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

// neverReached is a date in the policy that no renewal of this certificate can
// reach, however late it is made. A person has to correct it.
func (b *builder) neverReached() decision {
	by, ok := b.Want.Policy.RenewIfExpiresBefore.Get()
	end := b.Have.Expires
	if !ok || end.IsZero() || !end.Before(by) || b.Want.AutoRenew.Or(b.Have.AutoRenew) {
		return decision{}
	}
	if _, ok := reaching(by, end, b.now); ok {
		return decision{}
	}
	return decision{due: false, blocked: b.dateUnreachable(by)}
}

// dateNotReached withholds a renewal that would end before the date of the policy, and so
// call for the next one.
func dateNotReached(b *builder) *Withheld {
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
	return &Withheld{Verdict: Deferred, Rule: RuleDateNotReachable, Next: NextRun, UntilAt: from,
		Because: "a certificate ordered today expires about " + reaches.Format(Date) + ", before " + by.Format(Date),
		Until:   "a new certificate is valid until that date"}
}

func (b *builder) dateUnreachable(by time.Time) *Withheld {
	return &Withheld{Edit: cert.EditRenew, Verdict: NotPossible, Rule: RuleDateNotReachable, Next: Person,
		Because: fmt.Sprintf("no certificate issued now is valid for more than %s, and policy.renew_if_expires_before is %s",
			days(MaxValidity(b.now)), by.Format(Date)) + inheritedFrom(b.Want, "policy.renew_if_expires_before"),
		Do: Advise("set renew_if_expires_before to an earlier date")}
}

func renewIsProtected(b *builder) *Withheld {
	if !b.Want.Policy.Protects(cert.EditRenew) {
		return nil
	}
	return protectedBy(b.Want, cert.EditRenew)
}

// autoRenewWasOn withholds a renewal if auto_renew was on when this run began, because CPS may
// have ordered.
func autoRenewWasOn(b *builder) *Withheld {
	if b.renewsNow() || !b.Have.AutoRenew && !b.done.Has(cert.EditAutoRenew) {
		return nil
	}
	if b.Want.AutoRenew.Or(b.Have.AutoRenew) {
		return nil // see renewsByItself
	}
	switch refused := b.withheldBy(diff.Change{Edit: cert.EditAutoRenew}); {
	case refused == nil:
	case refused.Rule == RuleFreeze:
		refused.Rule, refused.Because = RuleAutoRenewOn, "auto_renew is on, and the edit that switches it off is deferred: "+refused.Because
		return refused
	default:
		return &Withheld{Verdict: Blocked, Rule: RuleAutoRenewOn, Next: Person,
			Because: "auto_renew is on, and the edit that switches it off is not sent: " + refused.Because, Do: Advise("switch auto_renew off first")}
	}
	return &Withheld{Verdict: Deferred, Rule: RuleAutoRenewOn, Next: NextRun,
		Because: "this run switches auto_renew off, and CPS may have ordered already",
		Until:   "the next run after that"}
}

func renewByPhase(b *builder) *Withheld {
	if b.renewsAnyway() {
		return nil
	}
	refused := b.byTable(cert.EditRenew)
	if refused != nil && refused.Verdict == Deferred && refused.Rule != RuleOrderOpen {
		refused.Because = "another order must complete first"
	}
	return refused
}

// renewsAnyway reports whether the policy names the thumbprint of a certificate that was
// revoked or has ended, so that it is renewed in any phase.
func (b *builder) renewsAnyway() bool {
	over := b.Phase == cert.Expired || b.Phase == cert.OrderFailed && b.Have.Order == cert.OrderRevoked
	return over && b.renewsNow()
}

// renewalCooldown withholds an undocumented renewal for seven days after the last change.
func renewalCooldown(b *builder) *Withheld {
	again := b.lastChange().Add(undocumentedCooldown)
	if ruleTable[b.Phase][cert.EditRenew] == allow || b.renewsAnyway() || !b.now.Before(again) {
		return nil
	}
	return &Withheld{Verdict: Deferred, Rule: RuleUndocumentedCooldown, Next: NextRun, UntilAt: again,
		Because: "an undocumented renewal is sent once in 7 days; the request was modified " + b.lastChange().Format(Minute),
		Until:   "7 days have passed"}
}

// orderPending withholds orders while the journal has one that no reading has shown. Another
// one could be the second.
func orderPending(b *builder) *Withheld {
	h := b.pending
	if h == nil || b.done.ordered() {
		return nil
	}
	if until, ok := h.expected(b.now); ok {
		return &Withheld{Verdict: Deferred, Rule: RuleJournal, Next: NextRun, UntilAt: until,
			Because: fmt.Sprintf("the journal has a pending %s: accepted %s, not visible yet", h.Noun(), h.Answered.UTC().Format(Minute)),
			Until:   "it is visible, or 24 hours have passed"}
	}
	return &Withheld{Verdict: Deferred, Rule: RuleJournal, Next: Person,
		Because: fmt.Sprintf("the journal has a pending %s: sent %s, not visible (%s)", h.Noun(), h.Sent.UTC().Format(Minute), h.Line),
		Until:   "it is visible",
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

func renewalsOverTheCap(b *builder) *Withheld {
	if !b.fleet.paced {
		return nil
	}
	if b.o.MaxRenewals == 0 {
		return frozen("--max-renewals")
	}
	return &Withheld{Verdict: Deferred, Rule: RuleMaxRenewals, Next: NextRun, Because: paceOf(b.o.MaxRenewals), Until: "a later run starts it"}
}

func paceOf(most int) string {
	if most == 1 {
		return "one run starts at most 1 renewal or retrigger, and another is due first"
	}
	return fmt.Sprintf("one run starts at most %d renewals and retriggers, and others are due first", most)
}

// days writes a duration as policies do: whole days as 30d, else hours.
func days(d time.Duration) string {
	if d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return fmt.Sprintf("%dh", d/time.Hour)
}
