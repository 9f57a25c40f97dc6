package sandbox

import (
	"slices"
	"strings"
	"time"
)

// A phase is where a certificate stands: a column of the rules.
type phase int

// The columns of cps-api, section 8, in their order; unsure is none of them.
const (
	processing phase = iota
	ordered
	controlValidation
	otherValidation
	deployment
	active
	inFlight
	timedOut
	rejected
	expired
	deleted
	needsAttention
	unsure
)

var phaseNames = [...]string{
	"processing", "ordered", "domain-control-validation", "other-validation", "deployment", "active",
	"in-flight", "timed-out", "rejected", "expired", "deleted", "needs-attention", "unknown",
}

func (p phase) String() string { return phaseNames[p] }

// phase derives where c stands at an instant from its words (cps-api, section 11,
// in whose order the cases stand). An order that does not show yet counts already.
func (c *Certificate) phase(now time.Time) phase {
	if wf := c.Workflow; wf != nil && wf.Stage == stageHidden {
		if wf.Kind == kindFirst {
			return processing
		}
		return inFlight
	}
	if c.gone() {
		return deleted
	}
	if c.issued() {
		return c.issuedPhase(now)
	}
	return c.firstPhase()
}

// gone reports whether c is deleted, whatever is under way.
func (c *Certificate) gone() bool {
	return c.Status.Status == "Deleted" || len(c.Domains) > 0 && !slices.ContainsFunc(c.Domains, Domain.live)
}

// firstPhase is phase for what was never issued: rules 2, 3, 9 and 10.
func (c *Certificate) firstPhase() phase {
	order := c.order()
	switch {
	case c.has("TimedOut"):
		return timedOut
	case c.has("Rejected", "SecretRejected"), in(order, []string{"Rejected", "Canceled", "Revoked"}):
		return rejected
	case c.Status.Status == "DomainControlValidation":
		return controlValidation
	case c.Status.Status == "OtherValidation":
		return otherValidation
	case c.Status.Status == "Processing" && order != "":
		return ordered
	case c.Status.Status == "Processing":
		return processing
	}
	return unsure
}

// issuedPhase is phase for what was issued: rules 4 to 8 and 10.
func (c *Certificate) issuedPhase(now time.Time) phase {
	order, status := c.order(), c.Status.Status
	awaiting, pending := strings.HasPrefix(order, "Awaiting"), strings.HasPrefix(order, "Pending")
	switch {
	case status == "Deployment" && !awaiting && (!pending || order == "Pending"):
		return deployment
	case in(order, []string{"RenewalRejected", "ReissueRejected", "Rejected", "Revoked", "Canceled", "Deleted"}),
		c.has("Rejected", "SecretRejected", "TimedOut"):
		return needsAttention
	case awaiting, pending, c.has("PendingReissue", "AwaitingCertificateAuthority", "PendingDns", "ProvisioningInitiated"),
		in(status, []string{"Processing", "DomainControlValidation", "OtherValidation"}):
		return inFlight
	case order == "Expired", !c.Expires.IsZero() && !c.Expires.After(now):
		return expired
	case c.Status.RequiresAttention:
		return needsAttention
	case status == "Active" && in(order, []string{"", "Issued", "Renewed", "OrgUpdated"}):
		return active
	}
	return unsure
}
