package sandbox

import "time"

// completeStatus makes the status that a state file left out, or fills in what
// the written one left out.
func (c *Certificate) completeStatus(now time.Time) {
	if c.Status == nil {
		c.deriveStatus(now)
		return
	}
	s := *c.Status
	s.AtID, s.AtType, s.ID = "", "", 0
	order := s.OrderValidation
	if s.Status == "" {
		s.Status = "Processing"
		if c.issued() {
			s.Status = "Active"
		}
	}
	if s.Step == 0 {
		s.Step = steps[s.Status]
	}
	c.Status = &s
	if order == nil {
		return
	}
	filled := &OrderValidation{Status: order.Status}
	c.Status.OrderValidation = filled
	c.completeValidations(order)
}

// completeValidations keeps the validations that are written and makes the others.
func (c *Certificate) completeValidations(written *OrderValidation) {
	organization, waiting := "Approved", "Pending"
	switch {
	case c.Status.Status == "OtherValidation":
		organization, waiting = "Pending", "Approved"
	case !c.issued():
		organization = "Pending"
	case c.Status.Status == "Deployment":
		waiting = "Approved"
	}
	c.validate(organization, waiting)
	if written.OrganizationValidation != nil {
		c.Status.OrderValidation.OrganizationValidation = written.OrganizationValidation
	}
	if written.DomainValidations != nil {
		c.Status.OrderValidation.DomainValidations = written.DomainValidations
	}
}

// deriveStatus makes a status from the words of the names, the expiry and the
// thumbprint (cps-api, section 12.2 read backwards).
func (c *Certificate) deriveStatus(now time.Time) {
	issued := c.issued()
	switch {
	case len(c.Domains) > 0 && len(c.live()) == 0 && issued:
		c.setStatus("Deleted", "Deleted")
	case len(c.Domains) > 0 && len(c.live()) == 0:
		c.setStatus("Deleted", "Canceled")
	case issued:
		c.deriveIssued(now)
	case c.has("TimedOut"):
		c.setStatus("DomainControlValidation", "Canceled")
		c.validate("Pending", "Pending")
		c.attend("Domain control validation was not completed in time.")
	case c.has("Rejected", "SecretRejected"):
		c.setStatus("DomainControlValidation", "Rejected")
		c.validate("Pending", "Pending")
		c.attend("The certificate authority rejected the order.")
	case c.has("AwaitingCertificateAuthority"):
		c.setStatus("DomainControlValidation", "Pending")
		c.validate("Pending", "Pending")
		c.attend("")
	default:
		c.setStatus("Processing", "")
	}
}

func (c *Certificate) deriveIssued(now time.Time) {
	switch {
	case c.has("TimedOut", "Rejected", "SecretRejected"):
		c.setStatus("Active", "ReissueRejected")
		c.attend("The certificate authority rejected the order.")
	case c.has("AwaitingCertificateAuthority", "PendingReissue"):
		c.setStatus("Active", "PendingReissue")
	case c.has("PendingDns"):
		c.setStatus("Deployment", "Issued")
		c.validate("Approved", "Approved")
	case !c.Expires.IsZero() && !c.Expires.After(now):
		c.setStatus("Active", "Expired")
	default:
		c.setStatus("Active", "Issued")
	}
}
