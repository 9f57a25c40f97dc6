package words

import (
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// over is a plan of an edit and a renewal that exceeds the limit of edits.
func over() plan.Plan {
	edits := plan.Step{Ops: []plan.Operation{{Kind: plan.Patch, Body: cert.Patch{Description: cert.Some("x")}}}}
	edits.Want.ID = 2
	return plan.Plan{Limits: plan.Limits{Edits: plan.Limit{Count: 1}}, Steps: []plan.Step{edits}}
}

// What was accepted counts as what an exceeded limit left.
func TestLimitEffectCountsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	r := report.Report{Apply: true, Plan: over()}
	for _, result := range []report.Result{report.Done, report.NotConfirmed, report.Failed} {
		r.Outcomes = append(r.Outcomes, report.Outcome{Result: result, Step: plan.Step{Ops: []plan.Operation{{Kind: plan.Renew}}}})
	}
	if got, want := LimitEffect(r), "No edit and no domain change was made; 2 renewals were."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAnApplyOfNothingSaysWhy(t *testing.T) {
	t.Parallel()
	if got, want := Next(report.Report{Apply: true, Plan: over()}), " Applying nothing: a limit is exceeded."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestASentenceOfAnApplyIsNeverEmpty(t *testing.T) {
	t.Parallel()
	r := report.Report{Plan: plan.Plan{Steps: []plan.Step{{Withheld: []plan.Withheld{{Rule: plan.RuleClock}}}}}}
	if got, want := ApplyCounts(r), "Apply: Correct the wrong clock and run again: 1 order is due by one of the two clocks only"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := ApplyCounts(report.Report{}); got != "" {
		t.Error("without anything to say: " + got)
	}
}

// Only a certificate in service stays active until the next one.
func TestAReissueOfWhatIsOverKeepsNothingActive(t *testing.T) {
	t.Parallel()
	o := plan.Operation{Effect: plan.Effect{Kind: plan.Reissue, New: 1}}
	for code, stays := range map[cert.Code]bool{cert.PastExpiry: false, cert.Revoked: false, cert.Expiring: true} {
		s := plan.Step{Warnings: []plan.Warning{{Code: code, Accepted: true}}}
		s.Have.Expires = now
		if got := Effect(s, o); strings.Contains(got, "stays active") != stays {
			t.Errorf("%s: %s", code, got)
		}
	}
}

func TestRowsCountDaysAsThePlanDoes(t *testing.T) {
	t.Parallel()
	l := report.Listing{Common: report.Common{Now: now}}
	for left, want := range map[time.Duration]string{-8 * time.Hour: "-1", 8 * time.Hour: "0", 30 * time.Hour: "1", -30 * time.Hour: "-2"} {
		s := plan.Step{Phase: cert.Active}
		s.Have.Expires = now.Add(left)
		if got := RowOf(l, s).Days; got != want {
			t.Errorf("%s: %s days, want %s", left, got, want)
		}
	}
	for code, want := range map[string]string{"not-found": "not found", "unreadable": NotRead} {
		if got := RowOf(l, plan.Step{Fault: &plan.Fault{Code: code}}).State; got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestAPathIsNeverAFlagOrACommand(t *testing.T) {
	t.Parallel()
	if got, want := Again(nil, []string{"-x", "certs", "list"}, "--apply"), "cpsync --apply ./-x certs ./list"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
