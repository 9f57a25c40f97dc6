package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// decideRetrigger decides whether to place the order of a request that timed out again.
// It is asked after every change was judged.
func (b *builder) decideRetrigger() decision {
	return b.byBoth(cert.EditRetrigger, (*builder).retriggerDue, (*builder).retriggerHere)
}

// retriggerHere decides by the clock of b alone.
func (b *builder) retriggerHere() decision {
	d := decision{due: true, reason: b.retriggerDue()}
	if d.reason == "" || b.done.ordered() {
		return decision{}
	}
	return b.judge(d, cert.EditRetrigger, retriggerRules)
}

// retriggerRules are asked in this order of a retrigger, as renewRules are.
var retriggerRules = []func(*builder) *Withheld{
	retriggerIsProtected,
	nothingToRetrigger,
	retriggerByPhase,
	retriggerRefusedLately,
	wouldOrderOtherwise, // it would order what the manifest no longer asks for
	oneOrderARun,
	orderPending,
	withoutModified,
	orderCooldown(cert.EditRetrigger),
	renewalsOverTheCap,
}

// retriggerDue says why the policy asks for a retrigger today, or "".
func (b *builder) retriggerDue() string {
	until, ok := retriggersUntil(b.Want.Policy, b.now)
	if !ok || b.Phase != cert.TimedOut {
		return ""
	}
	return "policy.retrigger_until is " + until.Format(Date) + inheritedFrom(b.Want, "policy.retrigger_until")
}

// retriggersUntil returns the last day on which the policy asks for retriggers; false when
// it is over.
func retriggersUntil(p cert.Policy, now time.Time) (until time.Time, ok bool) {
	until, ok = p.RetriggerUntil.Get()
	return until, ok && now.Before(until.Add(day))
}

func retriggerIsProtected(b *builder) *Withheld {
	if !b.Want.Policy.Protects(cert.EditRetrigger) {
		return nil
	}
	return protectedBy(b.Want, cert.EditRetrigger)
}

func retriggerByPhase(b *builder) *Withheld {
	return b.byTable(cert.EditRetrigger)
}

func wouldOrderOtherwise(b *builder) *Withheld {
	settles := func(x Withheld) bool { return decidesOrder(x) && x.Rule != RuleOrderCooldown }
	if !b.blocksAny(settles) {
		return nil
	}
	if !b.blocksAny(func(x Withheld) bool { return settles(x) && x.Rule != RuleFreeze }) {
		return &Withheld{Verdict: Deferred, Rule: RuleFreeze, Next: NextRun,
			Because: "another change of this certificate goes first, and a limit of 0 defers it", Until: "the limit is lifted"}
	}
	return &Withheld{Verdict: Blocked, Rule: RuleDifferenceWithheld, Next: Person,
		Because: "it would order again what the manifest no longer asks for",
		Do:      Advise("resolve the other differences of this certificate first")}
}

// decidesOrder reports whether an order would repeat the difference.
func decidesOrder(x Withheld) bool {
	return x.Edit == cert.EditDomains || x.Edit == cert.EditDCVMethod || isExpectation(x)
}

func oneOrderARun(b *builder) *Withheld {
	switch {
	case b.wait != nil:
		return oneOrder(cert.EditRetrigger)
	case !b.HasOrder():
		return nil
	}
	return b.afterDomains(cert.EditRetrigger)
}

// afterDomains blocks what has to wait for the PATCH of names of this run, which is not
// made while a limit is exceeded.
func (b *builder) afterDomains(e cert.Edit) *Withheld {
	if !b.fleet.limited {
		return oneOrder(e)
	}
	return &Withheld{Edit: e, Verdict: Deferred, Rule: RuleLimit, Next: Person,
		Because: "a change of domains goes first, and no edit is sent while a limit is exceeded",
		Do:      Advise("raise the exceeded limit")}
}

// oneOrder blocks what has to wait because this run already sends an order.
func oneOrder(e cert.Edit) *Withheld {
	return &Withheld{Edit: e, Verdict: Deferred, Rule: RuleOneOrder, Next: NextRun,
		Because: "one run creates one order for each certificate, and another order comes first",
		Until:   "that order is complete"}
}
