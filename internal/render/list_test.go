package render_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/report"
)

// Every scenario of a plan, as a list: one line, one record and one member for each request,
// and no active character in any.
func TestListsHoldEachRequestOnce(t *testing.T) {
	t.Parallel()
	for name, scenario := range scenarios {
		r := scenario()
		l := report.Listing{Common: report.Common{Version: r.Version, Target: r.Target, API: r.Plan.API, Now: r.Plan.Now, Failure: r.Failure},
			Steps: r.Plan.SoonestFirst(), Total: len(r.Plan.Steps), Managed: map[cert.ID]bool{}}
		for _, s := range l.Steps {
			l.Managed[s.Want.ID] = s.Want.ID%2 == 0
		}
		var doc, table, records bytes.Buffer
		if err := jsonplan.List(&doc, l); err != nil {
			t.Fatal(err)
		}
		valid(t, "list.v2.schema.json", doc.Bytes())
		if err := text.List(&table, l, render.Style{}); err != nil {
			t.Fatal(err)
		}
		if head := strings.Count(table.String(), "EXPIRES "); head != min(1, len(l.Steps)) {
			t.Errorf("%s: %d heads:\n%s", name, head, &table)
		}
		if err := render.CSV(&records, l); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(table.String()+records.String(), "\x1b\u202e\x00") {
			t.Errorf("%s: active characters:\n%q", name, table.String())
		}
		all, err := csv.NewReader(&records).ReadAll()
		if err != nil || len(all) != len(l.Steps)+1 {
			t.Errorf("%s: %d records of %d requests: %v", name, len(all), len(l.Steps), err)
		}
	}
}
