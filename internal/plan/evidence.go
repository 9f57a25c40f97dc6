package plan

import "github.com/cpsync/cpsync/internal/cert"

// TookEffect reports whether a reading proves that a write without an answer took effect.
// before is the reading right before the write, have a reading after it. False means unknown.
// Another thumbprint alone, an earlier expiry, fewer domains or a canceled order prove nothing:
// somebody else may have caused them.
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

// expiresLater reports whether a certificate with a later expiry is active. A reading without
// an expiry shows none.
func expiresLater(before, have cert.Live) bool {
	return !before.Expires.IsZero() && have.Expires.After(before.Expires)
}

// orderedAgain reports whether the order of a request that had timed out is open again, with the
// domains it had. An unknown word proves nothing.
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
