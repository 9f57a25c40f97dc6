package words

import (
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

const day = 24 * time.Hour

var now = time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)

func TestState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		phase cert.Phase
		order cert.OrderStatus
		ends  time.Duration // from now; 0: never issued
		want  string
	}{
		{"never issued", cert.TimedOut, cert.OrderPending, 0, "timed out in DCV, never issued"},
		{"never issued, and its state does not say so", cert.Ordered, cert.OrderPending, 0, "ordered at the CA, never issued"},
		{"plenty of time", cert.Active, cert.OrderIssued, 88 * day, "active, expires in 88 days (2027-02-18)"},
		{"30 days", cert.Active, cert.OrderIssued, 30 * day, "active, expires in 30 days (2026-12-22)"},
		{"one day", cert.Active, cert.OrderIssued, day, "active, expires in 24 hours (2026-11-23)"},
		{"later today", cert.Active, cert.OrderIssued, time.Hour, "active, expires in 1 hour (2026-11-22)"},
		{"an hour ago", cert.Expired, cert.OrderIssued, -time.Hour, "EXPIRED 1 hour ago (2026-11-22)"},
		{"yesterday", cert.Expired, cert.OrderIssued, -day, "EXPIRED 24 hours ago (2026-11-21)"},
		{"ended, with a failed order", cert.OrderFailed, cert.OrderRenewalRejected, -3 * day,
			"EXPIRED 3 days ago (2026-11-19); its renewal was refused by the CA (RenewalRejected)"},
		{"ended, with an order open", cert.InFlight, cert.OrderPendingRenewal, -3 * day,
			"renewal in progress; the current certificate EXPIRED 3 days ago (2026-11-19)"},
		{"an order open", cert.InFlight, cert.OrderPendingReissue, 10 * day,
			"reissue in progress; the current certificate expires 2026-12-02"},
		{"ended by its word alone", cert.Expired, cert.OrderExpired, 10 * day,
			"expired (by the API), although it is dated 2026-12-02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := plan.Step{Phase: c.phase, Pair: plan.Pair{Have: cert.Live{Order: c.order}}}
			if c.ends != 0 {
				s.Have.Expires = now.Add(c.ends)
			}
			if got := State(s, now); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAnEndThatNothingRenewsStandsOut(t *testing.T) {
	t.Parallel()
	s := plan.Step{Phase: cert.Active, Warnings: []plan.Warning{{Code: cert.Expiring}}}
	s.Have.Expires = now.Add(12 * day)
	for want, change := range map[string]func(*plan.Step){
		"active, EXPIRES IN 12 DAYS (2026-12-04), nothing will renew it": func(*plan.Step) {},
		"active, EXPIRES IN 12 DAYS (2026-12-04), nothing renews it yet": func(s *plan.Step) { s.Have.AutoRenew = true },
		"active, expires in 12 days (2026-12-04)":                        func(s *plan.Step) { s.Warnings = []plan.Warning{{Code: cert.Expiring, Accepted: true}} },
	} {
		changed := s
		change(&changed)
		if got := State(changed, now); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
