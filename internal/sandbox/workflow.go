package sandbox

import (
	"strings"
	"time"
)

// A Workflow is an order under way. Its words are the ones the certificate shows;
// this is what the API hides: why it runs, how far it is, since when.
type Workflow struct {
	Kind  Kind  `json:"kind"`
	Stage Stage `json:"stage,omitempty"`
	// Started is when the order was started, Since when the stage was entered.
	Started time.Time `json:"started,omitzero"`
	Since   time.Time `json:"since,omitzero"`
	// Domains and Organization are what the order changes, until it shows.
	Domains      []Domain      `json:"domains,omitempty"`
	Organization *Organization `json:"organization,omitempty"`
	// Before is what a cancel reverts to.
	Before *Before `json:"before,omitempty"`
}

// Before is what a certificate was when an order was started on it.
type Before struct {
	Domains      []Domain      `json:"domains"`
	Organization *Organization `json:"organization,omitempty"`
	Status       *Status       `json:"status"`
}

// Kind is why an order runs: for a first certificate, or for a certificate that
// keeps its old one in service meanwhile.
type Kind string

const (
	kindFirst        Kind = "first"
	kindRenewal      Kind = "renewal"
	kindReissue      Kind = "reissue"
	kindOrganization Kind = "organization"
)

var kinds = []string{string(kindFirst), string(kindRenewal), string(kindReissue), string(kindOrganization)}

// Stage is how far an order is (cps-api, section 6):
//
//	hidden ─► queued ─► placed ─► validation ─► vetting ─► deployment ─► done
//	          Awaiting* Pending*  if names must OV/EV, or
//	                    Pending   be validated  a new organization
type Stage string

const (
	stageHidden     Stage = "hidden" // accepted, but nothing shows it yet
	stageQueued     Stage = "queued" // not at the CA
	stagePlaced     Stage = "placed" // at the CA
	stageValidation Stage = "validation"
	stageVetting    Stage = "vetting"
	stageDeployment Stage = "deployment"
)

var stages = []string{
	string(stageHidden), string(stageQueued), string(stagePlaced),
	string(stageValidation), string(stageVetting), string(stageDeployment),
}

// orderWord returns the word of the order status for a kind (cps-api, section 5.3):
// "Awaiting" and "Pending" before the noun, "" for the end, "Rejected" after it.
func (k Kind) orderWord(form string) string {
	noun := map[Kind]string{kindRenewal: "Renewal", kindReissue: "Reissue", kindOrganization: "OrgUpdate"}[k]
	switch {
	case k == kindFirst && form == "":
		return "Issued"
	case k == kindFirst:
		return form
	case form == "":
		return map[Kind]string{kindRenewal: "Renewed", kindReissue: "Issued", kindOrganization: "OrgUpdated"}[k]
	case form == "Rejected" && k == kindRenewal:
		return "RenewalRejected"
	case form == "Rejected": // no word of its own for organizations
		return "ReissueRejected"
	}
	return form + noun
}

// start begins an order on c. It counts from now, and shows now or later.
func (w *World) start(c *Certificate, wf Workflow, by *Actor) {
	w.count(c.ID)
	wf.Stage, wf.Started, wf.Since = stageHidden, w.Clock, w.Clock
	if wf.Kind != kindFirst {
		wf.Before = &Before{Domains: c.Domains, Organization: c.Organization, Status: c.Status}
	}
	c.Workflow = &wf
	w.orderTouches(c, by)
	if w.Switches.orderDelay() == 0 {
		w.show(c, by)
	}
}

func (w *World) count(id int64) {
	if w.Orders == nil {
		w.Orders = map[int64]int{}
	}
	w.Orders[id]++
}

// show makes the order visible: queued on the CDN's side.
func (w *World) show(c *Certificate, by *Actor) {
	wf := c.Workflow
	w.enter(c, stageQueued)
	w.orderTouches(c, by)
	switch wf.Kind {
	case kindFirst:
		c.setStatus("Processing", "")
		c.setDomains("ProvisioningInitiated")
		c.Tokens++
	case kindReissue:
		c.Domains = w.reissued(c, wf.Domains)
		c.setStatus(c.Status.Status, wf.Kind.orderWord("Awaiting"))
	default:
		c.setStatus(c.Status.Status, wf.Kind.orderWord("Awaiting"))
	}
	if wf.Organization != nil {
		c.Organization = wf.Organization
	}
	wf.Domains, wf.Organization = nil, nil
}

// reissued returns the names of c while they change into the wanted ones
// (cps-api, sections 8.4 and 12.2).
func (w *World) reissued(c *Certificate, wanted []Domain) []Domain {
	kept := "PendingReissue"
	if w.Switches.KeptNames == "active" {
		kept = "Active"
	}
	have := map[string]Domain{}
	for _, d := range c.live() {
		have[strings.ToLower(d.Name)] = d
	}
	var names []Domain
	for _, want := range wanted {
		if d, ok := have[strings.ToLower(want.Name)]; ok {
			want.ID, want.Created, want.Status = d.ID, d.Created, kept
			delete(have, strings.ToLower(want.Name))
		} else {
			want.ID, want.Created, want.Status = w.domainID(), w.Clock, "AwaitingCertificateAuthority"
		}
		names = append(names, want)
	}
	for _, d := range c.live() {
		if _, removed := have[strings.ToLower(d.Name)]; removed {
			d.IsCommonName, d.Status = false, "PendingDelete"
			names = append(names, d)
		}
	}
	return names
}

// orderTouches moves last_modified for a step of an order, unless a switch keeps it.
func (w *World) orderTouches(c *Certificate, by *Actor) {
	if w.Switches.OrderLastModified != "stays" {
		w.touch(c, by)
	}
}

// touch moves last_modified. By is nil for the system (cps-api, section 4.1).
func (w *World) touch(c *Certificate, by *Actor) {
	c.LastModified, c.ModifiedBy = w.Clock, by
}

func (w *World) enter(c *Certificate, s Stage) {
	c.Workflow.Stage, c.Workflow.Since = s, w.Clock
}

func (w *World) domainID() int64 {
	w.LastDomainID = max(w.LastDomainID, 41000) + 1
	return w.LastDomainID
}
