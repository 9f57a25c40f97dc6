package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"slices"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestBothClocksDecide: where the clock of the API is another one than ours, an order goes
// out only when both let it go.
func TestBothClocksDecide(t *testing.T) {
	t.Parallel()
	byOne := func(e string) []string { return []string{"not " + e + ": deferred by clock, next next-run"} }
	due, until := asks(renewBefore(30*day)), asks(func(s *cert.Spec) { s.Policy.RetriggerUntil = cert.Some(midnight("2026-11-30")) })
	for name, tt := range map[string]struct {
		skew time.Duration // how far the server is ahead
		want cert.Spec
		have cert.Live
		says []string
	}{
		"due by both":                             {-5 * day, due, inService(endsIn(20 * day)), []string{"send renew"}},
		"ours is ahead, and due by ours alone":    {-40 * day, due, inService(endsIn(25 * day)), byOne("renew")},
		"ours is behind, and due by theirs alone": {40 * day, due, inService(endsIn(50 * day)), byOne("renew")},
		"due by neither":                          {-40 * day, due, inService(endsIn(50 * day)), nil},
		"a retrigger that ours has no time for":   {-9 * day, until, inService(timedOut), []string{"send retrigger"}},
		"a retrigger that theirs has no time for": {9 * day, until, inService(timedOut), byOne("retrigger")},
		"in the cooldown by theirs":               {-40 * day, asks(renewsNow), inService(changed(40 * day)), []string{"not renew: deferred by order-cooldown, next next-run, until 2026-10-14 05:00 UTC"}},
		"past its end by theirs":                  {21 * day, due, inService(endsIn(20 * day)), []string{"not renew: undocumented by phase:expired, next person"}},
		"under way, whatever the clocks say":      {-40 * day, due, inService(endsIn(25*day), order(cert.OrderPendingRenewal)), nil},
		"protected, whatever the clocks say":      {-40 * day, asks(renewBefore(30*day), protects(cert.EditRenew)), inService(endsIn(25 * day)), []string{"not renew: protected by protect, next person"}},
		"edits go on":                             {-40 * day, asks(description("new")), inService(), []string{"send description"}},
		"names are in the cooldown by theirs":     {-40 * day, asks(lists("a.example.com", "b.example.com", "c.example.com")), inService(changed(40 * day)), []string{"not domains +c: deferred by order-cooldown, next next-run, until 2026-10-14 05:00 UTC"}},
		"names that neither clock holds go":       {-5 * day, asks(lists("a.example.com", "b.example.com", "c.example.com")), inService(), []string{"send domains +c = a! a b c"}},
		"a thumbprint is due by any clock":        {-10 * day, asks(renewsNow), inService(), []string{"send renew"}},
	} {
		o := opts
		o.Server = now.Add(tt.skew)
		p := Build(Account{Pairs: []Pair{{Want: tt.want, Have: tt.have, Found: true}}}, now, o)
		if got := lines(p.Steps[0]); !slices.Equal(got, tt.says) {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
		if rebuilt := Rebuild(p.Steps[0], tt.have, now, o, Progress{}); !p.Steps[0].StillPlanned(0, rebuilt) {
			t.Errorf("%s: another plan from the same reading", name)
		}
	}
}
