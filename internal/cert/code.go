package cert

import "slices"

// Code names a kind of warning, so that policy.accept can name it.
type Code string

// The codes.
const (
	Revoked            Code = "revoked"              // the CA revoked the certificate
	PastExpiry         Code = "expired"              // the certificate has ended
	Expiring           Code = "expiring"             // ends soon, and nothing renews it in time
	NothingRenews      Code = "nothing-renews"       // after this change nothing will renew it
	WorkflowError      Code = "workflow-error"       // the API has a message of its workflow
	AutoRenewStuck     Code = "auto-renew-stuck"     // auto-renew should have started long ago
	ActionRequired     Code = "action-required"      // somebody must act before the request moves on
	OtherDomains       Code = "other-domains"        // no label or name of the manifest is the request's
	RenewalIdle        Code = "renew-idle"           // a renew policy while auto-renew is on and not managed
	AutoRenewLate      Code = "auto-renew-late"      // auto-renew switched on when its start may have passed
	RenewBeforeWindow  Code = "renew-before-window"  // renew_before is longer than the renewal window
	LongLabel          Code = "long-label"           // over 64 characters
	LongDescription    Code = "long-description"     // over 255 characters
	ManyDomains        Code = "many-domains"         // over 100 names
	CommonNameUnmarked Code = "common-name-unmarked" // the API marks no common name, or several
	SharedDomain       Code = "shared-domain"        // one name in two manifests
	CoveredDomain      Code = "covered-domain"       // a wildcard of one manifest covers a name of another
	SameDomains        Code = "same-domains"         // two manifests with the same set of names
	SameLabel          Code = "same-label"           // two manifests with one label, at least but for its case
	ModifiedOutside    Code = "modified-outside-git" // somebody else changed the request last
	ProtectWins        Code = "protect-wins"         // an inherited protect leaves a policy of the manifest idle
	DCVByHand          Code = "dcv-by-hand"          // a person may be part of domain control when certificates get short
	RenewalOverdue     Code = "renewal-overdue"      // its policy has been due for more than 48 hours
	RenewalInProgress  Code = "renewal-in-progress"  // what the policy asks for is happening
	ServedElsewhere    Code = "edge-elsewhere"       // visitors reach another certificate than the CDN host serves
	ServedNotCovered   Code = "edge-not-covered"     // what is served is not valid for a domain
)

// Codes lists every code, sorted.
var Codes = []Code{
	ActionRequired, AutoRenewLate, AutoRenewStuck, CommonNameUnmarked, CoveredDomain, DCVByHand, ServedElsewhere, ServedNotCovered,
	PastExpiry, Expiring, LongDescription, LongLabel, ManyDomains, ModifiedOutside, NothingRenews, OtherDomains, ProtectWins,
	RenewBeforeWindow, RenewalIdle, RenewalInProgress, RenewalOverdue, Revoked, SameDomains, SameLabel,
	SharedDomain, WorkflowError,
}

// NeedsAction reports whether a person must act on a warning of this code. Of the others
// people take note.
func (c Code) NeedsAction() bool {
	switch c {
	case Revoked, PastExpiry, Expiring, AutoRenewStuck, ActionRequired, WorkflowError, NothingRenews, RenewalOverdue:
		return true
	default:
		return false
	}
}

// Overlap reports whether a warning of this code is about what two manifests have in common.
func (c Code) Overlap() bool {
	switch c {
	case SharedDomain, CoveredDomain, SameDomains, SameLabel:
		return true
	default:
		return false
	}
}

// Accepts reports whether the manifest accepts warnings of this code.
func (p Policy) Accepts(c Code) bool { return slices.Contains(p.Accept, c) }
