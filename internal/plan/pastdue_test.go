package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

func refusedRenewal(have cert.Live, ago time.Duration) map[cert.ID][]Refusal {
	return map[cert.ID][]Refusal{have.ID: {{Kind: Renew, At: now.Add(-ago), Answer: "400 vetting lapsed",
		Status: have.Status, Order: have.Order, Domains: have.DomainStates()}}}
}

// TestOverdueSpeaksOfWhatTheRunKnows: of a renewal that was accepted nothing is said, nor
// of a policy that is new in the change under review; of one that was refused the answer.
func TestOverdueSpeaksOfWhatTheRunKnows(t *testing.T) {
	t.Parallel()
	want, have := asks(renewBefore(30*day)), inService(endsIn(20*day))
	before := func(days int) map[cert.ID]cert.Spec {
		return map[cert.ID]cert.Spec{want.ID: asks(renewBefore(time.Duration(days) * day))}
	}
	for name, tt := range map[string]struct {
		o    func(*Options)
		says string // "" when it is not overdue
	}{
		"nothing is known": {func(*Options) {}, "has been due since 2026-11-12"},
		"it was accepted": {func(o *Options) {
			o.PendingOrders = map[cert.ID]PendingOrder{want.ID: {Kind: Renew, Answered: now.Add(-day / 2)}}
		}, ""},
		"it was accepted long ago": {func(o *Options) {
			o.PendingOrders = map[cert.ID]PendingOrder{want.ID: {Kind: Renew, Answered: now.Add(-2 * day)}}
		}, "has been due since"},
		"it was sent, and no more":   {func(o *Options) { o.PendingOrders = map[cert.ID]PendingOrder{want.ID: {Kind: Renew}} }, "has been due since"},
		"other names were sent":      {func(o *Options) { o.PendingOrders = map[cert.ID]PendingOrder{want.ID: {Kind: Patch}} }, "has been due since"},
		"it was refused":             {func(o *Options) { o.Refused = refusedRenewal(have, day) }, "on 2026-11-21 the API refused it: 400 vetting lapsed"},
		"the manifest is new":        {func(o *Options) { o.Before = map[cert.ID]cert.Spec{} }, ""},
		"the policy is new":          {func(o *Options) { o.Before = map[cert.ID]cert.Spec{want.ID: asks()} }, ""},
		"the policy asks earlier":    {func(o *Options) { o.Before = before(21) }, ""},
		"the policy was due already": {func(o *Options) { o.Before = before(23) }, "has been due since 2026-11-12"},
	} {
		o := opts
		tt.o(&o)
		s := Build(Account{Pairs: []Pair{{Want: want, Have: have, Found: true}}}, now, o).Steps[0]
		w, overdue := s.Warning(cert.RenewalOverdue)
		if overdue != (tt.says != "") || !strings.Contains(w.Text, tt.says) {
			t.Errorf("%s: %v %q, want %q", name, overdue, w.Text, tt.says)
		}
	}
}

// TestWhatWasRefusedGoesLast, also where a run may start fewer renewals than are due.
func TestWhatWasRefusedGoesLast(t *testing.T) {
	t.Parallel()
	first, second := inService(endsIn(10*day)), inService(endsIn(20*day))
	second.ID = 11605
	want := asks(renewBefore(30 * day))
	other := want
	other.ID = second.ID
	o := opts
	o.Refused = refusedRenewal(first, day)
	p := Build(Account{Pairs: []Pair{{Want: want, Have: first, Found: true}, {Want: other, Have: second, Found: true}}}, now, o)
	if got := p.ToApply(); len(got) != 2 || got[0].Want.ID != second.ID {
		t.Errorf("first goes %d", got[0].Want.ID)
	}
	o.MaxRenewals = 1
	p = Build(Account{Pairs: pairsOf(p)}, now, o)
	if got := p.ToApply(); len(got) != 1 || got[0].Want.ID != second.ID {
		t.Errorf("%d go, the first is %d", len(got), got[0].Want.ID)
	}
}

