package explore

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// reading is what a process read of a request.
type reading struct {
	ID          int64     `json:"id"`
	Label       string    `json:"certificate_label"`
	Description *string   `json:"description"`
	AutoRenew   bool      `json:"auto_renew"`
	DCVMethod   string    `json:"dcv_method"`
	Modified    time.Time `json:"last_modified"`
	Domains     []domain  `json:"domains"`

	at time.Time // when the API gave it
}

// domain is one name of a reading.
type domain struct {
	Name   string `json:"name"`
	Common bool   `json:"is_common_name"`
	Status string `json:"status"`
}

// names are the live ones, sorted.
func (r reading) names() []string {
	var all []string
	for _, d := range r.Domains {
		if d.Status != "PendingDelete" && d.Status != "Delete" {
			all = append(all, strings.ToLower(d.Name))
		}
	}
	slices.Sort(all)
	return all
}

// common is the live name that is marked so; "" when none is.
func (r reading) common() string {
	for _, d := range r.Domains {
		if d.Common {
			return strings.ToLower(d.Name)
		}
	}
	return ""
}

// edit is the body of a PATCH.
type edit struct {
	Label       *string `json:"certificate_label"`
	Description *string `json:"description"`
	AutoRenew   *bool   `json:"auto_renew"`
	DCVMethod   *string `json:"dcv_method"`
	Domains     []struct {
		Name   string `json:"name"`
		Common bool   `json:"is_common_name"`
	} `json:"domains"`
}

func (c call) edit() edit {
	var e edit
	if len(c.body) > 0 {
		if err := json.Unmarshal(c.body, &e); err != nil {
			panic(err)
		}
	}
	return e
}

// wanted is the edit that a body asks for.
func wanted(p cert.Patch) edit {
	var e edit
	set := func(to **string, v string, ok bool) {
		if ok {
			*to = &v
		}
	}
	label, ok := p.Label.Get()
	set(&e.Label, label, ok)
	description, ok := p.Description.Get()
	set(&e.Description, description, ok)
	method, ok := p.DCVMethod.Get()
	set(&e.DCVMethod, string(method), ok)
	if on, ok := p.AutoRenew.Get(); ok {
		e.AutoRenew = &on
	}
	d, _ := p.Domains.Get()
	for _, n := range d.Names {
		e.Domains = append(e.Domains, struct {
			Name   string `json:"name"`
			Common bool   `json:"is_common_name"`
		}{n, n == d.Common})
	}
	return e
}

// names are those of a PATCH, sorted, and the common one.
func (e edit) names() (names []string, common string) {
	for _, d := range e.Domains {
		names = append(names, d.Name)
		if d.Common {
			common = d.Name
		}
	}
	slices.Sort(names)
	return names, common
}

// shows reports whether a request shows all that a PATCH asks for.
func (e edit) shows(r reading) bool {
	text := ""
	if r.Description != nil {
		text = *r.Description
	}
	if e.Label != nil && *e.Label != r.Label || e.Description != nil && *e.Description != text ||
		e.AutoRenew != nil && *e.AutoRenew != r.AutoRenew || e.DCVMethod != nil && *e.DCVMethod != r.DCVMethod {
		return false
	}
	names, common := e.names()
	return e.Domains == nil || slices.Equal(names, r.names()) && common == r.common()
}
