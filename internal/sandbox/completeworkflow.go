package sandbox

import (
	"strings"
	"time"
)

// completeWorkflow finds the order under way in the words of the certificate.
func (c *Certificate) completeWorkflow(now time.Time) {
	kind, stage := c.underWay(now)
	if c.Workflow == nil {
		if kind == "" {
			return
		}
		c.Workflow = &Workflow{Kind: kind}
	}
	wf := *c.Workflow
	if wf.Stage == "" {
		wf.Stage = stage
	}
	if wf.Started.IsZero() {
		wf.Started = c.LastModified
	}
	if wf.Since.IsZero() {
		wf.Since = later(wf.Started, c.LastModified)
	}
	c.Workflow = &wf
}

// underWay derives an order from words alone; its kind is empty when none is.
func (c *Certificate) underWay(now time.Time) (Kind, Stage) {
	switch c.phase(now) {
	case processing:
		return kindFirst, stageQueued
	case ordered:
		return kindFirst, stagePlaced
	case controlValidation:
		return kindFirst, stageValidation
	case otherValidation:
		return kindFirst, stageVetting
	case deployment:
		return kindFirst, stageDeployment
	case inFlight:
		return c.flightKind(), c.flightStage()
	default:
		return "", ""
	}
}

func (c *Certificate) flightKind() Kind {
	switch order := c.order(); {
	case strings.HasSuffix(order, "Renewal"):
		return kindRenewal
	case strings.HasSuffix(order, "OrgUpdate"):
		return kindOrganization
	}
	return kindReissue
}

func (c *Certificate) flightStage() Stage {
	switch {
	case strings.HasPrefix(c.order(), "Awaiting"):
		return stageQueued
	case c.Status.Status == "DomainControlValidation":
		return stageValidation
	case c.Status.Status == "OtherValidation":
		return stageVetting
	case c.has("PendingDns"):
		return stageDeployment
	}
	return stagePlaced
}
