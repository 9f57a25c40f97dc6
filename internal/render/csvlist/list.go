// Package csvlist writes a fleet as comma-separated values, as RFC 4180 has them.
package csvlist

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// head names the columns. Columns are only added, at the end.
var head = []string{"expires_at", "days", "name", "id", "state", "renewed_by", "label", "thumbprint",
	"validation_type", "domains", "tags", "manifest", "line", "served"}

// List writes a head and one record a request. Several values in one field have spaces
// between them.
func List(w io.Writer, l report.Listing) error {
	records := words.Each(l.Steps, func(s plan.Step) []string { return record(l, s) })
	return csv.NewWriter(w).WriteAll(append([][]string{head}, records...))
}

func record(l report.Listing, s plan.Step) []string {
	r, have := words.RowOf(l, s), s.Have
	expires, file, line := "", "", ""
	if !have.Expires.IsZero() {
		expires = have.Expires.UTC().Format(time.RFC3339)
	}
	if at := s.Want.Place("metadata.id"); l.Managed[s.Want.ID] {
		file, line = at.File, strconv.Itoa(at.Line)
	}
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(s.Want.Tags)) {
		tags = append(tags, key+"="+s.Want.Tags[key])
	}
	return words.Each([]string{expires, r.Days, r.Name, r.ID, r.State, r.RenewedBy, have.Label, have.Thumbprint,
		string(have.ValidationType), strings.Join(have.Names(), " "), strings.Join(tags, " "), file, line, r.Served}, words.Clean)
}
