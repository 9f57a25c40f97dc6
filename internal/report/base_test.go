package report_test

import (
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Each certificate is either in what the change touches or in what was pending.
func TestAChangeSplitsThePlan(t *testing.T) {
	t.Parallel()
	var r report.Report
	for id := range cert.ID(4) {
		r.Plan.Steps = append(r.Plan.Steps, plan.Step{Pair: plan.Pair{Want: cert.Spec{ID: id}}})
	}
	if mine, others := len(r.ThisChange().Steps), len(r.Pending().Steps); mine != 4 || others != 0 {
		t.Errorf("without a base: %d and %d of 4", mine, others)
	}
	r.Base = &report.Base{Touched: map[cert.ID]bool{2: true}}
	mine, others := r.ThisChange().Steps, r.Pending().Steps
	if len(mine) != 1 || mine[0].Want.ID != 2 || len(others) != 3 {
		t.Errorf("of a change of one: %d and %d", len(mine), len(others))
	}
}
