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
// whose order the cases stand: 1, then 4 to 8 for what was issued, else 2, 3 and 9). An order that
// is not visible yet counts already.
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

// columns are the phases of operations from left to right.
var columns = []Phase{
	processing, ordered, controlValidation, otherValidation, deploying, active, inFlight, timedOut, rejected, expired, Deleted, orderFailed,
}

// An Operation is a row of the tables of cps-api, sections 8.1 and 8.2: A allowed, R rejected,
// ? unknown. The last column, order-failed, is in words in its legend.
type Operation struct {
	letters, Name string
	IsEdit        bool // it changes the property of a certificate that has its name
}

var (
	//                              P0 P1 DCV OV DEP ACT FLY TO REJ EXP DEL ATT
	EditLabel         = Operation{"A  A  A  A   A   A   A  A   ?   ?   R   A", "certificate_label", true}
	EditDescription   = Operation{"A  A  A  A   A   A   A  A   ?   ?   R   A", "description", true}
	EditAutoRenew     = Operation{"A  A  A  A   A   A   A  A   ?   ?   R   A", "auto_renew", true}
	EditMethod        = Operation{"A  A  A  ?   A   A   ?  ?   ?   ?   R   ?", "dcv_method", true}
	EditDomains       = Operation{"R  R  R  R   A   A   R  ?   ?   ?   R   ?", "domains", true}
	EditOrganization  = Operation{"R  R  R  R   A   A   R  ?   ?   ?   R   ?", "organization", true}
	EditNotifications = Operation{"A  A  A  A   A   A   A  A   ?   ?   R   A", "notifications", true}
	Renew             = Operation{"R  R  R  R   R   A   R  R   R   ?   R   ?", "renew", false}
	Retrigger         = Operation{"R  R  R  R   R   R   R  A   ?   R   R   R", "retrigger", false}
	Cancel            = Operation{"A  A  A  A   R   R   A  ?   ?   R   R   ?", "cancel apply=true", false}
	PreviewCancel     = Operation{"A  A  A  A   ?   ?   A  ?   ?   ?   ?   ?", "cancel apply=false", false}
	Delete            = Operation{"R  R  R  R   A   A   ?  ?   ?   A   R   ?", "DELETE", false}
	CheckDCV          = Operation{"?  ?  A  ?   R   R   A  R   R   R   R   ?", "DCV check", false}
	NewDCVToken       = Operation{"?  ?  A  ?   R   R   A  ?   ?   R   R   ?", "token regenerate", false}
	ResendDCVEmail    = Operation{"?  ?  A  ?   R   R   A  ?   ?   R   R   ?", "e-mail resend", false}
	ReadDCV           = Operation{"?  ?  A  A   A   A   A  ?   ?   ?   ?   ?", "DCV metadata GET", false}
)

// Verdict reports whether the documents allow an operation on c, and whether it may go ahead.
func (w *World) Verdict(op Operation, c *Certificate) (documented, permitted bool) {
	letter := "?"
	if column := slices.Index(columns, c.Phase(w.Clock)); column >= 0 {
		letter = strings.Fields(op.letters)[column]
	}
	return letter == "A", letter == "A" || letter == "?" && w.Switches.UnknownCells == "accepted"
}
