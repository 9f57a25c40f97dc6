package cert_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestOrderOpen: an order is open until it ends, or a name of it failed and the request
// has not changed for more than seven days.
func TestOrderOpen(t *testing.T) {
	t.Parallel()
	open := []cert.OrderStatus{
		cert.OrderPending, cert.OrderAwaitingRenewal, cert.OrderPendingRenewal, cert.OrderAwaitingReissue,
		cert.OrderPendingReissue, cert.OrderAwaitingOrgUpdate, cert.OrderPendingOrgUpdate,
	}
	failed := []cert.DomainStatus{cert.DomainTimedOut, cert.DomainRejected, cert.DomainSecretRejected}
	const week = 7 * 24 * time.Hour
	for _, o := range append(slices.Clone(cert.OrderStatuses), cert.OrderNotRead, cert.OrderUnknown, cert.NoOrder) {
		for _, d := range append(slices.Clone(cert.DomainStatuses), cert.DomainUnknown) {
			for _, ago := range []time.Duration{0, week, week + time.Second, 50 * week} {
				l := cert.Live{Order: o, Modified: now.Add(-ago)}
				l.SetDomains([]cert.Domain{{Name: "a", Status: cert.DomainActive}, {Name: "b", Status: d}})
				fails := slices.Contains(failed, d)
				if want := slices.Contains(open, o) && !(fails && ago > week); l.OrderOpen(now) != want {
					t.Errorf("order %v, a name %v, changed %s ago: open is %v", o, d, ago, !want)
				}
				if want := o.Renewing() && !fails; l.Renewing() != want {
					t.Errorf("order %v, a name %v: renewing is %v", o, d, !want)
				}
			}
		}
	}
	if l := (cert.Live{Order: cert.OrderPending, Domains: []cert.Domain{{Name: "a", Status: cert.DomainTimedOut}}}); !l.OrderOpen(now) {
		t.Error("an order is over although nothing says when the request changed")
	}
}