func pairsOf(p Plan) (all []Pair) {
	for _, s := range p.Steps {
		all = append(all, s.Pair)
	}
	return all
}

// TestWhatWasTriedAndRefused waits until the request is another one, or a week is over.
func TestWhatWasTriedAndRefused(t *testing.T) {
	t.Parallel()
	rejected := inService(endsIn(20*day), order(cert.OrderRenewalRejected))
	with := func(change func(*cert.Live)) cert.Live {
		have := rejected
		change(&have)
		return have
	}
	held := "not renew: deferred by undocumented-cooldown, next next-run, until "
	for name, tt := range map[string]struct {
		ago  time.Duration
		have cert.Live
		says string
	}{
		"yesterday":                 {day, rejected, held + "2026-11-28 09:00 UTC"},
		"a week ago":                {7 * day, rejected, "send renew"},
		"almost a week ago":         {7*day - time.Second, rejected, held + "2026-11-22 09:00 UTC"},
		"the order is another":      {day, with(order(cert.OrderReissueRejected)), "send renew"},
		"the status is another":     {day, with(func(l *cert.Live) { l.Status, l.RequiresAttention = cert.StatusProcessing, true }), "send renew"},
		"the domains are others":    {day, with(serving("a.example.com")), "send renew"},
		"a domain was refused then": {day, with(func(l *cert.Live) { l.SetDomains(names(cert.DomainRejected, "a.example.com", "b.example.com")) }), "send renew"},
		"where it is documented":    {day, inService(endsIn(20 * day)), "send renew"},
	} {
		o := opts
		o.Refused = refusedRenewal(rejected, tt.ago)
		if name == "where it is documented" {
			o.Refused = refusedRenewal(tt.have, tt.ago)
		}
		s := Build(Account{Pairs: []Pair{{Want: asks(renewBefore(30*day), tries(cert.EditRenew)), Have: tt.have, Found: true}}}, now, o).Steps[0]
		if got := lines(s); len(got) != 1 || got[0] != tt.says {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

// TestAnotherWishIsNoRepeat: names that were refused wait; other names are sent.
func TestAnotherWishIsNoRepeat(t *testing.T) {
	t.Parallel()
	have := inService(order(cert.OrderReissueRejected))
	want := asks(tries(cert.EditDomains), lists("a.example.com", "b.example.com", "c.example.com"))
	op := one(want, have).Ops[0]
	o := opts
	o.Refused = map[cert.ID][]Refusal{have.ID: {{Kind: Patch, Asked: []string{Asked(op.Changes[0])}, At: now.Add(-day),
		Answer: "400", Status: have.Status, Order: have.Order, Domains: have.DomainStates()}}}
	held := Build(Account{Pairs: []Pair{{Want: want, Have: have, Found: true}}}, now, o).Steps[0]
	other := asks(tries(cert.EditDomains), lists("a.example.com", "b.example.com", "d.example.com"))
	sent := Build(Account{Pairs: []Pair{{Want: other, Have: have, Found: true}}}, now, o).Steps[0]
	if len(held.Ops) != 0 || held.Withheld[0].Because != "sent 2026-11-21 and refused: 400" || len(sent.Ops) != 1 {
		t.Errorf("%q, then %q", lines(held), lines(sent))
	}
}

// TestOneActionIsOneEntry: what is overdue and near its end has both codes, each to be
// accepted, and is asked for once.
func TestOneActionIsOneEntry(t *testing.T) {
	t.Parallel()
	s := one(asks(renewBefore(30*day)), inService(endsIn(10*day)))
	asking := s.Asking()
	if !s.Is(cert.Expiring) || !s.Is(cert.RenewalOverdue) || len(asking) != 1 || !strings.Contains(asking[0].Text, "has been due since") {
		t.Errorf("%+v of %+v", asking, s.Warnings)
	}
	s = one(asks(renewBefore(30*day), accepts(cert.Expiring)), inService(endsIn(10*day)))
	if asking := s.Asking(); len(asking) != 1 || asking[0].Code != cert.RenewalOverdue {
		t.Errorf("with one accepted: %+v", asking)
	}
}
