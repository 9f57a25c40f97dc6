package sandbox

import (
	"bytes"
	"encoding/json"
	"time"
)

// World is the whole simulated state. Its JSON form is the state file.
type World struct {
	// Clock is the simulated now, in UTC.
	Clock time.Time `json:"clock"`
	// Switches settle what nobody knows about the real service.
	Switches Switches `json:"switches,omitzero"`
	// Faults go wrong in the order they are listed.
	Faults []Fault `json:"faults,omitempty"`
	// Credentials replace ClientID and ClientSecret.
	Credentials *Credentials `json:"credentials,omitempty"`
	// Certificates are listed in the order they were requested, deleted ones too:
	// their labels stay taken.
	Certificates []Certificate `json:"certificates"`
	// Organizations belong to the account; the first one is the default.
	Organizations []Organization `json:"organizations,omitempty"`
	// Notifications are the account's defaults.
	Notifications []Notification `json:"notifications,omitempty"`
	// PortalUsers are the only addresses that may be notified; none means any.
	PortalUsers []string `json:"portal_users,omitempty"`
	// Commits is the number of certificates the customer has contracted.
	Commits int64 `json:"commits,omitzero"`
	// BurntLabels were reserved by creates that failed.
	BurntLabels []string `json:"burnt_labels,omitempty"`
	// Orders counts the orders started at the CA, by certificate id.
	Orders map[int64]int `json:"orders,omitempty"`
	// LastDomainID is the highest id a domain ever had.
	LastDomainID int64 `json:"last_domain_id,omitzero"`
	// Writes are the accepted ones, oldest first.
	Writes []Write `json:"writes,omitempty"`
}

// Credentials are those of the one API client (cps-api, section 1).
type Credentials struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	// Scope is what the client may ask for, separated by spaces. Empty means everything.
	Scope string `json:"scope,omitempty"`
}

// Write is one accepted write request.
type Write struct {
	At      time.Time `json:"at"`
	Request string    `json:"request"`
	Status  int       `json:"status"`
}

// find returns the certificate with this id, nil when there is none.
func (w *World) find(id int64) *Certificate {
	for i := range w.Certificates {
		if w.Certificates[i].ID == id {
			return &w.Certificates[i]
		}
	}
	return nil
}

// credentials returns the client that may ask for tokens.
func (w *World) credentials() Credentials {
	if w.Credentials == nil {
		return Credentials{ClientID: ClientID, ClientSecret: ClientSecret}
	}
	return *w.Credentials
}

// clone returns a copy that shares nothing with w.
func (w *World) clone() World {
	var c World
	if err := json.Unmarshal(encode(*w), &c); err != nil {
		panic("sandbox: a world does not survive its own encoding: " + err.Error())
	}
	c.complete()
	return c
}

// encode returns the state file of w: indented, stable, without the members
// that reading it back fills in.
func encode(w World) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(w.tidy()); err != nil {
		panic("sandbox: a world cannot be encoded: " + err.Error())
	}
	return b.Bytes()
}
