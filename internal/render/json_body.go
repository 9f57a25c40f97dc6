package render

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// jsonBody is the body of a PATCH, byte for byte what is sent but for white space.
//
// Source: cps-api, section 3.6.
type jsonBody struct {
	Label       cert.Opt[string]         `json:"certificate_label,omitzero"`
	Description cert.Opt[string]         `json:"description,omitzero"`
	AutoRenew   cert.Opt[bool]           `json:"auto_renew,omitzero"`
	DCVMethod   cert.Opt[cert.DCVMethod] `json:"dcv_method,omitzero"`
	Domains     []jsonName               `json:"domains,omitempty"`
}

// jsonName is one name of the complete list.
type jsonName struct {
	Name   string `json:"name"`
	Common bool   `json:"is_common_name"`
}

// body is what an operation sends, or nil when it sends none.
func body(o plan.Operation) *jsonBody {
	if o.Kind != plan.Patch {
		return nil
	}
	b := &jsonBody{Label: o.Body.Label, Description: o.Body.Description,
		AutoRenew: o.Body.AutoRenew, DCVMethod: o.Body.DCVMethod}
	if d, ok := o.Body.Domains.Get(); ok {
		b.Domains = each(d.Listed(), func(n string) jsonName { return jsonName{n, n == d.Common} })
	}
	return b
}
