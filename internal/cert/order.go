package cert

import "time"

// Open reports whether the order is still to come to an end: it waits at the CDN
// or at the CA. An order that was not read, or whose word is unknown, is not open.
//
// Source: cps-api, section 5.3: Awaiting… is queued at the CDN, Pending… at the CA.
func (s OrderStatus) Open() bool { return s.awaiting() || s == OrderPending }

// Queued reports whether the order waits at the CDN, and is not at the CA yet.
func (s OrderStatus) Queued() bool {
	return s == OrderAwaitingRenewal || s == OrderAwaitingReissue || s == OrderAwaitingOrgUpdate
}

// Renewing reports whether the order is a renewal under way.
func (s OrderStatus) Renewing() bool {
	return s == OrderAwaitingRenewal || s == OrderPendingRenewal
}

// Through reports whether the last order ended well, or there is none.
func (s OrderStatus) Through() bool {
	return s == NoOrder || s == OrderIssued || s == OrderRenewed || s == OrderOrgUpdated
}

// ControlSearch is how long the CA looks for proof of control of the names of an order.
//
// Source: cps-api, section 6.1.
const ControlSearch = 7 * 24 * time.Hour

// OrderOpen reports whether the CA may still issue for the last order, so that another
// one could be the second. An order of which a name failed is open until the request
// has not changed for ControlSearch; where nothing says when it changed, it stays open.
func (l Live) OrderOpen(now time.Time) bool {
	over := len(l.Failed()) > 0 && !l.Modified.IsZero() && now.Sub(l.Modified) > ControlSearch
	return l.Order.Open() && !over
}

// Renewing reports whether a renewal is under way of which no name failed.
func (l Live) Renewing() bool { return l.Order.Renewing() && len(l.Failed()) == 0 }

// awaiting is Awaiting… and Pending{Renewal,Reissue,OrgUpdate}: an order about a
// certificate that was issued before.
func (s OrderStatus) awaiting() bool {
	switch s {
	case OrderAwaitingRenewal, OrderPendingRenewal,
		OrderAwaitingReissue, OrderPendingReissue,
		OrderAwaitingOrgUpdate, OrderPendingOrgUpdate:
		return true
	default:
		return false
	}
}

// Refused reports whether the order ended badly.
func (s OrderStatus) Refused() bool {
	switch s {
	case OrderRenewalRejected, OrderReissueRejected, OrderRejected,
		OrderRevoked, OrderCanceled, OrderDeleted:
		return true
	default:
		return false
	}
}

func (s DomainStatus) leaving() bool { return s == DomainPendingDelete || s == DomainDelete }

func (d Domain) failed() bool { return d.Status == DomainTimedOut || d.refused() }

func (s DomainStatus) refused() bool { return s == DomainRejected || s == DomainSecretRejected }

func (s DomainStatus) pending() bool {
	switch s {
	case DomainPendingReissue, DomainAwaitingCertificateAuthority,
		DomainPendingDNS, DomainProvisioningInitiated:
		return true
	default:
		return false
	}
}
