package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// oneName gives one of the names another status.
func oneName(s cert.DomainStatus) func(*cert.Live) {
	return func(l *cert.Live) { l.Domains[1].Status = s }
}

func TestAnOpenOrderDefersEveryOther(t *testing.T) {
	t.Parallel()
	c := lists("a.example.com", "b.example.com", "c.example.com")
	renew, names := asks(renewBefore(30*day), tries(cert.EditRenew)), asks(c, tries(cert.EditDomains))
	retrigger := asks(retriggerUntil("2026-12-31"))
	soon, late := endsIn(20*day), oneName(cert.DomainTimedOut)
	open := ": deferred by order-open, next ca, until "
	check(t, map[string]row{
		"a renewal that timed out lately": {renew, inService(soon, late, order(cert.OrderPendingRenewal), changed(6*day)),
			[]string{"not renew" + open + "2026-11-23 09:00 UTC"}},
		"seven days ago to the minute": {renew, inService(soon, late, order(cert.OrderPendingRenewal), changed(7*day)),
			[]string{"not renew" + open + "2026-11-22 09:00 UTC"}},
		"longer ago": {renew, inService(soon, late, order(cert.OrderPendingRenewal), changed(7*day+time.Minute)), []string{"send renew"}},
		"longer ago, and nobody tries it": {asks(renewBefore(30 * day)), inService(soon, late, order(cert.OrderPendingRenewal), changed(8*day)),
			[]string{"not renew: undocumented by phase:order-failed, next person"}},
		"lately, and nobody tries it": {asks(renewBefore(30 * day)), inService(soon, late, order(cert.OrderPendingRenewal), changed(6*day)),
			[]string{"not renew" + open + "2026-11-23 09:00 UTC"}},
		"names beside a renewal of which one timed out": {names, inService(late, order(cert.OrderAwaitingRenewal), changed(3*day)),
			[]string{"not domains +c" + open + "2026-11-26 09:00 UTC"}},
		"names beside one of CPS's own": {names, inService(autoRenews, late, order(cert.OrderPendingRenewal), changed(3*day)),
			[]string{"not domains +c" + open + "2026-11-26 09:00 UTC"}},
		"names beside a reissue with a refused name": {names, inService(oneName(cert.DomainRejected), order(cert.OrderPendingReissue), changed(3*day)),
			[]string{"not domains +c" + open + "2026-11-26 09:00 UTC"}},
		"a renewal beside a reissue with a refused secret": {renew, inService(soon, oneName(cert.DomainSecretRejected), order(cert.OrderAwaitingReissue), changed(2*day)),
			[]string{"not renew" + open + "2026-11-27 09:00 UTC"}},
		"a renewal beside a change of organization": {renew, inService(soon, late, order(cert.OrderPendingOrgUpdate), changed(2*day)),
			[]string{"not renew" + open + "2026-11-27 09:00 UTC"}},
		"after a refusal nothing is open": {renew, inService(soon, late, order(cert.OrderRenewalRejected), changed(8*day)), []string{"send renew"}},
		"a first order that timed out lately": {retrigger, inService(timedOut, changed(2*day)),
			[]string{"not retrigger" + open + "2026-11-27 09:00 UTC"}},
		"names of a first order that was refused lately": {names, inService(timedOut, oneName(cert.DomainRejected), changed(2*day)),
			[]string{"not domains +c" + open + "2026-11-27 09:00 UTC"}},
		"it is unknown when it changed": {renew, inService(soon, late, order(cert.OrderPendingRenewal), neverModified),
			[]string{"not renew: blocked by no-last-modified, next person"}},
		"edits go on": {asks(description("new"), c, tries(cert.EditDomains)), inService(late, order(cert.OrderPendingRenewal), changed(2*day)),
			[]string{"send description", "not domains +c" + open + "2026-11-27 09:00 UTC"}},
	})
}

