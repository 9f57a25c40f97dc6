package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// orders reports whether the edit is an order at the CA.
func orders(e cert.Edit) bool {
	return slices.Contains([]cert.Edit{cert.EditDomains, cert.EditRenew, cert.EditRetrigger}, e)
}

// before is the request as it was before this run's own writes moved last_modified.
func (b *builder) before() cert.Live {
	have := b.Have
	have.Modified = b.modified()
	return have
}

// orderOpen defers an order while another one is open, whatever policy.try says: a name
// of it failed, and still the CA may issue for it.
func (b *builder) orderOpen(e cert.Edit) *Blocked {
	if refused := withoutModified(b); refused != nil {
		return refused
	}
	x := Blocked{Edit: e, Verdict: Held, Rule: RuleOrderOpen, Next: CA, UntilAt: b.modified().Add(cert.ControlSearch),
		Because: "an order is still open, although a name of it failed, and another could be the second",
		Until:   "the order is through, or the request has not changed for 7 days"}
	if rules[b.Phase][e] == grey && !b.Want.Policy.Tries(e) {
		x.Do = b.toTry(e, b.words().do)
	}
	return &x
}
