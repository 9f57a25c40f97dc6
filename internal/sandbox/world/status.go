package world

import (
	"slices"
	"strings"
)

// Status is what GET .../status answers (cps-api, section 4.6). The state file leaves it
// out where it follows from the certificate: see State. Of a written one it may leave
// out all but the two status words: see Step and Validations.
type Status struct {
	AtID              string           `json:"@id,omitempty"`
	AtType            string           `json:"@type,omitempty"`
	ID                int64            `json:"id,omitzero"`
	Step              int              `json:"step,omitzero"`
	Status            string           `json:"status"`
	RequiresAttention bool             `json:"requires_attention,omitzero"`
	ErrorMessage      *string          `json:"error_message,omitempty"`
	OrderValidation   *OrderValidation `json:"order_validation"`
}

// OrderValidation is the state of the order at the CA.
type OrderValidation struct {
	Status                 string                  `json:"status"`
	OrganizationValidation *OrganizationValidation `json:"organization_validation,omitempty"`
	DomainValidations      []DomainValidation      `json:"domain_validations,omitempty"`
}

// OrganizationValidation is the state of the check of the organization.
type OrganizationValidation struct {
	ValidationType string `json:"validation_type"`
	Status         string `json:"status"`
}

// DomainValidation is the state of the check of one domain, and of those that are
// validated with it.
type DomainValidation struct {
	DomainID    int64    `json:"domain_id"`
	DomainNames []string `json:"domain_names"`
	Status      string   `json:"status"`
}

// order returns the status of the order at the CA, empty when there is none.
func (s Status) order() string {
	if s.OrderValidation == nil {
		return ""
	}
	return s.OrderValidation.Status
}

// statusOf returns a status with an order status, empty for no order.
func statusOf(request, order string) Status {
	s := Status{Status: request}
	if order != "" {
		s.OrderValidation = &OrderValidation{Status: order}
	}
	return s
}

// failedWith returns s as one that a person must act on, with a message or none.
func (s Status) failedWith(message string) Status {
	s.RequiresAttention = true
	if message != "" {
		s.ErrorMessage = &message
	}
	return s
}

const (
	messageTimedOut = "Domain control validation was not completed in time."
	messageRejected = "The certificate authority rejected the order."
)

// setStatus replaces the status of c. The old value is left as it was, for whoever kept it.
func (c *Certificate) setStatus(s Status) { c.Status = &s }

// State returns the status of c: the written one, or else the one that follows from the
// status words of the domains, the expiry and the thumbprint (cps-api, section 12.2 read
// backwards).
func (c *Certificate) State() Status {
	deleted := len(c.Domains) > 0 && !slices.ContainsFunc(c.Domains, Domain.isLive)
	switch {
	case c.Status != nil:
		return *c.Status
	case deleted && c.Issued():
		return statusOf("Deleted", "Deleted")
	case deleted:
		return statusOf("Deleted", "Canceled")
	case c.Issued() && c.has("TimedOut", "Rejected", "SecretRejected"):
		return statusOf("Active", "ReissueRejected").failedWith(messageRejected)
	case c.Issued() && c.has("AwaitingCertificateAuthority", "PendingReissue"):
		return statusOf("Active", "PendingReissue")
	case c.Issued() && c.has("PendingDns"):
		return statusOf("Deployment", "Issued")
	case c.Issued():
		return statusOf("Active", "Issued")
	case c.has("TimedOut"):
		return statusOf("DomainControlValidation", "Canceled").failedWith(messageTimedOut)
	case c.has("Rejected", "SecretRejected"):
		return statusOf("DomainControlValidation", "Rejected").failedWith(messageRejected)
	case c.has("AwaitingCertificateAuthority"):
		return statusOf("DomainControlValidation", "Pending").failedWith("")
	}
	return statusOf("Processing", "")
}

// Detailed returns the status of c with its step and the validations of its order.
func (c *Certificate) Detailed() Status {
	s := c.State()
	if s.Step == 0 {
		s.Step = s.usualStep()
	}
	if s.OrderValidation == nil {
		return s
	}
	order := *s.OrderValidation
	if order.OrganizationValidation == nil {
		order.OrganizationValidation = &OrganizationValidation{ValidationType: c.ValidationType, Status: c.organizationWord(s)}
	}
	if order.DomainValidations == nil {
		order.DomainValidations = c.domainValidations(s)
	}
	s.OrderValidation = &order
	return s
}

// usualStep numbers the request statuses; 3 is certain, the others are inferred (cps-api,
// section 5.2).
func (s Status) usualStep() int {
	if s.Status == "Processing" && s.OrderValidation != nil {
		return 2
	}
	return map[string]int{
		"Processing": 1, "DomainControlValidation": 3, "OtherValidation": 4, "Deployment": 5, "Active": 6,
	}[s.Status]
}

// organizationWord is the validation status of the organization.
func (c *Certificate) organizationWord(s Status) string {
	switch {
	case c.ValidationType == "DV":
		return "NA"
	case s.Status == "OtherValidation" || !c.Issued():
		return "Pending"
	}
	return "Approved"
}

// domainValidations returns the validation status of each group of domains.
func (c *Certificate) domainValidations(s Status) []DomainValidation {
	validated := s.Status == "OtherValidation" || s.Status == "Deployment" || c.Workflow != nil && c.Workflow.Stage == stageDeployment
	all := []DomainValidation{}
	for _, g := range c.groups() {
		v := DomainValidation{DomainID: g.parent.ID, Status: "Approved"}
		for _, d := range g.members {
			v.DomainNames = append(v.DomainNames, d.Name)
			if c.awaitsDCV(d) && !validated {
				v.Status = "Pending"
			}
			if in(d.Status, []string{"Rejected", "SecretRejected"}) {
				v.Status = "Rejected"
			}
		}
		all = append(all, v)
	}
	return all
}

// awaitsDCV reports whether the order in progress must validate a domain.
func (c *Certificate) awaitsDCV(d Domain) bool {
	again := c.Workflow != nil && c.Workflow.Kind == Renewal && c.Revalidates
	return again || in(d.Status, []string{"AwaitingCertificateAuthority", "TimedOut"})
}

// A group is a domain and those that are validated with it, the domain included.
type group struct {
	parent  Domain
	members []Domain
}

// groups returns the domains that are validated together: for OV and EV under the
// shortest parent, for DV each alone (cps-api, sections 4.6 and 4.7).
func (c *Certificate) groups() []group {
	domains := c.Live()
	if c.ValidationType != "DV" {
		slices.SortStableFunc(domains, func(a, b Domain) int { return len(a.Name) - len(b.Name) })
	}
	var groups []group
	for _, d := range domains {
		i := slices.IndexFunc(groups, func(g group) bool {
			return c.ValidationType != "DV" && strings.HasSuffix(strings.ToLower(d.Name), "."+strings.ToLower(g.parent.Name))
		})
		if i < 0 {
			groups = append(groups, group{d, []Domain{d}})
			continue
		}
		groups[i].members = append(groups[i].members, d)
	}
	return groups
}

// Parent returns the name of the domain that a domain is validated with.
func (c *Certificate) Parent(d Domain) string {
	for _, g := range c.groups() {
		if slices.ContainsFunc(g.members, func(m Domain) bool { return m.ID == d.ID }) {
			return g.parent.Name
		}
	}
	return d.Name
}
