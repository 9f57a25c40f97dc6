package world

import (
	"slices"
	"strings"
	"time"
)

// Phase is the state of a certificate that the rules have a column for.
type Phase string

// The columns of cps-api, section 8; unknown is none of them.
const (
	processing        Phase = "processing"
	ordered           Phase = "ordered"
	controlValidation Phase = "domain-control-validation"
	otherValidation   Phase = "other-validation"
	deploying         Phase = "deployment"
	active            Phase = "active"
	inFlight          Phase = "in-flight"
	timedOut          Phase = "timed-out"
	rejected          Phase = "rejected"
	expired           Phase = "expired"
	Deleted           Phase = "deleted"
	orderFailed       Phase = "order-failed"
	unknown           Phase = "unknown"
)

// Phase derives the phase of c at an instant from its words (cps-api, section 11, in
// whose order the cases stand). An order that is not visible yet counts already.
func (c *Certificate) Phase(now time.Time) Phase {
	if wf := c.Workflow; wf != nil && wf.Stage == stageHidden {
		if wf.Kind == First {
			return processing
		}
		return inFlight
	}
	s := c.State()
	switch {
	case s.Status == "Deleted" || len(c.Domains) > 0 && !slices.ContainsFunc(c.Domains, Domain.isLive):
		return Deleted
	case c.Issued():
		return c.issuedPhase(s, now)
	}
	return c.firstPhase(s)
}

// firstPhase is Phase for what was never issued: rules 2, 3, 9 and 10.
func (c *Certificate) firstPhase(s Status) Phase {
	switch {
	case c.has("TimedOut"):
		return timedOut
	case c.has("Rejected", "SecretRejected"), in(s.order(), "Rejected", "Canceled", "Revoked"):
		return rejected
	case s.Status == "DomainControlValidation":
		return controlValidation
	case s.Status == "OtherValidation":
		return otherValidation
	case s.Status == "Processing" && s.order() != "":
		return ordered
	case s.Status == "Processing":
		return processing
	}
	return unknown
}

// issuedPhase is Phase for what was issued: rules 4 to 8 and 10.
func (c *Certificate) issuedPhase(s Status, now time.Time) Phase {
	order := s.order()
	awaiting, pending := strings.HasPrefix(order, "Awaiting"), strings.HasPrefix(order, "Pending")
	switch {
	case s.Status == "Deployment" && !awaiting && (!pending || order == "Pending"):
		return deploying
	case in(order, "RenewalRejected", "ReissueRejected", "Rejected", "Revoked", "Canceled", "Deleted"),
		c.has("Rejected", "SecretRejected", "TimedOut"):
		return orderFailed
	case awaiting, pending, c.has("PendingReissue", "AwaitingCertificateAuthority", "PendingDns", "ProvisioningInitiated"),
		in(s.Status, "Processing", "DomainControlValidation", "OtherValidation"):
		return inFlight
	case order == "Expired", !c.Expires.IsZero() && !c.Expires.After(now):
		return expired
	case s.RequiresAttention:
		return orderFailed
	case s.Status == "Active" && in(order, "", "Issued", "Renewed", "OrgUpdated"):
		return active
	}
	return unknown
}

// Operation is a row of the rules.
type Operation string

const (
	EditLabel         Operation = "certificate_label"
	EditDescription   Operation = "description"
	EditAutoRenew     Operation = "auto_renew"
	EditMethod        Operation = "dcv_method"
	EditDomains       Operation = "domains"
	EditOrganization  Operation = "organization"
	EditNotifications Operation = "notifications"
	Renew             Operation = "renew"
	Retrigger         Operation = "retrigger"
	Cancel            Operation = "cancel apply=true"
	PreviewCancel     Operation = "cancel apply=false"
	Delete            Operation = "DELETE"
	CheckDCV          Operation = "DCV check"
	NewDCVToken       Operation = "token regenerate"
	ResendDCVEmail    Operation = "e-mail resend"
	ReadDCV           Operation = "DCV metadata GET"
)

// columns are the phases of rules from left to right.
var columns = []Phase{
	processing, ordered, controlValidation, otherValidation, deploying, active, inFlight, timedOut, rejected, expired, Deleted, orderFailed,
}

// rules are the tables of cps-api, sections 8.1 and 8.2: A allowed, R rejected,
// ? unknown. The last column, order-failed, is in words in its legend.
var rules = map[Operation]string{
	//                  P0 P1 DCV OV DEP ACT FLY TO REJ EXP DEL ATT
	EditLabel:         "A  A  A  A   A   A   A  A   ?   ?   R   A",
	EditDescription:   "A  A  A  A   A   A   A  A   ?   ?   R   A",
	EditAutoRenew:     "A  A  A  A   A   A   A  A   ?   ?   R   A",
	EditMethod:        "A  A  A  ?   A   A   ?  ?   ?   ?   R   ?",
	EditDomains:       "R  R  R  R   A   A   R  ?   ?   ?   R   ?",
	EditOrganization:  "R  R  R  R   A   A   R  ?   ?   ?   R   ?",
	EditNotifications: "A  A  A  A   A   A   A  A   ?   ?   R   A",
	Renew:             "R  R  R  R   R   A   R  R   R   ?   R   ?",
	Retrigger:         "R  R  R  R   R   R   R  A   ?   R   R   R",
	Cancel:            "A  A  A  A   R   R   A  ?   ?   R   R   ?",
	PreviewCancel:     "A  A  A  A   ?   ?   A  ?   ?   ?   ?   ?",
	Delete:            "R  R  R  R   A   A   ?  ?   ?   A   R   ?",
	CheckDCV:          "?  ?  A  ?   R   R   A  R   R   R   R   ?",
	NewDCVToken:       "?  ?  A  ?   R   R   A  ?   ?   R   R   ?",
	ResendDCVEmail:    "?  ?  A  ?   R   R   A  ?   ?   R   R   ?",
	ReadDCV:           "?  ?  A  A   A   A   A  ?   ?   ?   ?   ?",
}

// IsEdit reports whether op changes a property of a certificate, whose name it then is.
func (op Operation) IsEdit() bool {
	return in(string(op), "certificate_label", "description", "auto_renew", "dcv_method", "domains", "organization", "notifications")
}

// verdict returns the letter of an operation on c.
func (w *World) verdict(op Operation, c *Certificate) string {
	column := slices.Index(columns, c.Phase(w.Clock))
	if column < 0 {
		return "?"
	}
	return strings.Fields(rules[op])[column]
}

// Documents reports whether the documents allow an operation on c.
func (w *World) Documents(op Operation, c *Certificate) bool { return w.verdict(op, c) == "A" }

// Permits reports whether an operation may go ahead on c.
func (w *World) Permits(op Operation, c *Certificate) bool {
	letter := w.verdict(op, c)
	return letter == "A" || letter == "?" && w.Switches.UnknownCells == "accepted"
}
