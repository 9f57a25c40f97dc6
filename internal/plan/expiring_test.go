package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

func TestEndsSoon(t *testing.T) {
	t.Parallel()
	due := asks(renewBefore(30 * day))
	later := asks(renewBefore(5 * day))
	tests := map[string]struct {
		want cert.Spec
		have cert.Live
		at   time.Time // now when zero
		says string    // part of text or do; "" when there is no warning
	}{
		"exactly 30 days":                                        {asks(), inService(endsIn(30 * day)), now, ""},
		"less than 30 days":                                      {asks(), inService(endsIn(30*day - time.Second)), now, "by 2026-12-15: set  policy.renew_before: 30d "},
		"less than 7 days":                                       {asks(), inService(endsIn(7 * day)), now, "now: set"},
		"due for two days, and renewed by this run":              {due, inService(endsIn(28 * day)), now, ""},
		"due for longer, and renewed by this run":                {due, inService(endsIn(28*day - time.Second)), now, "the API shows no renewal yet"},
		"the policy is not due yet":                              {later, inService(endsIn(20 * day)), now, "raise policy.renew_before"},
		"the policy is not due yet, and in time":                 {asks(renewBefore(8 * day)), inService(endsIn(20 * day)), now, ""},
		"auto_renew is on":                                       {asks(), inService(endsIn(14*day), autoRenews), now, ""},
		"auto_renew is on, less than 14 days":                    {asks(), inService(endsIn(14*day-time.Second), autoRenews), now, "no renewal is in progress"},
		"a renewal is under way":                                 {asks(), inService(endsIn(14*day), order(cert.OrderPendingRenewal)), now, ""},
		"under way, less than 14 days":                           {asks(), inService(endsIn(14*day-time.Second), order(cert.OrderPendingRenewal)), now, "its renewal is in progress"},
		"a reissue is no renewal":                                {asks(), inService(endsIn(20*day), order(cert.OrderPendingReissue)), now, "another order is in progress"},
		"a renewal waits for a reissue":                          {due, inService(endsIn(20*day), order(cert.OrderPendingReissue)), now, "run again later: it is deferred until"},
		"past its end":                                           {asks(), inService(endsIn(-3 * day)), now, "the certificate has expired"},
		"past its end and auto_renew on":                         {asks(), inService(endsIn(-3*day), autoRenews), now, "the certificate has expired"},
		"past its end, renewal under way":                        {asks(), inService(endsIn(-3*day), order(cert.OrderPendingRenewal)), now, "its renewal is in progress"},
		"past its end, renewal tried":                            {asks(renewBefore(30*day), tries(cert.EditRenew)), inService(endsIn(-3 * day)), now, "this run orders a renewal"},
		"never issued":                                           {asks(), inService(timedOut), now, ""},
		"paused":                                                 {due, inService(endsIn(20*day), changed(time.Hour)), now, "run again after 2026-11-23 04:00 UTC"},
		"protected":                                              {asks(renewBefore(30*day), protects(cert.EditRenew)), inService(endsIn(20 * day)), now, "remove renew from policy.protect"},
		"it is unknown when it changed":                          {due, inService(endsIn(20*day), neverModified), now, "order there"},
		"removals go before the renewal":                         {asks(renewBefore(30*day), lists("a.example.com"), removes("b.example.com")), inService(endsIn(20 * day)), now, "run again later: it is deferred until that order is complete"},
		"its renewal was rejected, no policy":                    {asks(), inService(endsIn(20*day), order(cert.OrderRenewalRejected)), now, "resolve the failed order"},
		"auto_renew is switched on only now":                     {asks(autoRenew(true)), inService(endsIn(20 * day)), now, "this run switches auto_renew on"},
		"auto_renew is to be switched on and protected":          {asks(autoRenew(true), protects(cert.EditAutoRenew)), inService(endsIn(20 * day)), now, "is not sent"},
		"auto_renew is switched off by this run":                 {asks(autoRenew(false)), inService(endsIn(20*day), autoRenews), now, "set  policy.renew_before: 30d"},
		"auto_renew is switched off, and the policy waits a run": {asks(autoRenew(false), renewBefore(30*day)), inService(endsIn(20*day), autoRenews), now, "CPS may have ordered already"},
		"auto_renew would be switched off and is protected":      {asks(autoRenew(false), protects(cert.EditAutoRenew)), inService(endsIn(20*day), autoRenews), now, ""},

		"organization, 37 days":                {asks(), inService(endsIn(37 * day)), now, ""},
		"organization, less than 37 days":      {asks(), inService(endsIn(37*day - time.Second)), now, "by 2026-12-15: set  policy.renew_before: 30d (validation can take 7 days, vetting the organization 7 more)"},
		"organization, less than 14 days":      {asks(), inService(endsIn(14 * day)), now, "now: set  policy.renew_before: 30d (validation can take 7 days, vetting"},
		"organization, the policy is in time":  {asks(renewBefore(30 * day)), inService(endsIn(35 * day)), now, ""},
		"organization, the policy is too late": {asks(renewBefore(13 * day)), inService(endsIn(35 * day)), now, "raise policy.renew_before"},
		"organization, under way, 14 days":     {asks(), inService(endsIn(14*day), order(cert.OrderPendingRenewal)), now, ""},
		"organization, 46 days, auto_renew on": {asks(), inService(at("2030-06-01", 46*day/4+7*day-time.Second), autoRenews), midnight("2030-06-01"), "stuck"},
		"organization, 46 days, in good time":  {asks(), inService(at("2030-06-01", 46*day/4+7*day), autoRenews), midnight("2030-06-01"), ""},

		"a quarter of 99 days":                          {asks(), inService(at("2027-06-01", 99*day/4)), midnight("2027-06-01"), ""},
		"less than a quarter of 99 days":                {asks(), inService(at("2027-06-01", 99*day/4-time.Second)), midnight("2027-06-01"), "renew_before"},
		"an eighth of 99 days, auto_renew on":           {asks(), inService(at("2027-06-01", 99*day/8), autoRenews), midnight("2027-06-01"), ""},
		"less than an eighth of 99 days, auto_renew on": {asks(), inService(at("2027-06-01", 99*day/8-time.Second), autoRenews), midnight("2027-06-01"), "auto_renew is on"},
		"a quarter of 46 days":                          {asks(), inService(at("2030-06-01", 46*day/4)), midnight("2030-06-01"), ""},
		"less than a quarter of 46 days":                {asks(), inService(at("2030-06-01", 46*day/4-time.Second)), midnight("2030-06-01"), "renew_before"},
		"an eighth of 46 days, under way":               {asks(), inService(at("2030-06-01", 46*day/8), order(cert.OrderAwaitingRenewal)), midnight("2030-06-01"), ""},
		"less than an eighth of 46 days, under way":     {asks(), inService(at("2030-06-01", 46*day/8-time.Second), order(cert.OrderAwaitingRenewal)), midnight("2030-06-01"), "in progress"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.HasPrefix(name, "organization, ") {
				tt.have.ValidationType = cert.DV
			}
			s := oneAt(tt.want, tt.have, tt.at)
			w, warned := Warning{}, false
			for _, code := range []cert.Code{cert.Revoked, cert.PastExpiry, cert.Expiring} {
				if !warned {
					w, warned = s.Warning(code)
				}
			}
			if stuck, is := s.Warning(cert.AutoRenewStuck); is && tt.says == "stuck" {
				w, warned, tt.says = stuck, true, "no renewal is in progress"
			}
			if warned != (tt.says != "") {
				t.Fatalf("got %+v", s.Warnings)
			}
			if !warned {
				return
			}
			if !strings.Contains(w.Text+"; "+w.Do.String(), tt.says) || w.Text == "" || w.Do.None() {
				t.Errorf("says %q, do %q; want %q", w.Text, w.Do, tt.says)
			}
			if !s.NeedsAction() {
				t.Error("it does not need a person")
			}
		})
	}
}

