package world

import (
	"strings"
	"time"
)

// Fill gives a world that a person wrote what has to stay the same from then on: ids,
// dates, thumbprints, the words of its domains, and the orders in progress. Filling twice
// changes nothing.
func (w *World) Fill() {
	w.Clock = w.Clock.UTC()
	for _, c := range w.Certificates {
		for _, d := range c.Domains {
			w.LastDomainID = max(w.LastDomainID, d.ID)
		}
	}
	for i := range w.Certificates {
		if w.Certificates[i].ID == 0 {
			w.Certificates[i].ID = w.certificateID()
		}
		w.fillCertificate(&w.Certificates[i])
	}
	for i := range w.Organizations {
		if w.Organizations[i].ID == 0 {
			w.Organizations[i].ID = int64(701 + i)
		}
	}
}

func (w *World) fillCertificate(c *Certificate) {
	c.AtID, c.AtType = "", ""
	if c.ValidationType == "" {
		c.ValidationType = "DV"
	}
	if c.DCVMethod == "" {
		c.DCVMethod = "DnsTxtToken"
	}
	if c.Created.IsZero() {
		c.Created = w.Clock
		// What was issued was requested when the CA issued it with full validity.
		if issued := c.Expires.Add(-199 * day); !c.Expires.IsZero() && issued.Before(w.Clock) {
			c.Created = issued
		}
	}
	if s := c.Status; s != nil {
		filled := *s
		filled.AtID, filled.AtType, filled.ID = "", "", 0
		if s.Status == "" {
			filled.Status = "Processing"
			if c.Issued() {
				filled.Status = "Active"
			}
		}
		c.Status = &filled
	}
	for i := range c.Domains {
		d := &c.Domains[i]
		if d.ID == 0 {
			d.ID = w.DomainID()
		}
		if d.Status == "" {
			d.Status = c.UsualWord()
		}
	}
	w.fillThumbprint(c)
	if s := c.State(); c.Status == nil && s.Status == "Active" && s.order() == "Issued" && !c.Expires.IsZero() && !c.Expires.After(w.Clock) {
		c.setStatus(statusOf("Active", "Expired"))
	}
	c.fillWorkflow(w.Clock)
}

// fillThumbprint makes the certificate of what was issued, unless the file gives a thumbprint.
func (w *World) fillThumbprint(c *Certificate) {
	if !c.Issued() || c.Thumbprint != nil && *c.Thumbprint != ThumbprintMade {
		return
	}
	c.Issues = max(c.Issues, 1)
	issued, regions := c.Expires.Add(-199*day), len(c.places())
	if issued.After(w.Clock) {
		issued = w.Clock
	}
	if c.State().Status == "Deployment" {
		regions = 0
	}
	c.make(issued, regions)
}

// UsualWord is the status of a domain of which nothing is written (cps-api, section 12.2).
func (c *Certificate) UsualWord() string {
	s := c.State()
	switch {
	case s.Status == "Deleted":
		return "Delete"
	case s.Status == "Deployment":
		return "PendingDns"
	case c.Issued():
		return "Active"
	case s.Status == "Processing" && s.OrderValidation == nil:
		return "ProvisioningInitiated"
	}
	return "AwaitingCertificateAuthority"
}

// fillWorkflow finds the order in progress in the words of the certificate.
func (c *Certificate) fillWorkflow(now time.Time) {
	kind, stage := c.inProgress(now)
	if c.Workflow == nil && kind == "" {
		return
	}
	wf := Workflow{Kind: kind}
	if c.Workflow != nil {
		wf = *c.Workflow
	}
	if wf.Stage == "" {
		wf.Stage = stage
	}
	if wf.Started.IsZero() {
		wf.Started = c.Modified()
	}
	if wf.Since.IsZero() {
		wf.Since = later(wf.Started, c.Modified())
	}
	c.Workflow = &wf
}

// inProgress derives an order from words alone; its kind is empty when none is.
func (c *Certificate) inProgress(now time.Time) (Kind, Stage) {
	switch c.Phase(now) {
	case processing:
		return First, stageQueued
	case ordered:
		return First, stagePlaced
	case controlValidation:
		return First, stageValidation
	case otherValidation:
		return First, stageVetting
	case deploying:
		return First, stageDeployment
	case inFlight:
		return c.laterOrder()
	default:
		return "", ""
	}
}

// laterOrder is inProgress for what was issued before.
func (c *Certificate) laterOrder() (kind Kind, stage Stage) {
	s := c.State()
	switch {
	case strings.HasSuffix(s.order(), "Renewal"):
		kind = Renewal
	case strings.HasSuffix(s.order(), "OrgUpdate"):
		kind = OrganizationUpdate
	default:
		kind = Reissue
	}
	switch {
	case strings.HasPrefix(s.order(), "Awaiting"):
		stage = stageQueued
	case s.Status == "DomainControlValidation":
		stage = stageValidation
	case s.Status == "OtherValidation":
		stage = stageVetting
	case c.has("PendingDns"):
		stage = stageDeployment
	default:
		stage = stagePlaced
	}
	return kind, stage
}
