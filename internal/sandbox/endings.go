package sandbox

import "time"

// timeOut: control of a name was not proven in time (cps-api, section 6.2).
func (w *World) timeOut(c *Certificate) {
	w.fail(c, "TimedOut", "Domain control validation was not completed in time.")
}

// refuse: the CA does not want to issue.
func (w *World) refuse(c *Certificate) {
	w.fail(c, "Rejected", "The certificate authority rejected the order.")
}

// fail ends the order under way, or leaves it open with names that failed. A certificate
// in service stays in service.
func (w *World) fail(c *Certificate, word, message string) {
	kind := c.Workflow.Kind
	open := word == "TimedOut" && w.Switches.TimedOutOrder == "stays-open"
	status, order := "Active", kind.orderWord("Rejected")
	switch {
	case open:
		status, order = "DomainControlValidation", kind.orderWord("Pending")
	case kind == kindFirst && word == "TimedOut":
		status, order = "DomainControlValidation", "Canceled"
	case kind == kindFirst:
		status = "DomainControlValidation"
	}
	if kind == kindFirst {
		c.setDomains(word)
	} else {
		c.Domains = failedNames(c.Domains, word)
	}
	if open && !c.has(word) { // its names show as served meanwhile
		c.Domains[len(c.Domains)-1].Status = word
	}
	c.Workflow = nil
	c.setStatus(status, order)
	if kind == kindFirst {
		c.validate("Pending", "Pending")
	}
	c.attend(message)
	w.touch(c, nil)
}

// failedNames returns the names after a failed reissue: new ones have the word
// of the failure, the others are served as before.
func failedNames(names []Domain, word string) []Domain {
	after := append([]Domain(nil), names...)
	for i, d := range after {
		switch d.Status {
		case "AwaitingCertificateAuthority":
			after[i].Status = word
		case "PendingReissue":
			after[i].Status = "Active"
		case "PendingDelete":
			if d.Leaves.IsZero() {
				after[i].Status = "Active"
			}
		}
	}
	return after
}

// revert undoes the order under way (cps-api, section 6.5).
func (w *World) revert(c *Certificate, by *Actor) {
	if b := c.Workflow.Before; b != nil {
		c.Domains, c.Organization, c.Status = b.Domains, b.Organization, b.Status
	} else {
		c.Domains = withoutNew(c.Domains)
		c.Workflow = nil
		c.setStatus("Active", "Issued")
	}
	c.Workflow = nil
	if c.Status.Status == "Deployment" { // changed before it served
		c.Workflow = &Workflow{Kind: kindFirst, Stage: stageDeployment, Started: w.Clock, Since: w.Clock}
	}
	w.touch(c, by)
}

// withoutNew returns the names that were served before a reissue nobody recorded.
func withoutNew(names []Domain) []Domain {
	var old []Domain
	for _, d := range names {
		if d.Status != "AwaitingCertificateAuthority" {
			d.Status = "Active"
			old = append(old, d)
		}
	}
	return old
}

// remove makes c a deleted certificate. Its label stays taken.
func (w *World) remove(c *Certificate, order string, by *Actor) {
	c.Workflow = nil
	c.Deployments = nil
	c.Domains = append([]Domain(nil), c.Domains...)
	for i := range c.Domains {
		c.Domains[i].Status, c.Domains[i].Leaves = "Delete", time.Time{}
	}
	c.setStatus("Deleted", order)
	w.touch(c, by)
}

// autoRenew: the CDN renews by itself (cps-api, section 9).
func (w *World) autoRenew(c *Certificate) {
	w.start(c, Workflow{Kind: kindRenewal}, nil)
}

// expire: the certificate in service ends.
func (w *World) expire(c *Certificate) {
	c.setStatus("Active", "Expired")
	w.touch(c, nil)
}

// maxValidity is the longest validity the CA gives to what it issues at an
// instant (cps-api, section 9).
func maxValidity(issued time.Time) time.Duration {
	switch {
	case issued.Before(time.Date(2026, 2, 24, 0, 0, 0, 0, time.UTC)):
		return 397 * day
	case issued.Before(time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC)):
		return 199 * day
	case issued.Before(time.Date(2029, 3, 15, 0, 0, 0, 0, time.UTC)):
		return 99 * day
	}
	return 46 * day
}

// renewalLead is how long before its expiry a certificate is renewed: 60 days,
// but a third of the validity once that is shorter than 60 days.
func renewalLead(expires time.Time) time.Duration {
	if short := maxValidity(expires.Add(-46 * day)); short < renewedBefore {
		return short / 3
	}
	return renewedBefore
}
