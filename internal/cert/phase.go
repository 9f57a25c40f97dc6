package cert

import (
	"slices"
	"time"
)

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
func Phases() []Phase {
	all := make([]Phase, NumPhases)
	for i := range all {
		all[i] = Phase(i)
	}
	return all
}

// PhaseOf derives the phase as of now. The first case that applies wins.
//
// Source: cps-api, section 11.
func PhaseOf(l Live, now time.Time) Phase {
	switch {
	case l.hasUnknownWord():
		return Unknown
	case l.Status == StatusDeleted, len(l.Domains) == 0 && len(l.Leaving) > 0:
		return Deleted
	case l.Issued():
		return issuedPhase(l, now)
	default:
		return firstPhase(l)
	}
}

// firstPhase is the phase of a request that was never issued.
func firstPhase(l Live) Phase {
	ordered := l.Order != OrderNotRead && l.Order != NoOrder
	switch {
	case l.TimedOut():
		return TimedOut
	case slices.ContainsFunc(l.Domains, Domain.isRejected),
		l.Order == OrderRejected, l.Order == OrderCanceled, l.Order == OrderRevoked:
		return Rejected
	case l.Status == StatusDomainControlValidation:
		return DomainControlValidation
	case l.Status == StatusOtherValidation:
		return OtherValidation
	case l.Status != StatusProcessing && l.Status != StatusNotRead:
		return Unknown
	case ordered:
		return Ordered
	default:
		return Processing
	}
}

// issuedPhase is the phase of a request that has, or had, a certificate.
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
	inValidation := l.Status == StatusProcessing || l.Status == StatusDomainControlValidation ||
		l.Status == StatusOtherValidation
	deleting := l.Status == StatusNotRead &&
		slices.ContainsFunc(l.Leaving, func(d Domain) bool { return d.Status == DomainPendingDelete })
	return l.Order.Open() || slices.ContainsFunc(l.Domains, Domain.IsAwaited) || inValidation || deleting
}

// isActive is a whitelist: every live name active, and where the status was
// read, nothing in it that asks for more.
func (l Live) isActive() bool {
	for _, d := range l.Domains {
		if d.Status != DomainActive {
			return false
		}
	}
	if len(l.Domains) == 0 || l.Expires.IsZero() {
		return false
	}
	return l.Status == StatusNotRead || l.Status == StatusActive && !l.RequiresAttention && l.Order.Complete()
}
