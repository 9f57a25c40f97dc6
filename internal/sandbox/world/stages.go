package world

import (
	"slices"
	"time"
)

// place sends the order to the CA.
func (w *World) place(c *Certificate) {
	w.enter(c, stagePlaced)
	if c.Workflow.Kind == First {
		c.setDomains("AwaitingCertificateAuthority")
		c.setStatus(statusOf("Processing", "Pending"))
	} else {
		c.setStatus(statusOf(c.State().Status, c.Workflow.Kind.orderWord("Pending")))
	}
	w.TouchByOrder(c, nil)
}

// awaitDCV asks the customer for domain control validation: the DCV tokens are available.
func (w *World) awaitDCV(c *Certificate) {
	w.enter(c, stageValidation)
	c.setStatus(statusOf("DomainControlValidation", c.State().order()).failedWith(""))
	w.Touch(c, nil)
}

// CheckDomains lets the CA look for the proof of control now.
func (w *World) CheckDomains(c *Certificate) {
	if c.ValidatesAfter == "check" && c.Workflow != nil && c.Workflow.Stage == stageValidation && !c.Refused {
		w.validated(c)
	}
}

// validated continues the order: every domain is validated.
func (w *World) validated(c *Certificate) {
	if c.ValidationType != "DV" && (c.Workflow.Kind == First || c.Revalidates) {
		w.vet(c)
	} else {
		w.deploy(c)
	}
}

// vet lets the CA check the organization.
func (w *World) vet(c *Certificate) {
	w.enter(c, stageVetting)
	c.setStatus(statusOf("OtherValidation", c.State().order()))
	w.Touch(c, nil)
}

// deploy begins the deployment of what the CA issued. A first certificate is visible at
// once; a later one when it is active.
func (w *World) deploy(c *Certificate) {
	w.enter(c, stageDeployment)
	if c.Workflow.Kind == First {
		w.issue(c, w.Clock, 0)
		c.setDomains("PendingDns")
		c.setStatus(statusOf("Deployment", "Issued"))
	} else {
		c.setStatus(statusOf("Active", c.State().order()))
	}
	w.Touch(c, nil)
}

// finish makes the new certificate the active one.
func (w *World) finish(c *Certificate) {
	kind := c.Workflow.Kind
	if kind != First {
		w.issue(c, c.Workflow.Since, 0)
	}
	if c.Simulated() {
		w.reachRegion(c)
	}
	c.Workflow = nil
	c.setDomains("Active")
	c.Domains = w.withoutRemoved(c.Domains)
	c.setStatus(statusOf("Active", kind.orderWord("")))
	w.Touch(c, nil)
}

// withoutRemoved returns the domains that stay listed after a reissue, as the switch says.
func (w *World) withoutRemoved(domains []Domain) []Domain {
	wait, err := ParseDuration(w.Switches.RemovedNames)
	var stay []Domain
	for _, d := range domains {
		if d.Status == "PendingDelete" {
			if err != nil && w.Switches.RemovedNames != "stay" {
				continue
			}
			if err == nil {
				d.Leaves = w.Clock.Add(wait)
			}
		}
		stay = append(stay, d)
	}
	return stay
}

// unlist ends the listing of removed domains whose time is over.
func (w *World) unlist(c *Certificate) {
	var stay []Domain
	for _, d := range c.Domains {
		if d.Leaves.IsZero() || d.Leaves.After(w.Clock) {
			stay = append(stay, d)
		}
	}
	c.Domains = stay
	w.Touch(c, nil)
}

// timeOut fails the order: control of a domain was not proven in time (cps-api, section 6.2).
func (w *World) timeOut(c *Certificate) { w.fail(c, "TimedOut", messageTimedOut) }

// refuse fails the order: the CA refuses to issue.
func (w *World) refuse(c *Certificate) { w.fail(c, "Rejected", messageRejected) }

