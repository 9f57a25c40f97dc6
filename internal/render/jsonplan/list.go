package jsonplan

import (
	"io"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// The structs below are the published form of a list, described by
// schemas/list.v2.schema.json.

type listing struct {
	FormatVersion string     `json:"format_version"`
	Tool          tool       `json:"tool"`
	Now           *time.Time `json:"now"`
	API           *string    `json:"api"`
	Total         int        `json:"total"`
	Unmanaged     *int       `json:"unmanaged"` // null: not known
	Certificates  []listed   `json:"certificates"`
	Errors        []failure  `json:"errors"`
	Requests      requests   `json:"requests"`
}

type listed struct {
	Expires        *time.Time        `json:"expires_at"`
	Days           *int              `json:"days"`
	Name           string            `json:"name"`
	ID             cert.ID           `json:"id"`
	State          string            `json:"state"`
	StatusRead     bool              `json:"status_read"`
	RenewedBy      *string           `json:"renewed_by"` // null: not read, or nothing to renew
	Label          *string           `json:"label"`
	Thumbprint     *string           `json:"thumbprint"`
	ValidationType *string           `json:"validation_type"`
	Domains        []string          `json:"domains"`
	Tags           map[string]string `json:"tags"`
	Managed        bool              `json:"managed"`
	Source         *position         `json:"source"` // null: no manifest
	Edge           *served           `json:"edge"`   // null: nobody looked
}

// List writes a fleet as one document, also when it could not be read.
func List(w io.Writer, l report.Listing) error {
	return oneDocument(w, listing{
		FormatVersion: FormatVersion, Tool: toolOf(l.Version), Now: instant(l.Now), API: orNull(l.API), Total: l.Total, Unmanaged: l.Unmanaged,
		Certificates: words.Each(l.Steps, func(s plan.Step) listed { return listedOf(l, s) }),
		Errors:       failures(report.Report{Failure: l.Failure, Problems: l.Problems, Plan: plan.Plan{Steps: l.Steps}}),
		Requests:     requestsOf(l.Requests),
	})
}

func listedOf(l report.Listing, s plan.Step) listed {
	row, have := words.RowOf(l, s), s.Have
	j := listed{
		Expires: instant(have.Expires), Name: row.Name, ID: s.Want.ID, State: row.State, StatusRead: have.StatusRead(),
		Label: orNull(have.Label), Thumbprint: orNull(have.Thumbprint), ValidationType: orNull(string(have.ValidationType)),
		Domains: append([]string{}, have.Names()...), Tags: object(s.Want.Tags), Managed: l.Managed[s.Want.ID],
		Edge: servedOf(l.Edges, s),
	}
	if days, err := strconv.Atoi(row.Days); err == nil {
		j.Days = &days
	}
	if row.RenewedBy != words.NotRead {
		j.RenewedBy = orNull(row.RenewedBy)
	}
	if j.Managed {
		j.Source = positionOf(s.Want.Place("metadata.id"))
	}
	return j
}
