package sandbox

import (
	"slices"
	"strings"
)

// setStatus gives c a new status with an order status, empty for no order. The
// old value is left as it was, for whoever kept it.
func (c *Certificate) setStatus(status, order string) {
	s := &Status{Status: status, Step: steps[status]}
	if order != "" {
		s.OrderValidation = &OrderValidation{Status: order}
		if status == "Processing" {
			s.Step = 2
		}
	}
	c.Status = s
	c.validate("Approved", "Pending")
}

// validate sets how the checks of an order stand: that of the organization, and
// those of the names that wait for the CA. The other names are approved.
func (c *Certificate) validate(organization, waiting string) {
	order := c.Status.OrderValidation
	if order == nil {
		return
	}
	if c.ValidationType == "DV" {
		organization = "NA"
	}
	order.OrganizationValidation = &OrganizationValidation{ValidationType: c.ValidationType, Status: organization}
	order.DomainValidations = nil
	for _, g := range c.groups() {
		v := DomainValidation{DomainID: g.parent.ID, Status: "Approved"}
		for _, d := range g.members {
			v.DomainNames = append(v.DomainNames, d.Name)
			if c.waits(d) {
				v.Status = waiting
			}
			if in(d.Status, []string{"Rejected", "SecretRejected"}) {
				v.Status = "Rejected"
			}
		}
		order.DomainValidations = append(order.DomainValidations, v)
	}
}

// waits reports whether control of a name is to be proven in the order under way.
func (c *Certificate) waits(d Domain) bool {
	again := c.Workflow != nil && c.Workflow.Kind == kindRenewal && c.Revalidates
	return again || in(d.Status, []string{"AwaitingCertificateAuthority", "TimedOut"})
}

// mustValidate reports whether control of any name is to be proven.
func (c *Certificate) mustValidate() bool {
	for _, d := range c.live() {
		if c.waits(d) {
			return true
		}
	}
	return false
}

// A group is a name and those that ride on its validation, the name included.
type group struct {
	parent  Domain
	members []Domain
}

// groups returns the names that are validated together: for OV and EV under the
// shortest parent, for DV each alone (cps-api, sections 4.6 and 4.7).
func (c *Certificate) groups() []group {
	names := c.live()
	if c.ValidationType == "DV" {
		var groups []group
		for _, d := range names {
			groups = append(groups, group{d, []Domain{d}})
		}
		return groups
	}
	slices.SortStableFunc(names, func(a, b Domain) int { return len(a.Name) - len(b.Name) })
	var groups []group
next:
	for _, d := range names {
		for i := range groups {
			if strings.HasSuffix(strings.ToLower(d.Name), "."+strings.ToLower(groups[i].parent.Name)) {
				groups[i].members = append(groups[i].members, d)
				continue next
			}
		}
		groups = append(groups, group{d, []Domain{d}})
	}
	return groups
}

// attend marks that somebody must act, with a message or none.
func (c *Certificate) attend(message string) {
	c.Status.RequiresAttention = true
	if message != "" {
		c.Status.ErrorMessage = &message
	}
}

// setDomains gives every live name a status. The old list is left as it was.
func (c *Certificate) setDomains(status string) {
	c.Domains = slices.Clone(c.Domains)
	for i, d := range c.Domains {
		if d.Status != "PendingDelete" && d.Status != "Delete" {
			c.Domains[i].Status = status
		}
	}
}
