package plan

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/cert"
)

// failure says how the last order came to a bad end, or is coming to one, with the API's
// own word; "" when it does not.
func failure(have cert.Live) string {
	its, word := "its "+orderNoun(have.Order), ""
	if have.Order.Refused() {
		word = " (" + have.Order.String() + ")"
	}
	failed := have.Failed()
	switch {
	case have.Order == cert.OrderRevoked:
		return "the CA revoked its certificate" + word
	case have.TimedOut():
		late := withStatus(failed, cert.DomainTimedOut)
		return its + " timed out: " + share(len(late), len(have.Domains)) + " not validated in time" + word
	case len(failed) > 0:
		return its + " failed: " + share(len(failed), len(have.Domains)) + " refused by the CA (" + failed[0].Status.String() + ")"
	case have.Order == cert.OrderCanceled:
		return its + " was canceled" + word
	case have.Order == cert.OrderDeleted:
		return its + " was deleted" + word
	case have.Order.Refused():
		return its + " was refused by the CA" + word
	default:
		return ""
	}
}

func withStatus(domains []cert.Domain, s cert.DomainStatus) (in []cert.Domain) {
	for _, d := range domains {
		if d.Status == s {
			in = append(in, d)
		}
	}
	return in
}

// share is "1 of 3 domains was", "2 of 3 domains were".
func share(n, of int) string {
	domains, were := "domains", "were"
	if of == 1 {
		domains = "domain"
	}
	if n == 1 {
		were = "was"
	}
	return fmt.Sprintf("%d of %d %s %s", n, of, domains, were)
}

// orderNoun is what people call an order.
func orderNoun(o cert.OrderStatus) string {
	switch o {
	case cert.OrderAwaitingRenewal, cert.OrderPendingRenewal, cert.OrderRenewalRejected:
		return "renewal"
	case cert.OrderAwaitingReissue, cert.OrderPendingReissue, cert.OrderReissueRejected:
		return "reissue"
	case cert.OrderAwaitingOrgUpdate, cert.OrderPendingOrgUpdate:
		return "change of organization"
	default:
		return "order"
	}
}

// revoked reports whether the certificate in service is one that the CA revoked.
func revoked(have cert.Live) bool { return have.Issued() && have.Order == cert.OrderRevoked }