// at is a request that ends a while after midnight of a day.
func at(date string, left time.Duration) func(*cert.Live) {
	return func(l *cert.Live) { l.Expires, l.Modified = midnight(date).Add(left), midnight(date).Add(-10*day) }
}

// TestPacedRenewalsStillEndSoon: the limit is named.
func TestPacedRenewalsStillEndSoon(t *testing.T) {
	t.Parallel()
	o := opts
	o.MaxRenewals = 0
	p := Build(Account{Pairs: []Pair{{Want: asks(renewBefore(30 * day)), Have: inService(endsIn(20 * day)), Found: true}}, Complete: true}, now, o)
	w, _ := p.Steps[0].Warning(cert.Expiring)
	if !strings.Contains(w.Do.String(), "--max-renewals") || len(view.Expiring(p)) != 1 {
		t.Errorf("got %+v", p.Steps[0])
	}
}

// TestAnAcceptedEndIsANote: and stays in the list of what ends soon.
func TestAnAcceptedEndIsANote(t *testing.T) {
	t.Parallel()
	s := one(asks(accepts(cert.Expiring)), inService(endsIn(20*day)))
	if s.NeedsAction() || view.SectionOf(s) != view.UpToDate || s.Notes() != 1 || s.Is(cert.Expiring) {
		t.Errorf("got %+v", s)
	}
	if p := (Plan{Now: now, Steps: []Step{s}}); len(view.Expiring(p)) != 1 {
		t.Error("it is gone from the list of what ends soon")
	}
}
