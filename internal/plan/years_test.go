package plan_test

import (
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// site is a certificate over the years: what the server has, and what the CA does.
type site struct {
	pair    Pair
	ordered time.Time     // when its renewal was ordered; zero when none is open
	takes   time.Duration // how long the CA takes
	late    time.Duration // how long the order stays out of sight
	orders  []time.Time
	issued  int
}

// maxima is the longest validity of what is issued on a day: the rule itself, without
// looking ahead.
func maxima(at time.Time) time.Duration {
	switch {
	case at.Before(midnight("2027-03-15")):
		return 199 * day
	case at.Before(midnight("2029-03-15")):
		return 99 * day
	default:
		return 46 * day
	}
}

// pass lets time pass until at.
func (s *site) pass(at time.Time) {
	h := &s.pair.Have
	if s.ordered.IsZero() {
		return
	}
	if !at.Before(s.ordered.Add(s.late)) {
		h.Order = cert.OrderPendingRenewal
	}
	if done := s.ordered.Add(s.takes); !at.Before(done) {
		s.issued++
		h.Order, h.Modified, s.ordered = cert.OrderRenewed, done, time.Time{}
		h.Thumbprint, h.Expires = fmt.Sprint("issued ", s.issued), done.Add(maxima(done))
	}
}

func (s *site) renew(at time.Time) {
	s.orders = append(s.orders, at)
	s.ordered, s.pair.Have.Modified = at, at
	s.pair.Have.Order = cert.OrderAwaitingRenewal
	if s.late > 0 {
		s.pair.Have.Order = cert.OrderRenewed
	}
}

// TestRenewalsOverTheYears runs every day, and some days three times, over both days
// on which validities shrink: each certificate is renewed in time and once, and no
// renewal calls for the next.
func TestRenewalsOverTheYears(t *testing.T) {
	t.Parallel()
	runs := []time.Duration{0, 10 * time.Minute, 19 * time.Hour}
	for _, before := range []int{12, 23, 30, 60} {
		for _, takes := range []time.Duration{time.Hour, 26 * time.Hour, 7 * day} {
			for _, late := range []time.Duration{0, 20 * time.Hour} {
				late = min(late, takes)
				t.Run(fmt.Sprintf("renew_before %dd, the CA takes %s, the order shows after %s", before, takes, late), func(t *testing.T) {
					t.Parallel()
					s := &site{takes: takes, late: late, pair: Pair{Want: asks(renewBefore(time.Duration(before) * day)), Have: inService(), Found: true}}
					for at := now; at.Before(midnight("2030-12-31")); at = at.Add(day) {
						for _, run := range runs {
							live(t, s, at.Add(run))
						}
					}
					if len(s.orders) < 15 {
						t.Errorf("renewed %d times in 8 years", len(s.orders))
					}
				})
			}
		}
	}
}

// live is one run: it renews when the plan does, and checks what must always be true.
func live(t *testing.T, s *site, at time.Time) {
	t.Helper()
	s.pass(at)
	step := Build(Account{Pairs: []Pair{s.pair}, Complete: true}, at, opts).Steps[0]
	have := s.pair.Have
	if !have.Expires.After(at) {
		t.Fatalf("%s: ended %s: %q", at, have.Expires, lines(step))
	}
	for _, o := range step.Ops {
		if o.Kind != Renew {
			t.Fatalf("%s: %q", at, lines(step))
		}
		if !s.ordered.IsZero() {
			t.Fatalf("%s: ordered again, first on %s", at, s.ordered)
		}
		if n := len(s.orders); n > 0 {
			// What was issued last must have lived for half of its days.
			if lived := at.Sub(s.orders[n-1]); lived < maxima(s.orders[n-1].Add(s.takes))/2-day {
				t.Fatalf("%s: one renewal calls for the next, after %s", at, lived)
			}
		}
		s.renew(at)
	}
}

// TestAFleetIsRenewedAFewADay: with fewer renewals allowed than are due, each still
// has its turn, the soonest end first, and none twice.
func TestAFleetIsRenewedAFewADay(t *testing.T) {
	t.Parallel()
	o := opts
	o.MaxRenewals = 3
	var sites []*site
	for i := range 60 {
		p := member(cert.ID(i+1), renewBefore(30*day), endsIn(30*day+time.Duration(i%4)*time.Hour))
		sites = append(sites, &site{pair: p, takes: 26 * time.Hour})
	}
	for at := now; at.Before(now.Add(40 * day)); at = at.Add(day) {
		var pairs []Pair
		for _, s := range sites {
			s.pass(at)
			pairs = append(pairs, s.pair)
		}
		sent := 0
		for i, step := range Build(Account{Pairs: pairs, Complete: true}, at, o).Steps {
			for range step.Ops {
				sent++
				sites[i].renew(at)
			}
		}
		if sent > o.MaxRenewals {
			t.Errorf("%s: %d renewals", at, sent)
		}
	}
	for _, s := range sites {
		if len(s.orders) != 1 || s.issued != 1 {
			t.Errorf("%s was ordered %d times", s.pair.Want.ID, len(s.orders))
		}
	}
}

// TestADateAsksForOneRenewal: renew_if_expires_before is met by the first renewal.
func TestADateAsksForOneRenewal(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"2027-03-05", "2027-05-01", "2027-08-01", "2027-09-01"} {
		s := &site{takes: 26 * time.Hour, pair: Pair{Want: asks(endsBefore(by)), Have: inService(endsIn(100 * day)), Found: true}}
		for at := now; at.Before(now.Add(100 * day)); at = at.Add(day) {
			live(t, s, at)
		}
		if len(s.orders) != 1 || s.pair.Have.Expires.Before(midnight(by)) {
			t.Errorf("%s: renewed %d times, ends %s", by, len(s.orders), s.pair.Have.Expires)
		}
	}
}

// TestAnOrderThatShowsNowhereIsBoundedByThePause, as long as it moves last_modified.
func TestAnOrderThatShowsNowhereIsBoundedByThePause(t *testing.T) {
	t.Parallel()
	want, have := asks(renewBefore(30*day)), inService(endsIn(20*day))
	var orders []time.Time
	for at := now; at.Before(now.Add(5 * day)); at = at.Add(time.Hour) {
		if s := oneAt(want, have, at); len(s.Ops) > 0 {
			orders, have.Modified = append(orders, at), at
		}
	}
	for i := 1; i < len(orders); i++ {
		if orders[i].Sub(orders[i-1]) < opts.OrderCooldown {
			t.Errorf("ordered at %s and at %s", orders[i-1], orders[i])
		}
	}
}

// TestSwitchingAutoRenewOffNeverOrdersTwice: whether CPS began by itself or not.
func TestSwitchingAutoRenewOffNeverOrdersTwice(t *testing.T) {
	t.Parallel()
	for _, began := range []bool{false, true} {
		want := asks(autoRenew(false), renewBefore(60*day))
		have := inService(endsIn(59*day), autoRenews)
		first := oneAt(want, have, now)
		if len(first.Ops) != 1 || first.Ops[0].Edit() != cert.EditAutoRenew {
			t.Fatalf("got %q", lines(first))
		}
		have.AutoRenew, have.Modified = false, now
		if began {
			have.Order = cert.OrderAwaitingRenewal
		}
		if s := oneAt(want, have, now.Add(10*time.Minute)); len(s.Ops) > 0 {
			t.Errorf("ten minutes later: %q", lines(s))
		}
		if s := oneAt(want, have, now.Add(day)); (len(s.Ops) > 0) == began {
			t.Errorf("a day later, begun by CPS %v: %q", began, lines(s))
		}
	}
}
