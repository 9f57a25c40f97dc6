package cert

import (
	"slices"
	"time"
)

// Live is what the server says of one request, normalized: names in lower-case
// ASCII and sorted, without those being deleted; null and "" the same; the zero
// time for "not issued yet". Plain values, no pointers.
type Live struct {
	ID             ID
	Label          string
	Description    string // without trailing white space, its lines end in LF
	AutoRenew      bool
	DCVMethod      DCVMethod // the server's word, even one this build does not know
	ValidationType ValidationType
	Authority      Authority

	Domains []Domain // live names, sorted
	Leaving []Domain // names being deleted or deleted, sorted; not part of the live set
	Listed  []string // live names in the server's order; nil where that is the sorted one
	Common  string   // "" when the server marks no live name, or several, as common name

	Expires    time.Time // of the active certificate, UTC; zero until one was issued
	Created    time.Time
	Modified   time.Time // last_modified; zero when the server did not say
	ModifiedBy string    // "user 501", "client 2cd2…"; "" when the server did not say
	Thumbprint string    // of the active certificate; "" until one was issued

	Deployments []EdgeHost // where the CDN serves it, in the server's order; none until it is deployed

	Organization     string // company name; only in a single read
	OrganizationRead bool

	// What follows comes from the status answer and has its zero value without it.
	Status            Status
	Order             OrderStatus
	RequiresAttention bool
	ErrorMessage      string   // the workflow's own words
	Approved          []string // names whose control the CA has approved for its order, sorted

	// UnknownWords lists enum words this build does not know and a decision would rest
	// on, each as `field "word"`, sorted. They are for display.
	UnknownWords []string
}

// Domain is one name of a live request.
type Domain struct {
	Name   string
	Status DomainStatus
	ID     int64 // the server's, by which domain control is asked for; an edit of the names may change it
}

func (d Domain) isRejected() bool { return d.Status.isRejected() }

// IsAwaited reports whether the name waits for a certificate that holds it.
func (d Domain) IsAwaited() bool { return d.Status.pending() }

// Issued reports whether the request has, or had, a certificate: a real end or a
// thumbprint. Source: cps-api, section 11.
func (l Live) Issued() bool { return !l.Expires.IsZero() || l.Thumbprint != "" }

// Expired reports whether the certificate's end has come.
func (l Live) Expired(now time.Time) bool { return !l.Expires.IsZero() && !l.Expires.After(now) }

// StatusRead reports whether the status answer is part of l.
func (l Live) StatusRead() bool { return l.Status != StatusNotRead }

// Names returns the live names, sorted.
func (l Live) Names() []string {
	names := make([]string, len(l.Domains))
	for i, d := range l.Domains {
		names[i] = d.Name
	}
	return names
}

// ClientName is what ModifiedBy holds where an API client made the last change.
//
// Source: cps-api, section 4: identity_type is Client then, and identity_id is filled. That
// it is the client's id is inferred.
func ClientName(id string) string { return "client " + id }

// HasNames reports whether every one of names is live.
func (l Live) HasNames(names []string) bool {
	live := l.Names()
	return !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(live, n) })
}

// SetDomains splits domains into those that are live and those that leave, sorts both,
// and stores them in l. It is for whoever builds a Live.
func (l *Live) SetDomains(domains []Domain) {
	l.Domains, l.Leaving, l.Listed = nil, nil, nil
	for _, d := range domains {
		if d.Status.leaving() {
			l.Leaving = append(l.Leaving, d)
		} else {
			l.Domains = append(l.Domains, d)
		}
	}
	if names := l.Names(); !slices.IsSorted(names) {
		l.Listed = names
	}
	byName := func(a, b Domain) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}
	slices.SortStableFunc(l.Domains, byName)
	slices.SortStableFunc(l.Leaving, byName)
}

func (l Live) hasUnknownWord() bool {
	return len(l.UnknownWords) > 0 || l.Status == StatusUnknown || l.Order == OrderUnknown ||
		slices.ContainsFunc(l.Domains, func(d Domain) bool { return d.Status == DomainUnknown })
}

func (l Live) anyDomain(s DomainStatus) bool {
	return slices.ContainsFunc(l.Domains, func(d Domain) bool { return d.Status == s })
}

// TimedOut reports whether a name was not validated in time.
func (l Live) TimedOut() bool { return l.anyDomain(DomainTimedOut) }

// FailedDomains returns the live names that were not validated in time, or refused.
func (l Live) FailedDomains() []Domain {
	var all []Domain
	for _, d := range l.Domains {
		if d.hasFailed() {
			all = append(all, d)
		}
	}
	return all
}

// WithStatusOf returns l with the status answer that other has.
func (l Live) WithStatusOf(other Live) Live {
	l.Status, l.Order, l.RequiresAttention = other.Status, other.Order, other.RequiresAttention
	l.Approved = other.Approved
	if l.ErrorMessage == "" {
		l.ErrorMessage = other.ErrorMessage
	}
	return l
}

// DomainStates returns the live names, sorted, each with its status.
func (l Live) DomainStates() []string {
	all := make([]string, len(l.Domains))
	for i, d := range l.Domains {
		all[i] = d.Name + " " + DomainStatuses[d.Status]
	}
	return all
}

// Open reports whether the order is still to come to an end: it waits at the CDN
// or at the CA. An order that was not read, or whose word is unknown, is not open.
//
// Source: cps-api, section 5.3: Awaiting… is queued at the CDN, Pending… at the CA.
func (s OrderStatus) Open() bool { return s.awaiting() || s == OrderPending }

// Queued reports whether the order waits at the CDN, and is not at the CA yet.
func (s OrderStatus) Queued() bool {
	return s == OrderAwaitingRenewal || s == OrderAwaitingReissue || s == OrderAwaitingOrgUpdate
}

// Renewing reports whether the order is a renewal in progress.
func (s OrderStatus) Renewing() bool {
	return s == OrderAwaitingRenewal || s == OrderPendingRenewal
}

// Complete reports whether the last order ended well, or there is none.
func (s OrderStatus) Complete() bool {
	return s == NoOrder || s == OrderIssued || s == OrderRenewed || s == OrderOrgUpdated
}

// DCVSearch is how long the CA tries to validate the domains of an order.
//
// Source: cps-api, section 6.1.
const DCVSearch = 7 * 24 * time.Hour

// OrderOpen reports whether the CA may still issue for the last order, so that another
// one could be the second. An order of which a name failed is open until the request
// has not changed for DCVSearch; where nothing says when it changed, it stays open.
func (l Live) OrderOpen(now time.Time) bool {
	over := len(l.FailedDomains()) > 0 && !l.Modified.IsZero() && now.Sub(l.Modified) > DCVSearch
	return l.Order.Open() && !over
}

// Renewing reports whether a renewal is in progress of which no name failed.
func (l Live) Renewing() bool { return l.Order.Renewing() && len(l.FailedDomains()) == 0 }

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

func (d Domain) hasFailed() bool { return d.Status == DomainTimedOut || d.isRejected() }

func (s DomainStatus) isRejected() bool { return s == DomainRejected || s == DomainSecretRejected }

func (s DomainStatus) pending() bool {
	switch s {
	case DomainPendingReissue, DomainAwaitingCertificateAuthority,
		DomainPendingDNS, DomainProvisioningInitiated:
		return true
	default:
		return false
	}
}
