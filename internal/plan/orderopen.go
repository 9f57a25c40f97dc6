package plan

import (
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// orderRule is the rule of what waits for an order whose end is not known.
const orderRule = "order-open"

// orders reports whether the edit is an order at the CA.
func orders(e cert.Edit) bool {
	return slices.Contains([]cert.Edit{cert.EditDomains, cert.EditRenew, cert.EditRetrigger}, e)
}

// before is the request as it was before this run's own writes moved last_modified.
func (b *builder) before() cert.Live {
	have := b.have
	have.Modified = b.modified()
	return have
}

// orderOpen defers an order while another one is open, whatever policy.try says: a name
// of it failed, and still the CA may issue for it.
func (b *builder) orderOpen(e cert.Edit) *Blocked {
	if refused := withoutModified(b); refused != nil {
		return refused
	}
	x := Blocked{Edit: e, Verdict: Held, Rule: orderRule, Next: CA, UntilAt: b.modified().Add(cert.ControlSearch),
		Because: "an order is still open, although a name of it failed, and another could be the second",
		Until:   "the order is through, or the request has not changed for 7 days"}
	if rules[b.step.Phase][e] == grey && !b.want.Policy.Tries(e) {
		x.Do = doOf(b.step.Phase, b.have)
	}
	return &x
}

// failing says that the open order of a certificate in service fails, or "".
func failing(have cert.Live) string {
	n := len(have.Failed())
	if n == 0 || !have.Order.Open() || !have.Issued() {
		return ""
	}
	failed := fmt.Sprintf("%d names were", n)
	if n == 1 {
		failed = "1 name was"
	}
	if have.TimedOut() {
		return "its " + orderNoun(have.Order) + " timed out: " + failed + " not proven in time"
	}
	return "its " + orderNoun(have.Order) + " is refused: " + failed + " refused by the CA"
}

// orderNoun is what people call an order.
func orderNoun(o cert.OrderStatus) string {
	switch o {
	case cert.OrderAwaitingRenewal, cert.OrderPendingRenewal:
		return "renewal"
	case cert.OrderAwaitingReissue, cert.OrderPendingReissue:
		return "reissue"
	case cert.OrderAwaitingOrgUpdate, cert.OrderPendingOrgUpdate:
		return "change of organization"
	default:
		return "order"
	}
}

// afterFailing is what renews a certificate whose open order fails: the policy, where it
// tries a renewal once the order is not open any more, else nothing.
func (b *builder) afterFailing() Forecast {
	failure := failing(b.have)
	for _, x := range b.step.Blocked {
		if x.Edit == cert.EditRenew && x.Rule == orderRule && b.want.Policy.Tries(cert.EditRenew) {
			return Forecast{By: ByPolicy, At: x.UntilAt, Because: failure + "; the policy tries another once that order is not open any more"}
		}
	}
	return Forecast{Because: failure, Do: doOf(b.step.Phase, b.have)}
}
