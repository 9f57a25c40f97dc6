package plan

import "github.com/cpsync/cpsync/internal/cert"

// TookEffect is the evidence that a write whose answer was lost was carried out,
// next to the reading right before it. What is not here is unknown.
func TookEffect(op Operation, before, have cert.Live) bool {
	switch op.Kind {
	case Patch:
		return len(op.Missing(have)) == 0
	case Renew:
		return renewalBegan(before.Order, have.Order) || reissued(before, have)
	case Retrigger:
		// A word nobody knows, or no name at all, is not a sign of anything.
		return len(have.Unheard) == 0 && len(have.Domains) > 0 && (!have.TimedOut() || have.Status != before.Status)
	}
	panic("plan: unknown kind of operation")
}

// reissued reports whether another certificate is in service. One that either answer
// leaves out is not another one.
func reissued(before, have cert.Live) bool {
	return have.Thumbprint != "" && before.Thumbprint != "" && have.Thumbprint != before.Thumbprint ||
		!have.Expires.IsZero() && !before.Expires.IsZero() && !have.Expires.Equal(before.Expires)
}

// renewalBegan reports whether the order status became that of a renewal. Where an answer
// before held no order, one that ended may have stood there all the same; where it was not
// read, or is a word nobody knows, nothing can be told.
func renewalBegan(before, have cert.OrderStatus) bool {
	switch before {
	case cert.OrderNotRead, cert.OrderUnheard:
		return false
	case cert.NoOrder:
		return have.Renewing()
	default:
		return renewalShows(have) && have != before
	}
}

func renewalShows(s cert.OrderStatus) bool {
	return s.Renewing() || s == cert.OrderRenewed || s == cert.OrderRenewalRejected
}
