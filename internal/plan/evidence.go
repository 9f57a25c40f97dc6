package plan

import "github.com/cpsync/cpsync/internal/cert"

// TookEffect reports whether a reading proves that a write without an answer took effect,
// next to the reading right before it. What is not here is unknown. Another thumbprint
// alone, an earlier end, fewer names or a cancelled order are what others do.
func TookEffect(op Operation, before, have cert.Live) bool {
	switch op.Kind {
	case Patch:
		return len(op.Missing(have)) == 0
	case Renew:
		return renewalBegan(before.Order, have.Order) || expiresLater(before, have)
	case Retrigger:
		return orderedAgain(before, have)
	}
	panic("plan: unknown kind of operation")
}

// expiresLater reports whether a certificate with a later end is in service. An end that
// either answer leaves out is not another one.
func expiresLater(before, have cert.Live) bool {
	return !before.Expires.IsZero() && have.Expires.After(before.Expires)
}

// orderedAgain reports whether a request that had timed out is on its way again, with the
// names it had. An unknown word proves nothing.
func orderedAgain(before, have cert.Live) bool {
	switch {
	case len(have.UnknownWords) > 0, !have.HasNames(before.Names()):
		return false
	case have.Status == cert.StatusDeleted, have.Order == cert.OrderCanceled, have.Order == cert.OrderDeleted:
		return false
	default:
		return !have.TimedOut() || before.StatusRead() && have.StatusRead() && have.Status != before.Status
	}
}

// renewalBegan reports whether the order status became that of a renewal. Where an answer
// before held no order, one that ended may have stood there all the same; where it was not
// read, or is an unknown word, nothing is known.
func renewalBegan(before, have cert.OrderStatus) bool {
	switch before {
	case cert.OrderNotRead, cert.OrderUnknown:
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