// TestAnOrderOfTheJournalCounts where last_modified did not move with it.
func TestAnOrderOfTheJournalCounts(t *testing.T) {
	t.Parallel()
	soon, late := endsIn(20*day), oneName(cert.DomainTimedOut)
	open := inService(soon, late, order(cert.OrderPendingReissue), changed(30*day))
	for name, tt := range map[string]struct {
		have    cert.Live
		ordered time.Duration // before now
		want    string
	}{
		"an hour ago":                     {open, time.Hour, "not renew: deferred by order-open, next ca, until 2026-11-29 08:00 UTC"},
		"six days ago":                    {open, 6 * day, "not renew: deferred by order-open, next ca, until 2026-11-23 09:00 UTC"},
		"eight days ago":                  {open, 8 * day, "send renew"},
		"before the last change":          {open, 31 * day, "send renew"},
		"and nothing is open":             {inService(soon, changed(30*day)), time.Hour, "not renew: deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC"},
		"and nothing is open, long ago":   {inService(soon, changed(30*day)), 2 * day, "send renew"},
		"in the future, by another clock": {inService(soon, changed(30*day)), -10 * day, "not renew: deferred by order-cooldown, next next-run, until 2026-11-23 05:00 UTC"},
		"where the API tells no changes":  {inService(soon, neverModified), 30 * day, "not renew: blocked by no-last-modified, next person"},
	} {
		o := opts
		o.Ordered = map[cert.ID]time.Time{11604: now.Add(-tt.ordered), 1: now}
		s := Build(Account{Pairs: []Pair{{Want: asks(renewBefore(30*day), tries(cert.EditRenew)), Have: tt.have, Found: true}}}, now, o).Steps[0]
		if got := lines(s); !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestAnExpiryThatOnlyShowsNowProvesNoRenewal: the reading before may have left it out.
func TestAnExpiryThatOnlyShowsNowProvesNoRenewal(t *testing.T) {
	t.Parallel()
	before, have := inService(endsIn(20*day)), inService(endsIn(219*day))
	renew := Operation{Kind: Renew}
	if !TookEffect(renew, before, have) {
		t.Error("a later expiry is no evidence")
	}
	before.Expires = time.Time{}
	if TookEffect(renew, before, have) {
		t.Error("an expiry that was left out before is evidence")
	}
}

// TestAFailingOrderIsCalledSo, at once, and never a last order that failed.
func TestAFailingOrderIsCalledSo(t *testing.T) {
	t.Parallel()
	due := asks(renewBefore(30 * day))
	for _, tt := range []struct {
		have cert.Live
		want string
	}{
		{inService(endsIn(12*day), oneName(cert.DomainTimedOut), order(cert.OrderPendingRenewal)), "its renewal timed out: 1 of 2 domains was not validated in time"},
		{inService(endsIn(12*day), changed(day), oneName(cert.DomainTimedOut), order(cert.OrderAwaitingRenewal)), "its renewal timed out: 1 of 2 domains was not validated in time"},
		{inService(endsIn(12*day), autoRenews, oneName(cert.DomainTimedOut), order(cert.OrderPendingRenewal)), "its renewal timed out: 1 of 2 domains was not validated in time"},
		{inService(endsIn(12*day), oneName(cert.DomainRejected), order(cert.OrderPendingReissue)), "its reissue failed: 1 of 2 domains was refused by the CA (Rejected)"},
		{inService(endsIn(-2*day), func(l *cert.Live) { l.SetDomains(names(cert.DomainTimedOut, l.Names()...)) }, order(cert.OrderPendingRenewal)), "its renewal timed out: 2 of 2 domains were not validated in time"},
	} {
		s := one(due, tt.have)
		texts := []string{State(s.Phase, s.Have, now), s.Renewal(now).Because}
		for _, w := range s.Warnings {
			texts = append(texts, w.Text+" "+w.Do.String())
		}
		all := strings.Join(texts, "; ")
		if !strings.Contains(texts[0], tt.want) || !strings.Contains(texts[1], tt.want) && !tt.have.Expired(now) {
			t.Errorf("people read %q", texts)
		}
		for _, not := range []string{"last order failed", "in progress", "cpsync explain"} {
			if strings.Contains(all, not) {
				t.Errorf("people read %q in %q", not, all)
			}
		}
		if !slices.ContainsFunc(s.Warnings, Warning.NeedsAction) {
			t.Errorf("nobody is told: %q", codes(s))
		}
	}
}

// TestNoOrderGoesOutBesideAnOpenOne, and Outlooks says of none that it would.
func TestNoOrderGoesOutBesideAnOpenOne(t *testing.T) {
	steps(t, func(t *testing.T, s Step, p Plan, o Options) {
		if !s.Have.OrderOpen(p.Now) {
			return
		}
		if s.HasOrder() {
			t.Errorf("beside %v, changed %s: %q", s.Have.Order, s.Have.Modified, lines(s))
		}
		for _, l := range s.Outlooks(p.Now, o) {
			if l.Open && isOrder(l.Edit) {
				t.Errorf("beside %v %s is called open", s.Have.Order, l.Edit)
			}
		}
		if s.Phase == cert.OrderFailed && strings.Contains(State(s.Phase, s.Have, now), "last order") {
			t.Errorf("while an order is open: %q", State(s.Phase, s.Have, now))
		}
	})
}
