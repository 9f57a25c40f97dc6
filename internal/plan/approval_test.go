package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

var approvalNow = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// dueRenewal is a certificate three days before its end, which policy renews.
func dueRenewal() Pair {
	return Pair{
		Found: true,
		Want:  cert.Spec{ID: 7, Policy: cert.Policy{RenewBefore: cert.Some(30 * day)}},
		Have: cert.Live{
			ID: 7, Expires: approvalNow.Add(29 * day), Thumbprint: "AB", Modified: approvalNow.Add(-30 * day),
			Domains: []cert.Domain{{Name: "a.example.com", Status: cert.DomainActive}}, Common: "a.example.com",
			Status: cert.StatusActive, Order: cert.OrderIssued,
		},
	}
}

func approvedWith(a Approval) Plan {
	o := Options{MaxEdits: 9, MaxDomainChanges: 9, MaxRenewals: 9, OrderCooldown: time.Hour, Approval: a}
	return Build(Account{Pairs: []Pair{dueRenewal()}, Complete: true}, approvalNow, o)
}

func TestConsent(t *testing.T) {
	t.Parallel()
	digest := approvedWith(nil).Steps[0].Ops[0].Digest("", 7)
	for claim, c := range map[string]struct {
		approval Approval
		want     Consent
		goes     bool
	}{
		"a run without an approval carries out all":      {nil, NotNeeded, true},
		"what was approved goes":                         {Approval{7: {{Digest: digest}}}, Given, true},
		"what is other than the approved is refused":     {Approval{7: {{Digest: "sha256:other"}}}, Refused, false},
		"what nobody approved has become due since":      {Approval{}, NotYet, false},
		"an approval of another request is none of this": {Approval{8: {{Digest: digest}}}, NotYet, false},
	} {
		p := approvedWith(c.approval)
		s := p.Steps[0]
		if s.Consent != c.want || s.MayGo() != c.goes || (len(p.ToApply()) == 1) != c.goes || (p.Limits.Renewals.Count == 1) != c.goes {
			t.Errorf("%s: consent %d, may go %v, %d to apply, %d counted", claim, s.Consent, s.MayGo(), len(p.ToApply()), p.Limits.Renewals.Count)
		}
		if s.Is(cert.Expiring) == c.goes {
			t.Errorf("%s: ends soon: %v", claim, s.Is(cert.Expiring))
		}
	}
}

// TestAnOverdueRenewalAsksForItsApproval where that is missing: to apply this plan would not order it.
func TestAnOverdueRenewalAsksForItsApproval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		approval Approval
		do       string
	}{
		{nil, "apply this plan, which orders a renewal"},
		{Approval{}, "have a new plan approved"},
	} {
		o := opts
		o.Approval = c.approval
		s := Build(Account{Pairs: []Pair{{Want: asks(renewBefore(30 * day)), Have: inService(endsIn(20 * day)), Found: true}}}, now, o).Steps[0]
		if w, is := s.Warning(cert.RenewalOverdue); !is || w.Do.String() != c.do {
			t.Errorf("got %+v, want %q", w, c.do)
		}
	}
}

func TestStrictApprovalHoldsAsAWhole(t *testing.T) {
	t.Parallel()
	digest := approvedWith(nil).Steps[0].Ops[0].Digest("", 7)
	for claim, c := range map[string]struct {
		approval Approval
		holds    bool
	}{
		"the same":                      {Approval{7: {{Digest: digest}}}, true},
		"nothing approved":              {Approval{}, true},
		"another operation":             {Approval{7: {{Digest: "sha256:other"}}}, false},
		"an operation more":             {Approval{7: {{Digest: digest}, {Digest: "sha256:other"}}}, false},
		"a request that is not planned": {Approval{7: {{Digest: digest}}, 8: {{Digest: digest}}}, false},
	} {
		if got := approvedWith(c.approval).Holds(c.approval); got != c.holds {
			t.Errorf("%s: holds %v", claim, got)
		}
	}
}

// The common name goes out with every list of names, shown or not, so it is part of
// what is approved, and of what must not have moved meanwhile.
func TestTheCommonNameSentIsPartOfTheDigest(t *testing.T) {
	t.Parallel()
	with := func(common string) Operation {
		names := cert.Domains{Common: common, Names: []string{"a.example.com", "b.example.com"}}
		return Operation{Body: cert.Patch{Domains: cert.Some(names)}}
	}
	if with("a.example.com").Digest("", 7) == with("b.example.com").Digest("", 7) {
		t.Error("another common name, the same digest")
	}
}
