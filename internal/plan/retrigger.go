package plan

import "github.com/cpsync/cpsync/internal/cert"

// retrigger decides whether to place the order of a request that timed out again.
// It is asked after every change was judged.
func (b *builder) retrigger() decision {
	d := decision{due: true, reason: b.retriggerDue()}
	if d.reason == "" || b.done.ordered() {
		return decision{}
	}
	for _, rule := range retriggerRules {
		if d.blocked = rule(b); d.blocked != nil {
			d.blocked.Edit = cert.EditRetrigger
			return d
		}
	}
	if !b.have.StatusRead() {
		panic("plan: a retrigger was planned without reading the status")
	}
	return d
}

// retriggerRules are asked in this order of every retrigger that is due.
var retriggerRules = []func(*builder) *Blocked{
	retriggerIsProtected,
	retriggerByPhase,
	wouldOrderOtherwise, // it would order what the manifest no longer asks for
	oneOrderARun,
	journalHolds,
	withoutModified,
	orderPause,
	renewalsOverTheCap,
}

// retriggerDue says why the policy asks for a retrigger today, or "".
func (b *builder) retriggerDue() string {
	until, ok := b.want.Policy.RetriggerUntil.Get()
	if !ok || b.step.Phase != cert.TimedOut || !b.now.Before(until.Add(day)) {
		return ""
	}
	return "policy.retrigger_until is " + until.Format(Date)
}

func retriggerIsProtected(b *builder) *Blocked {
	if !b.want.Policy.Protects(cert.EditRetrigger) {
		return nil
	}
	return protected(cert.EditRetrigger)
}

func retriggerByPhase(b *builder) *Blocked {
	return b.byTable(cert.EditRetrigger)
}

func wouldOrderOtherwise(b *builder) *Blocked {
	if !b.blocksAny(decidesOrder) {
		return nil
	}
	return &Blocked{Verdict: Locked, Rule: "differs", Next: You,
		Because: "it would order again what the manifest no longer asks for",
		Do:      "settle what is listed beside it first"}
}

// decidesOrder is a difference that an order would carry on.
func decidesOrder(x Blocked) bool {
	return x.Edit == cert.EditDomains || x.Edit == cert.EditDCVMethod || isExpectation(x)
}

func oneOrderARun(b *builder) *Blocked {
	for _, o := range b.step.Ops {
		if o.Order() {
			return oneOrder(cert.EditRetrigger)
		}
	}
	return nil
}

// oneOrder blocks what has to wait because this run already sends an order.
func oneOrder(e cert.Edit) *Blocked {
	return &Blocked{Edit: e, Verdict: Held, Rule: "one-order", Next: NextRun,
		Because: "one run starts one order for each certificate, and another goes first",
		Until:   "that order is through"}
}
