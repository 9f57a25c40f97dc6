package sandbox

import (
	"crypto/sha1"
	"fmt"
	"time"
)

// place: the order reaches the CA.
func (w *World) place(c *Certificate) {
	w.enter(c, stagePlaced)
	if c.Workflow.Kind == kindFirst {
		c.setDomains("AwaitingCertificateAuthority")
		c.setStatus("Processing", "Pending")
		c.validate("Pending", "Pending")
	} else {
		c.setStatus(c.Status.Status, c.Workflow.Kind.orderWord("Pending"))
	}
	w.orderTouches(c, nil)
}

// askForProof: the DCV tokens are there, the customer must act.
func (w *World) askForProof(c *Certificate) {
	w.enter(c, stageValidation)
	c.setStatus("DomainControlValidation", c.order())
	if c.Workflow.Kind == kindFirst {
		c.validate("Pending", "Pending")
	}
	c.attend("")
	w.touch(c, nil)
}

// proven: control of all names is proven.
func (w *World) proven(c *Certificate) {
	if c.ValidationType != "DV" && (c.Workflow.Kind == kindFirst || c.Revalidates) {
		w.vet(c)
	} else {
		w.deploy(c)
	}
}

// vet: the CA checks the organization.
func (w *World) vet(c *Certificate) {
	w.enter(c, stageVetting)
	c.setStatus("OtherValidation", c.order())
	c.validate("Pending", "Approved")
	w.touch(c, nil)
}

// deploy: the CA has issued. A first certificate shows at once; a new one in
// place of an old one shows when it is on the network.
func (w *World) deploy(c *Certificate) {
	w.enter(c, stageDeployment)
	if c.Workflow.Kind == kindFirst {
		w.issue(c)
		c.setDomains("PendingDns")
		c.setStatus("Deployment", "Issued")
	} else {
		c.setStatus("Active", c.order())
	}
	c.validate("Approved", "Approved")
	w.touch(c, nil)
}

// finish: the new certificate serves.
func (w *World) finish(c *Certificate) {
	kind := c.Workflow.Kind
	if kind != kindFirst {
		w.issue(c)
	}
	c.Workflow = nil
	c.setDomains("Active")
	c.Domains = w.removed(c.Domains)
	if len(c.Deployments) == 0 {
		c.Deployments = []Deployment{deploymentOf(c.ID)}
	}
	c.setStatus("Active", kind.orderWord(""))
	w.touch(c, nil)
}

// removed returns the names that stay listed after a reissue, as the switch says.
func (w *World) removed(names []Domain) []Domain {
	wait, err := ParseDuration(w.Switches.RemovedNames)
	var stay []Domain
	for _, d := range names {
		if d.Status == "PendingDelete" {
			if err != nil && w.Switches.RemovedNames != "stay" {
				continue
			}
			if err == nil {
				d.Leaves = w.Clock.Add(time.Duration(wait))
			}
		}
		stay = append(stay, d)
	}
	return stay
}

// dropLeft takes names off the list whose time has come.
func (w *World) dropLeft(c *Certificate) {
	var stay []Domain
	for _, d := range c.Domains {
		if d.Leaves.IsZero() || d.Leaves.After(w.Clock) {
			stay = append(stay, d)
		}
	}
	c.Domains = stay
	w.touch(c, nil)
}

// issue gives c a new thumbprint and a new expiry.
func (w *World) issue(c *Certificate) {
	c.Issues++
	thumbprint := thumbprintOf(c.ID, c.Issues)
	c.Thumbprint = &thumbprint
	c.Expires = w.Clock.Truncate(day).Add(maxValidity(w.Clock))
}

func thumbprintOf(id int64, issues int) string {
	return fmt.Sprintf("%X", sha1.Sum(fmt.Appendf(nil, "certificate %d, issue %d", id, issues)))
}

func deploymentOf(id int64) Deployment {
	return Deployment{"GlobalPremiumPlusAsia", "HttpLarge", fmt.Sprintf("cs%d.wpc.sandbox.example-cdn.net", id)}
}
