// Package world simulates certificate requests and the time that passes over them:
// orders at the CA, domain control validation, deployment, renewal, expiry. It knows
// neither HTTP nor files.
//
// It is written from the project's fact sheet of the API alone ("cps-api, section N"
// in the comments).
package world

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// World is the whole simulated state. Its JSON form is the state file. Members that the
// file leaves out stay left out where their value follows from others.
type World struct {
	Clock         time.Time      `json:"clock"` // the simulated now, in UTC
	Switches      Switches       `json:"switches,omitzero"`
	Faults        []Fault        `json:"faults,omitempty"`        // injected in this order
	Credentials   *Credentials   `json:"credentials,omitempty"`   // in place of the fixed ones
	Certificates  []Certificate  `json:"certificates"`            // as they were requested, deleted ones too: their labels stay taken
	Organizations []Organization `json:"organizations,omitempty"` // of the account
	Notifications []Notification `json:"notifications,omitempty"` // the account's defaults
	Orders        map[int64]int  `json:"orders,omitempty"`        // how many were started at the CA, by certificate id
	LastDomainID  int64          `json:"last_domain_id,omitzero"` // the highest id a domain ever had
	Writes        []Write        `json:"writes,omitempty"`        // the accepted ones, oldest first
}

// Credentials are those of the one API client (cps-api, section 1).
type Credentials struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Scope        string `json:"scope,omitempty"` // what the client may ask for, separated by spaces; empty means everything
}

// Write is one accepted write request.
type Write struct {
	At      time.Time `json:"at"`
	Request string    `json:"request"`
	Status  int       `json:"status"`
}

// A Fault is something that goes wrong, by name. The server knows what each name does.
type Fault struct {
	Name  string `json:"name"`
	Call  string `json:"call,omitempty"` // the kind of request; empty means any
	ID    int64  `json:"id,omitzero"`    // of the certificate; zero means any
	When  string `json:"when,omitempty"` // whether a write takes effect whose answer is replaced: "before" (no, the default) or "after"
	Skip  int    `json:"skip,omitzero"`  // how many matching requests pass first
	Times int    `json:"times,omitzero"` // how often it is injected: 0 once, -1 always
	// RetryAfter, for throttle and 503: seconds, "date" (30 seconds ahead), or empty for no header.
	RetryAfter string `json:"retry_after,omitempty"`
	For        Wait   `json:"for,omitempty"` // how long "slow" takes; empty means 30 seconds
	// What is what "moves" changes: description (the default), domains,
	// auto_renew, renewal or last_modified; and the target of "redirect".
	What string `json:"what,omitempty"`
	// Seen and Struck count the matching requests, and those it was injected into.
	Seen   int `json:"seen,omitzero"`
	Struck int `json:"struck,omitzero"`
}

// Find returns the certificate with this id, nil when there is none.
func (w *World) Find(id int64) *Certificate {
	for i := range w.Certificates {
		if w.Certificates[i].ID == id {
			return &w.Certificates[i]
		}
	}
	return nil
}

// LabelTaken reports whether a certificate other than the one with this id has a label,
// upper and lower case alike (cps-api, section 7.1).
func (w *World) LabelTaken(label string, id int64) bool {
	return slices.ContainsFunc(w.Certificates, func(c Certificate) bool { return c.ID != id && strings.EqualFold(c.Label, label) })
}

// AllOrganizations returns those of the account, then those that its certificates name
// beside them. The first one is the default.
func (w *World) AllOrganizations() []Organization {
	all := slices.Clone(w.Organizations)
	for _, c := range w.Certificates {
		org := c.Organization
		if org != nil && org.ID != 0 && !slices.ContainsFunc(all, func(o Organization) bool { return o.ID == org.ID }) {
			all = append(all, *org)
		}
	}
	return all
}

// AddOrganization gives an organization without an id the next one, and adds it to the
// account.
func (w *World) AddOrganization(org *Organization) {
	if org == nil || org.ID != 0 {
		return
	}
	org.ID = 701
	for _, o := range w.AllOrganizations() {
		org.ID = max(org.ID, o.ID+1)
	}
	w.Organizations = append(w.Organizations, *org)
}

// Encode returns the state file of w: indented and stable.
func (w *World) Encode() []byte { return JSON(w, "  ") }

// JSON returns v as JSON with this indentation, or in one line.
func JSON(v any, indent string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		panic("sandbox: what cannot be encoded: " + err.Error())
	}
	return b.Bytes()
}

// Clone returns a copy that shares nothing with w.
func (w *World) Clone() World {
	var c World
	if err := json.Unmarshal(w.Encode(), &c); err != nil {
		panic("sandbox: a world does not survive its own encoding: " + err.Error())
	}
	return c
}

func (w *World) certificateID() int64 {
	var last int64 = 20000
	for _, c := range w.Certificates {
		last = max(last, c.ID)
	}
	return last + 1
}

// DomainID returns the next id of a domain.
func (w *World) DomainID() int64 {
	w.LastDomainID = max(w.LastDomainID, 41000) + 1
	return w.LastDomainID
}

// Touch moves last_modified. By is nil for the system (cps-api, section 4.1).
func (w *World) Touch(c *Certificate, by *Actor) { c.LastModified, c.ModifiedBy = w.Clock, by }
