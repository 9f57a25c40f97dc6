package cli

import (
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// TestAWriteInProgressWasBegun: a signal that comes during the first write of an apply does not come before any.
func TestAWriteInProgressWasBegun(t *testing.T) {
	t.Parallel()
	step := plan.Step{Pair: plan.Pair{Want: cert.Spec{ID: 1}}, Ops: []plan.Operation{{Kind: plan.Patch}, {Kind: plan.Patch}}}
	for writes, want := range map[int]int{0: Interrupt, 1: Incomplete} {
		r := report.Report{Apply: true, Plan: plan.Plan{Steps: []plan.Step{step}}, Requests: report.Requests{Writes: writes}}
		code, why := ExitCode(r, &Plan{}, Ending{Stopped: Interrupt})
		if code != want || code == Incomplete && !strings.HasSuffix(why, "1 unknown, 1 not started") {
			t.Errorf("%d writes: %d, %s", writes, code, why)
		}
	}
}
