package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// TestOverdue: what is past the point of its renewal with nothing under way, and the
// word for why.
func TestOverdue(t *testing.T) {
	t.Parallel()
	due := asks(renewBefore(60 * day))
	tests := map[string]struct {
		want cert.Spec
		have cert.Live
		code string // "" when it is not
	}{
		"nobody asked for a renewal yet":              {asks(), inService(endsIn(40 * day)), ""},
		"nobody asks, and the end is near":            {asks(), inService(endsIn(20 * day)), "expiring"},
		"past its end":                                {asks(), inService(endsIn(-3 * day)), "expired"},
		"its renewal goes out":                        {due, inService(endsIn(58 * day)), ""},
		"its renewal should have gone out":            {due, inService(endsIn(58*day - time.Second)), "renewal-overdue"},
		"the window opened later":                     {asks(renewBefore(60*day), endsBefore("2027-03-01")), inService(endsIn(58 * day)), ""},
		"it ends before the day, and should be over":  {asks(endsBefore("2027-03-01")), inService(endsIn(58*day - time.Second)), "renewal-overdue"},
		"its renewal is on its way to the edge":       {due, inService(endsIn(50*day), status(cert.StatusDeployment), order(cert.OrderRenewed)), ""},
		"its renewal waits for a reissue":             {due, inService(endsIn(50*day), order(cert.OrderPendingReissue)), "renewal-overdue"},
		"its renewal was rejected":                    {due, inService(endsIn(50*day), order(cert.OrderRenewalRejected)), "renewal-overdue"},
		"auto_renew is switched off by this run":      {asks(renewBefore(60*day), autoRenew(false)), inService(endsIn(50*day), autoRenews), ""},
		"its renewal is in progress":                  {due, inService(endsIn(20*day), order(cert.OrderPendingRenewal)), ""},
		"its renewal drags on":                        {due, inService(endsIn(5*day), order(cert.OrderPendingRenewal)), ""},
		"its renewal waits for the pause":             {due, inService(endsIn(58*day), changed(time.Hour)), ""},
		"its renewal is protected":                    {asks(renewBefore(60*day), protects(cert.EditRenew)), inService(endsIn(50 * day)), ""},
		"its renewal needs a person":                  {due, inService(endsIn(58*day), neverModified), "no-last-modified"},
		"its renewal needs a person, the end is near": {due, inService(endsIn(20*day), neverModified), "expiring"},
		"no renewal reaches the date":                 {asks(endsBefore("2030-01-01")), inService(endsIn(50 * day)), ""},
		"auto-renew, its start has not come":          {asks(), inService(endsIn(45*day), autoRenews), ""},
		"auto-renew is stuck":                         {asks(), inService(endsIn(45*day-time.Second), autoRenews), "auto-renew-stuck"},
		"auto-renew is stuck, the end is near":        {asks(), inService(endsIn(10*day), autoRenews), "expiring"},
		"auto-renew is at work":                       {asks(), inService(endsIn(20*day), autoRenews, order(cert.OrderPendingRenewal)), ""},
		"auto-renew was rejected":                     {asks(), inService(endsIn(44*day), autoRenews, order(cert.OrderRenewalRejected)), "action-required"},
		"auto-renew was rejected, there is time":      {asks(), inService(endsIn(45*day), autoRenews, order(cert.OrderRenewalRejected)), ""},
		"another order failed, auto-renew is off":     {asks(), inService(endsIn(44*day), order(cert.OrderReissueRejected)), ""},
		"never issued":                                {asks(), inService(timedOut), ""},
		"its renewal timed out":                       {due, inService(endsIn(50*day), order(cert.OrderPendingRenewal), oneName(cert.DomainTimedOut)), "renewal-overdue"},
		"it was revoked":                              {asks(), inService(order(cert.OrderRevoked)), "revoked"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := one(tt.want, tt.have)
			why, ok := view.Overdue(s, now)
			if string(why.Code) != tt.code || ok != (tt.code != "") {
				t.Fatalf("got %+v of %+v", why, s.Withheld)
			}
			p := Plan{Now: now, Steps: []Step{s}}
			listed := len(view.Expiring(p)) == 1
			if listed != ok && len(view.AlarmsOf(p).Renewing) == 0 || ok && (why.Text == "" || why.Do.None() || !s.NeedsAction()) {
				t.Errorf("listed %v, needs action %v, says %+v", listed, s.NeedsAction(), why)
			}
		})
	}
}

// TestOverdueIsAccepted: it stays in the list, and is no longer among what nothing renews.
func TestOverdueIsAccepted(t *testing.T) {
	t.Parallel()
	s := one(asks(accepts(cert.AutoRenewStuck)), inService(endsIn(40*day), autoRenews))
	p := Plan{Now: now, Steps: []Step{s}}
	if nothing, unsure := view.Unrenewed(p); len(view.Expiring(p)) != 1 || len(nothing)+len(unsure) != 0 {
		t.Errorf("expiring %d, unrenewed %d and %d", len(view.Expiring(p)), len(nothing), len(unsure))
	}
	if why, _ := view.Overdue(s, now); !why.Accepted || !strings.Contains(why.Text, "no renewal is in progress") {
		t.Errorf("got %+v", why)
	}
}

// TestEndingWithin is literal: whatever is under way, up to and with the last instant.
func TestEndingWithin(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want cert.Spec
		have cert.Live
		in   bool
	}{
		"on the last instant":                 {asks(), inService(endsIn(14 * day)), true},
		"a second later":                      {asks(), inService(endsIn(14*day + time.Second)), false},
		"ended long ago":                      {asks(), inService(endsIn(-400 * day)), true},
		"its renewal is in progress":          {asks(), inService(endsIn(day), order(cert.OrderPendingRenewal)), true},
		"its renewal goes out":                {asks(renewBefore(30 * day)), inService(endsIn(day)), true},
		"its manifest lets it end":            {asks(accepts(cert.Expiring)), inService(endsIn(day)), false},
		"only its expiry to come is accepted": {asks(accepts(cert.Expiring)), inService(endsIn(-day)), true},
		"its manifest lets it be over":        {asks(accepts(cert.PastExpiry)), inService(endsIn(-day)), false},
		"another code is accepted":            {asks(accepts(cert.AutoRenewStuck)), inService(endsIn(day)), true},
		"never issued":                        {asks(), inService(timedOut), false},
		"it is not the request meant":         {asks(label("other"), lists("x.example.net")), inService(endsIn(day)), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Plan{Now: now, Steps: []Step{one(tt.want, tt.have)}}
			if in := len(view.ExpiringWithin(p, 14*day)) == 1; in != tt.in {
				t.Errorf("got %v of %+v", in, p.Steps[0].Fault)
			}
			p.Steps[0].ListOnly = true
			listed := view.ListedOf(p)
			if in := len(listed.Expired)+len(listed.Expiring) == 1; in != tt.in && p.Steps[0].Fault == nil && tt.have.Expires.Before(now.Add(14*day)) {
				t.Errorf("of one that is not evaluated the list says %v", in)
			}
		})
	}
}
