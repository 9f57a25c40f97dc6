package cert

// Open reports whether the order is still to come to an end: it waits at the CDN
// or at the CA. An order that was not read, or whose word is unknown, is not open.
//
// Source: cps-api, section 5.3: Awaiting… is queued at the CDN, Pending… at the CA.
func (s OrderStatus) Open() bool { return s.awaiting() || s == OrderPending }

// Renewing reports whether the order is a renewal under way.
func (s OrderStatus) Renewing() bool {
	return s == OrderAwaitingRenewal || s == OrderPendingRenewal
}

// Through reports whether the last order ended well, or there is none.
func (s OrderStatus) Through() bool {
	return s == NoOrder || s == OrderIssued || s == OrderRenewed || s == OrderOrgUpdated
}

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

// refused is an order that ended badly.
func (s OrderStatus) refused() bool {
	switch s {
	case OrderRenewalRejected, OrderReissueRejected, OrderRejected,
		OrderRevoked, OrderCanceled, OrderDeleted:
		return true
	default:
		return false
	}
}

func (s DomainStatus) leaving() bool { return s == DomainPendingDelete || s == DomainDelete }

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
