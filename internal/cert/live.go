package cert

import (
	"cmp"
	"slices"
	"time"
)

// Live is what the server says of one request, normalized: names in lower-case ASCII and sorted, without
// those being deleted; null and "" the same; the zero time for "not issued yet". Plain values, no pointers.
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

// IsAwaited reports whether the name waits for a certificate that holds it.
func (d Domain) IsAwaited() bool {
	return slices.Contains([]DomainStatus{DomainPendingReissue, DomainAwaitingCertificateAuthority, DomainPendingDNS, DomainProvisioningInitiated}, d.Status)
}

func (d Domain) isRejected() bool {
	return d.Status == DomainRejected || d.Status == DomainSecretRejected
}

func (d Domain) hasFailed() bool { return d.Status == DomainTimedOut || d.isRejected() }

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
		if d.Status == DomainPendingDelete || d.Status == DomainDelete {
			l.Leaving = append(l.Leaving, d)
		} else {
			l.Domains = append(l.Domains, d)
		}
	}
	if names := l.Names(); !slices.IsSorted(names) {
		l.Listed = names
	}
	byName := func(a, b Domain) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortStableFunc(l.Domains, byName)
	slices.SortStableFunc(l.Leaving, byName)
}

// TimedOut reports whether a name was not validated in time.
func (l Live) TimedOut() bool {
	return slices.ContainsFunc(l.Domains, func(d Domain) bool { return d.Status == DomainTimedOut })
}

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
		all[i] = d.Name + " " + string(d.Status)
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
func (s OrderStatus) Renewing() bool { return s == OrderAwaitingRenewal || s == OrderPendingRenewal }

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

// RenewalIssued reports whether a renewal was issued and is being deployed, and no name failed since.
func (l Live) RenewalIssued() bool {
	return l.Order == OrderRenewed && l.Status == StatusDeployment && len(l.FailedDomains()) == 0
}

// awaiting is Awaiting… and Pending{Renewal,Reissue,OrgUpdate}: an order about a
// certificate that was issued before.
func (s OrderStatus) awaiting() bool {
	return s.Queued() || s == OrderPendingRenewal || s == OrderPendingReissue || s == OrderPendingOrgUpdate
}

// Refused reports whether the order ended badly.
func (s OrderStatus) Refused() bool {
	return slices.Contains([]OrderStatus{OrderRenewalRejected, OrderReissueRejected, OrderRejected, OrderRevoked, OrderCanceled, OrderDeleted}, s)
}

// Phase is where a request is in its life, as far as editing goes. The server
// has no such word: PhaseOf derives it. The zero value permits nothing.
type Phase uint8

// The phases.
const (
	Unknown                 Phase = iota // a combination, or a word, this build does not know
	Processing                           // being prepared, no order at the CA yet
	Ordered                              // the order is at the CA
	DomainControlValidation              // the CA waits for domain control validation
	OtherValidation                      // the CA vets the organization
	Deployment                           // issued, on its way to the edge
	Active                               // active, nothing in progress
	InFlight                             // active, with a reissue, renewal or update in progress
	OrderFailed                          // issued, but its last order or a name of it failed, or somebody must act
	TimedOut                             // never issued: not validated in time
	Rejected                             // never issued: the CA said no
	Expired
	Deleted

	// NumPhases counts the phases.
	NumPhases = iota
)

var phaseNames = [NumPhases]string{
	"unknown", "processing", "ordered", "domain-control-validation", "other-validation",
	"deployment", "active", "in-flight", "order-failed", "timed-out", "rejected",
	"expired", "deleted",
}

// String returns the name used in JSON.
func (p Phase) String() string { return phaseNames[p] }

// Phases returns all phases, Unknown first.
func Phases() []Phase { return allBelow(Phase(NumPhases)) }

// PhaseOf derives the phase as of now. The first case that applies wins.
//
// Source: cps-api, section 11.
func PhaseOf(l Live, now time.Time) Phase {
	unknown := func(d Domain) bool { return d.Status == DomainUnknown }
	switch {
	case len(l.UnknownWords) > 0, l.Status == StatusUnknown, l.Order == OrderUnknown, slices.ContainsFunc(l.Domains, unknown):
		return Unknown
	case l.Status == StatusDeleted, len(l.Domains) == 0 && len(l.Leaving) > 0:
		return Deleted
	case l.Issued():
		return issuedPhase(l, now)
	default:
		return firstPhase(l)
	}
}

func firstPhase(l Live) Phase {
	switch {
	case l.TimedOut():
		return TimedOut
	case slices.ContainsFunc(l.Domains, Domain.isRejected), l.Order == OrderRejected, l.Order == OrderCanceled, l.Order == OrderRevoked:
		return Rejected
	case l.Status == StatusDomainControlValidation:
		return DomainControlValidation
	case l.Status == StatusOtherValidation:
		return OtherValidation
	case l.Status != StatusProcessing && l.Status != StatusNotRead:
		return Unknown
	case l.Order == OrderNotRead, l.Order == NoOrder:
		return Processing
	default:
		return Ordered
	}
}

func issuedPhase(l Live, now time.Time) Phase {
	switch {
	case l.Status == StatusDeployment && !l.Order.awaiting():
		return Deployment
	case l.Order.Refused(), slices.ContainsFunc(l.Domains, Domain.hasFailed):
		return OrderFailed
	case l.inProgress():
		return InFlight
	case l.Expired(now), l.Order == OrderExpired:
		return Expired
	case l.isActive():
		return Active
	case l.RequiresAttention:
		return OrderFailed
	default:
		return Unknown
	}
}

// inProgress is an issued request with an order, a name or a step still to finish.
// A name that is being deleted counts only while the status is not read.
func (l Live) inProgress() bool {
	inValidation := l.Status == StatusProcessing || l.Status == StatusDomainControlValidation || l.Status == StatusOtherValidation
	deleting := l.Status == StatusNotRead &&
		slices.ContainsFunc(l.Leaving, func(d Domain) bool { return d.Status == DomainPendingDelete })
	return l.Order.Open() || slices.ContainsFunc(l.Domains, Domain.IsAwaited) || inValidation || deleting
}

// isActive is a whitelist: every live name active, and where the status was
// read, nothing in it that asks for more.
func (l Live) isActive() bool {
	if len(l.Domains) == 0 || l.Expires.IsZero() || slices.ContainsFunc(l.Domains, func(d Domain) bool { return d.Status != DomainActive }) {
		return false
	}
	return l.Status == StatusNotRead || l.Status == StatusActive && !l.RequiresAttention && l.Order.Complete()
}