// fail ends the order in progress, or leaves it open with domains that failed. An active
// certificate stays active.
func (w *World) fail(c *Certificate, word, message string) {
	kind := c.Workflow.Kind
	open := word == "TimedOut" && w.Switches.TimedOutOrder == "stays-open"
	request, order := "Active", kind.orderWord("Rejected")
	switch {
	case open:
		request, order = "DomainControlValidation", kind.orderWord("Pending")
	case kind == First && word == "TimedOut":
		request, order = "DomainControlValidation", "Canceled"
	case kind == First:
		request = "DomainControlValidation"
	}
	if kind == First {
		c.setDomains(word)
	} else {
		c.Domains = failedDomains(c.Domains, word)
	}
	if open && !c.has(word) { // its domains are listed as active meanwhile
		c.Domains[len(c.Domains)-1].Status = word
	}
	c.Workflow = nil
	c.setStatus(statusOf(request, order).failedWith(message))
	w.Touch(c, nil)
}

// failedDomains returns the domains after a failed reissue: new ones have the word
// of the failure, the others are as before.
func failedDomains(domains []Domain, word string) []Domain {
	after := slices.Clone(domains)
	for i, d := range after {
		switch {
		case d.Status == "AwaitingCertificateAuthority":
			after[i].Status = word
		case d.Status == "PendingReissue", d.Status == "PendingDelete" && d.Leaves.IsZero():
			after[i].Status = "Active"
		}
	}
	return after
}

// What a cancel does (cps-api, section 5.9: in words only, the names are ours).
const (
	actionCancel = "Cancel"
	actionRevert = "Revert"
)

// CancelAction returns what a cancel of c does. A first request ends as deleted; any
// other one goes back to what was issued (cps-api, section 6.5).
func (c *Certificate) CancelAction() string {
	if c.Issued() {
		return actionRevert
	}
	return actionCancel
}

// CancelOrder does it.
func (w *World) CancelOrder(c *Certificate, by *Actor) {
	switch {
	case c.CancelAction() == actionRevert:
		w.revert(c, by)
	case c.State().order() == "":
		w.Remove(c, "", by)
	default:
		w.Remove(c, "Canceled", by)
	}
}

// revert undoes the order in progress, or the failure of the last one.
func (w *World) revert(c *Certificate, by *Actor) {
	switch {
	case c.Workflow == nil:
		c.Domains = withoutNew(c.Domains, "TimedOut", "Rejected", "SecretRejected")
		c.setStatus(statusOf("Active", "Issued"))
	case c.Workflow.Before == nil: // the file has no record of it
		c.Domains = withoutNew(c.Domains, "AwaitingCertificateAuthority")
		c.setStatus(statusOf("Active", "Issued"))
	default:
		b := c.Workflow.Before
		c.Domains, c.Organization, c.Status = b.Domains, b.Organization, b.Status
	}
	c.Workflow = nil
	if c.State().Status == "Deployment" { // the order began before it was active
		c.Workflow = &Workflow{Kind: First, Stage: stageDeployment, Started: w.Clock, Since: w.Clock}
	}
	w.Touch(c, by)
}

// withoutNew returns the domains that were active before an order that gave others one of
// these statuses. Where all have one it was a renewal of the same domains.
func withoutNew(domains []Domain, statuses ...string) []Domain {
	var old, all []Domain
	for _, d := range domains {
		fresh := in(d.Status, statuses)
		d.Status = "Active"
		if all = append(all, d); !fresh {
			old = append(old, d)
		}
	}
	if len(old) == 0 {
		return all
	}
	return old
}

// Remove makes c a deleted certificate with an order status. Its label stays taken.
func (w *World) Remove(c *Certificate, order string, by *Actor) {
	c.Workflow = nil
	c.Deployments = nil
	c.Domains = slices.Clone(c.Domains)
	for i := range c.Domains {
		c.Domains[i].Status, c.Domains[i].Leaves = "Delete", time.Time{}
	}
	c.setStatus(statusOf("Deleted", order))
	w.Touch(c, by)
}
