package world

import (
	"slices"
	"strings"
	"time"
)

// Workflow is an order in progress. The certificate shows its status words; this is what
// the API hides: why it runs, which stage it is in, since when.
type Workflow struct {
	Kind    Kind      `json:"kind"`
	Stage   Stage     `json:"stage,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Since   time.Time `json:"since,omitzero"` // when the stage was entered
	// Domains and Organization are what the order changes, until it is visible.
	Domains      []Domain      `json:"domains,omitempty"`
	Organization *Organization `json:"organization,omitempty"`
	Before       *Before       `json:"before,omitempty"` // what a cancel reverts to
}

// Before is what a certificate was when an order was started on it.
type Before struct {
	Domains      []Domain      `json:"domains"`
	Organization *Organization `json:"organization,omitempty"`
	Status       *Status       `json:"status"`
}

// Kind is why an order runs: for a first certificate, or for a certificate whose
// current one stays active meanwhile.
type Kind string

const (
	First              Kind = "first"
	Renewal            Kind = "renewal"
	Reissue            Kind = "reissue"
	OrganizationUpdate Kind = "organization"
)

// Kinds are all of them.
var Kinds = []string{string(First), string(Renewal), string(Reissue), string(OrganizationUpdate)}

// orderWords are the words of the order status for each kind (cps-api, section 5.3).
var orderWords = map[Kind]struct{ awaiting, pending, done, rejected string }{
	First:              {"", "Pending", "Issued", "Rejected"},
	Renewal:            {"AwaitingRenewal", "PendingRenewal", "Renewed", "RenewalRejected"},
	Reissue:            {"AwaitingReissue", "PendingReissue", "Issued", "ReissueRejected"},
	OrganizationUpdate: {"AwaitingOrgUpdate", "PendingOrgUpdate", "OrgUpdated", "ReissueRejected"}, // no last word of its own
}

// Stage is a step of an order (cps-api, section 6):
//
//	hidden ─► queued ─► placed ─► validation ─► vetting ─► deployment ─► done
//	          Awaiting* Pending*  if domains    OV/EV, or
//	                    Pending   must be       a new organization
//	                              validated
type Stage string

const (
	stageHidden     Stage = "hidden" // accepted, but not visible yet
	stageQueued     Stage = "queued" // not at the CA
	stagePlaced     Stage = "placed" // at the CA
	stageValidation Stage = "validation"
	stageVetting    Stage = "vetting"
	stageDeployment Stage = "deployment"
)

// Stages are all of them.
var Stages = []string{
	string(stageHidden), string(stageQueued), string(stagePlaced), string(stageValidation), string(stageVetting), string(stageDeployment),
}

// Create adds a certificate request, and starts its first order.
func (w *World) Create(c Certificate, by *Actor) *Certificate {
	c.ID, c.Created, c.CreatedBy = w.certificateID(), w.Clock, by
	c.Workflow = &Workflow{Kind: First, Stage: stageQueued, Started: w.Clock, Since: w.Clock}
	for i := range c.Domains {
		c.Domains[i].ID, c.Domains[i].Status = w.DomainID(), "ProvisioningInitiated"
	}
	w.Certificates = append(w.Certificates, c)
	w.CountOrder(c.ID)
	return &w.Certificates[len(w.Certificates)-1]
}

// Start begins an order on c: of Workflow it needs the kind, and what changes.
func (w *World) Start(c *Certificate, wf Workflow, by *Actor) {
	w.CountOrder(c.ID)
	wf.Stage, wf.Started, wf.Since = stageHidden, w.Clock, w.Clock
	if wf.Kind != First {
		s := c.State()
		wf.Before = &Before{Domains: c.Domains, Organization: c.Organization, Status: &s}
	}
	c.Workflow = &wf
	w.TouchByOrder(c, by)
	if w.Switches.orderDelay() == 0 {
		w.show(c, by)
	}
}

// CountOrder counts an order that was started at the CA.
func (w *World) CountOrder(id int64) {
	if w.Orders == nil {
		w.Orders = map[int64]int{}
	}
	w.Orders[id]++
}

// show makes the order visible: queued on the CDN's side.
func (w *World) show(c *Certificate, by *Actor) {
	wf := c.Workflow
	w.enter(c, stageQueued)
	w.TouchByOrder(c, by)
	if wf.Kind == First {
		c.setStatus(statusOf("Processing", ""))
		c.setDomains("ProvisioningInitiated")
		c.NewTokens()
	} else {
		c.setStatus(statusOf(c.State().Status, orderWords[wf.Kind].awaiting))
	}
	if wf.Kind == Reissue {
		c.Domains = w.reissued(c, wf.Domains)
	}
	if wf.Organization != nil {
		c.Organization = wf.Organization
	}
	wf.Domains, wf.Organization = nil, nil
}

// ChangeDomains replaces the domains. What was issued is issued again (cps-api,
// section 8.4); anything else waits for its next order.
func (w *World) ChangeDomains(c *Certificate, wanted []Domain, by *Actor) {
	if c.Issued() {
		w.Start(c, Workflow{Kind: Reissue, Domains: wanted}, by)
		return
	}
	word := c.UsualWord()
	if len(c.Domains) > 0 {
		word = c.Domains[0].Status
	}
	for i := range wanted {
		wanted[i].ID, wanted[i].Created, wanted[i].Status = w.DomainID(), w.Clock, word
	}
	c.Domains = wanted
	w.Touch(c, by)
}

// ChangeOrganization replaces the organization, with an order where c was issued
// (cps-api, section 8.3).
func (w *World) ChangeOrganization(c *Certificate, org *Organization, by *Actor) {
	w.AddOrganization(org)
	if c.Issued() {
		w.Start(c, Workflow{Kind: OrganizationUpdate, Organization: org}, by)
		return
	}
	c.Organization = org
	w.Touch(c, by)
}

// reissued returns the domains of c while they change into the wanted ones
// (cps-api, sections 8.4 and 12.2).
func (w *World) reissued(c *Certificate, wanted []Domain) []Domain {
	kept := "PendingReissue"
	if w.Switches.KeptNames == "active" {
		kept = "Active"
	}
	var domains []Domain
	left := c.Live()
	for _, want := range wanted {
		same := func(d Domain) bool { return strings.EqualFold(d.Name, want.Name) }
		if i := slices.IndexFunc(left, same); i >= 0 {
			want.ID, want.Created, want.Status = left[i].ID, left[i].Created, kept
			left = slices.DeleteFunc(left, same) // a state may list it twice
		} else {
			want.ID, want.Created, want.Status = w.DomainID(), w.Clock, "AwaitingCertificateAuthority"
		}
		domains = append(domains, want)
	}
	for _, d := range left {
		d.IsCommonName, d.Status = false, "PendingDelete"
		domains = append(domains, d)
	}
	return domains
}

// CancelAction returns what a cancel of c does (cps-api, section 5.9: in words only, the names
// are ours). A first request ends as deleted; any other one goes back to what was issued
// (section 6.5).
func (c *Certificate) CancelAction() string {
	if c.Issued() {
		return "Revert"
	}
	return "Cancel"
}

// CancelOrder does it.
func (w *World) CancelOrder(c *Certificate, by *Actor) {
	switch {
	case c.Issued():
		w.revert(c, by)
	case c.State().order() == "":
		w.Remove(c, "", by)
	default:
		w.Remove(c, "Canceled", by)
	}
}

// revert undoes the order in progress, or the failure of the last one.
func (w *World) revert(c *Certificate, by *Actor) {
	if c.Workflow != nil && c.Workflow.Before != nil {
		b := c.Workflow.Before
		c.Domains, c.Organization, c.Status = b.Domains, b.Organization, b.Status
	} else { // it failed, or the file has no record of it
		c.Domains = withoutNew(c.Domains, c.Workflow == nil)
		c.setStatus(statusOf("Active", "Issued"))
	}
	c.Workflow = nil
	if c.State().Status == "Deployment" { // the order began before it was active
		c.Workflow = &Workflow{Kind: First, Stage: stageDeployment, Started: w.Clock, Since: w.Clock}
	}
	w.Touch(c, by)
}

// withoutNew returns the domains that were active before an order that added others, which
// failed or wait. Where all do it was a renewal of the same domains.
func withoutNew(domains []Domain, failed bool) []Domain {
	added := []string{"AwaitingCertificateAuthority"}
	if failed {
		added = []string{"TimedOut", "Rejected", "SecretRejected"}
	}
	old := slices.DeleteFunc(slices.Clone(domains), func(d Domain) bool { return in(d.Status, added...) })
	if len(old) == 0 {
		old = slices.Clone(domains)
	}
	for i := range old {
		old[i].Status = "Active"
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

// TouchByOrder moves last_modified for a step of an order, unless a switch keeps it.
func (w *World) TouchByOrder(c *Certificate, by *Actor) {
	if w.Switches.OrderLastModified != "stays" {
		w.Touch(c, by)
	}
}

func (w *World) enter(c *Certificate, s Stage) { c.Workflow.Stage, c.Workflow.Since = s, w.Clock }
