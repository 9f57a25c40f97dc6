package plan_test

import (
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"

	"github.com/google/go-cmp/cmp"
)

var Morning = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// ending is a step in service with a warning.
func ending(id cert.ID, days int, w ...plan.Warning) plan.Step {
	return plan.Step{
		Pair: plan.Pair{Found: true, Have: cert.Live{Expires: Morning.AddDate(0, 0, days)},
			Want: cert.Spec{ID: id, At: map[string]cert.Pos{"": {File: "a.yaml", Line: 1}, "metadata.id": {File: "a.yaml", Line: 2},
				"spec.domains": {File: "a.yaml", Line: 9}, "spec.description": {File: "_defaults.yaml", Line: 3}}}},
		Phase:    cert.Active,
		Warnings: w,
	}
}

func idsOf(steps []plan.Step) []cert.ID {
	all := []cert.ID{}
	for _, s := range steps {
		all = append(all, s.Want.ID)
	}
	return all
}

func soonWarning(accepted bool) plan.Warning {
	return plan.Warning{Code: cert.Expiring, Text: "ends", Accepted: accepted}
}

func TestEndSoonAndUnrenewedAreInOrderAndWithoutWhatIsAccepted(t *testing.T) {
	t.Parallel()
	p := plan.Plan{Steps: []plan.Step{ending(1, 9, soonWarning(false)), ending(2, 3, soonWarning(true)), ending(3, 3, soonWarning(false)), ending(4, 1)}}
	nothing, _ := view.Unrenewed(p)
	for name, got := range map[string][]plan.Step{"end soon": view.AlarmsOf(p).Unrenewed, "unrenewed": nothing} {
		if diff := cmp.Diff([]cert.ID{3, 1}, idsOf(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]cert.ID{1, 2, 3, 4}, idsOf(p.Steps)); diff != "" {
		t.Errorf("the plan was put in another order:\n%s", diff)
	}
}

func TestWhatExpiresStandsBeforeTheSections(t *testing.T) {
	t.Parallel()
	edit := plan.Operation{Kind: plan.Patch}
	waits, edits, broken := ending(1, 90), ending(2, 90), ending(3, 90)
	waits.Withheld = []plan.Withheld{{Edit: cert.EditDomains, Next: plan.NextRun}}
	edits.Ops, broken.Fault = []plan.Operation{edit}, &plan.Fault{}
	p := plan.Plan{Steps: []plan.Step{ending(4, 90), waits, edits, broken, ending(5, 9, soonWarning(false))}}
	if diff := cmp.Diff([]cert.ID{5, 3, 2, 1, 4}, idsOf(view.MostUrgentFirst(p))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFindingsAreOrderedAndPlaced(t *testing.T) {
	t.Parallel()
	broken := ending(1, 90)
	broken.Fault = &plan.Fault{Code: "not-found", Message: "gone", Hint: "look", At: "metadata.id"}
	asks := ending(2, 90, soonWarning(false), plan.Warning{Code: cert.LongLabel, Text: "long"}, plan.Warning{Code: cert.ManyDomains, Accepted: true})
	asks.Withheld = []plan.Withheld{
		{Edit: cert.EditDomains, Verdict: plan.Blocked, Rule: plan.RuleExpect, Because: "difference-withheld", Next: plan.Person},
		{Edit: cert.EditDescription, Rule: plan.RuleClock, Because: "no place of its own", Next: plan.Person},
		{Edit: cert.EditRenew, Verdict: plan.Protected, Next: plan.Person},
		{Edit: cert.EditRenew, Rule: plan.RuleOrderCooldown, Next: plan.NextRun},
	}
	type short struct {
		Level view.Level
		Line  int
		Code  string
		Text  string
	}
	var got []short
	for _, f := range view.Findings((plan.Plan{Steps: []plan.Step{asks, broken}})) {
		got = append(got, short{f.Level, f.At.Line, f.Code, f.Text})
	}
	want := []short{
		{view.Broken, 2, "not-found", "gone"},
		{view.Asks, 2, "expiring", "ends"},
		{view.Asks, 9, "expect", "difference-withheld"},
		{view.Asks, 2, "clock", "no place of its own"},
		{view.Mentions, 2, "long-label", "long"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
