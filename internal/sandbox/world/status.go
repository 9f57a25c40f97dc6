package world

import (
	"cmp"
	"slices"
	"strings"
	"time"
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
	DomainValidations      []DomainValidation      `json:"domain_validations,omitzero"`
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

// steps are those of the request statuses; 3 is certain, the others are inferred (cps-api,
// section 5.2).
var steps = map[string]int{"Processing": 1, "DomainControlValidation": 3, "OtherValidation": 4, "Deployment": 5, "Active": 6}

// Detailed returns the status of c with its step and the validations of its order.
func (c *Certificate) Detailed() Status {
	s := c.State()
	if s.Step == 0 && s.Status == "Processing" && s.OrderValidation != nil {
		s.Step = 2
	}
	s.Step = cmp.Or(s.Step, steps[s.Status])
	if s.OrderValidation == nil {
		return s
	}
	order := *s.OrderValidation
	if order.OrganizationValidation == nil {
		word := "Approved"
		if c.ValidationType == "DV" {
			word = "NA"
		} else if s.Status == "OtherValidation" || !c.Issued() {
			word = "Pending"
		}
		order.OrganizationValidation = &OrganizationValidation{ValidationType: c.ValidationType, Status: word}
	}
	if order.DomainValidations == nil {
		order.DomainValidations = c.domainValidations(s)
	}
	s.OrderValidation = &order
	return s
}

// domainValidations returns the validation status of each group of domains.
func (c *Certificate) domainValidations(s Status) []DomainValidation {
	validated := s.Status == "OtherValidation" || s.Status == "Deployment" || c.Workflow != nil && c.Workflow.Stage == stageDeployment
	all := []DomainValidation{}
	for _, g := range c.groups() {
		v := DomainValidation{DomainID: g[0].ID, Status: "Approved"}
		for _, d := range g {
			v.DomainNames = append(v.DomainNames, d.Name)
			if c.awaitsDCV(d) && !validated {
				v.Status = "Pending"
			}
			if in(d.Status, "Rejected", "SecretRejected") {
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
	return again || in(d.Status, "AwaitingCertificateAuthority", "TimedOut")
}

// groups returns the domains that are validated together: for OV and EV under the shortest
// parent, which comes first, for DV each alone (cps-api, sections 4.6 and 4.7).
func (c *Certificate) groups() [][]Domain {
	domains := c.Live()
	if c.ValidationType != "DV" {
		slices.SortStableFunc(domains, func(a, b Domain) int { return len(a.Name) - len(b.Name) })
	}
	var groups [][]Domain
	for _, d := range domains {
		i := slices.IndexFunc(groups, func(g []Domain) bool {
			return c.ValidationType != "DV" && strings.HasSuffix(strings.ToLower(d.Name), "."+strings.ToLower(g[0].Name))
		})
		if i < 0 {
			groups = append(groups, []Domain{d})
		} else {
			groups[i] = append(groups[i], d)
		}
	}
	return groups
}

// Parent returns the name of the domain that a domain is validated with.
func (c *Certificate) Parent(d Domain) string {
	for _, g := range c.groups() {
		if slices.ContainsFunc(g, func(m Domain) bool { return m.ID == d.ID }) {
			return g[0].Name
		}
	}
	return d.Name
}

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
	c.ValidationType = cmp.Or(c.ValidationType, "DV")
	c.DCVMethod = cmp.Or(c.DCVMethod, "DnsTxtToken")
	// What was issued was requested when the CA issued it with full validity.
	issued := w.Clock
	if at := c.Expires.Add(-199 * day); !c.Expires.IsZero() && at.Before(w.Clock) {
		issued = at
	}
	c.Created = cmp.Or(c.Created, issued)
	if s := c.Status; s != nil {
		filled := *s
		filled.AtID, filled.AtType, filled.ID = "", "", 0
		if c.Issued() {
			filled.Status = cmp.Or(s.Status, "Active")
		}
		filled.Status = cmp.Or(filled.Status, "Processing")
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
	if c.Issued() && (c.Thumbprint == nil || *c.Thumbprint == ThumbprintMade) {
		regions := len(c.places())
		if c.State().Status == "Deployment" {
			regions = 0
		}
		c.Issues = max(c.Issues, 1)
		c.make(issued, regions)
	}
	if s := c.State(); c.Status == nil && s.Status == "Active" && s.order() == "Issued" && !c.Expires.IsZero() && !c.Expires.After(w.Clock) {
		c.setStatus(statusOf("Active", "Expired"))
	}
	if kind, stage := c.inProgress(w.Clock); c.Workflow != nil || kind != "" {
		wf := Workflow{}
		if c.Workflow != nil {
			wf = *c.Workflow
		}
		wf.Kind, wf.Stage = cmp.Or(wf.Kind, kind, Reissue), cmp.Or(wf.Stage, stage)
		wf.Started = cmp.Or(wf.Started, c.Modified())
		wf.Since = cmp.Or(wf.Since, later(wf.Started, c.Modified()))
		c.Workflow = &wf
	}
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

// firstStages are the stages of a first order, by phase.
var firstStages = map[Phase]Stage{
	processing: stageQueued, ordered: stagePlaced, controlValidation: stageValidation, otherValidation: stageVetting, deploying: stageDeployment,
}

// inProgress derives an order from words alone; its kind is empty when none is.
func (c *Certificate) inProgress(now time.Time) (kind Kind, stage Stage) {
	phase, s := c.Phase(now), c.State()
	if stage, ok := firstStages[phase]; ok {
		return First, stage
	}
	if phase != inFlight {
		return "", ""
	}
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
