package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// TestOutlooksAreWhatThePlanDoes: an edit is open exactly where a manifest that asks
// for it has it sent.
func TestOutlooksAreWhatThePlanDoes(t *testing.T) {
	t.Parallel()
	for _, p := range cert.Phases() {
		for _, e := range cert.Edits() {
			s := one(wanting(e), inPhase(p))
			sent := slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Edit() == e })
			for _, o := range s.Outlooks(now, opts) {
				if o.Edit != e {
					continue
				}
				if o.Open != sent {
					t.Errorf("%s while %s: open %v, sent %v (%+v)", e, p, o.Open, sent, o.Why)
				}
				if !o.Open {
					plain(t, o.Why)
				}
			}
		}
	}
}

// TestOutlooksWithoutAManifestAreTheTable, in the phases where only it decides.
func TestOutlooksWithoutAManifestAreTheTable(t *testing.T) {
	t.Parallel()
	for _, p := range cert.Phases() {
		s := one(cert.Spec{ID: inPhase(p).ID}, inPhase(p))
		for _, o := range s.Outlooks(now, opts) {
			if want := ruleTable[p][o.Edit] == allow; o.Open != want {
				t.Errorf("%s while %s: open is %v", o.Edit, p, o.Open)
			}
		}
	}
}

// TestOutlooksKnowOfTheJournal: what it has pending defers an order that nobody asked for yet.
func TestOutlooksKnowOfTheJournal(t *testing.T) {
	t.Parallel()
	have := inService(endsIn(20 * day))
	s := one(cert.Spec{ID: 7}, have)
	if o := s.Outlooks(now, opts); !o[slices.IndexFunc(o, func(o Outlook) bool { return o.Edit == cert.EditRenew })].Open {
		t.Fatalf("without a pending order: %+v", o)
	}
	pending := opts
	pending.PendingOrders = map[cert.ID]PendingOrder{7: {Kind: Renew, Answered: now.Add(-time.Hour)}}
	for _, o := range Build(Account{Pairs: []Pair{s.Pair}}, now, pending).Steps[0].Outlooks(now, pending) {
		if o.Edit == cert.EditRenew && o.Why.Rule != RuleJournal {
			t.Errorf("%+v", o)
		}
	}
}

func TestRenewalsOpenLater(t *testing.T) {
	t.Parallel()
	s := one(cert.Spec{ID: 7}, inService(endsIn(90*day)))
	for _, o := range s.Outlooks(now, opts) {
		if o.Edit == cert.EditRenew && (o.Open || !o.Why.UntilAt.Equal(s.Have.Expires.Add(-60*day))) {
			t.Errorf("%+v", o)
		}
	}
}

func TestLives(t *testing.T) {
	t.Parallel()
	for p, want := range map[cert.Phase]string{
		cert.Unknown:                 "prepared ordered DCV deployment active served",
		cert.Processing:              "PREPARED ordered DCV deployment active served",
		cert.Ordered:                 "prepared ORDERED DCV deployment active served",
		cert.DomainControlValidation: "prepared ordered DCV deployment active served",
		cert.OtherValidation:         "prepared ordered DCV VETTING deployment active served",
		cert.Deployment:              "prepared ordered DCV DEPLOYMENT active served",
		cert.Active:                  "prepared ordered DCV deployment ACTIVE served",
		cert.InFlight:                "active ORDERED DCV deployment active served",
		cert.OrderFailed:             "active ordered ORDER-FAILED",
		cert.TimedOut:                "prepared ordered DCV TIMED-OUT",
		cert.Rejected:                "prepared ordered REJECTED",
		cert.Expired:                 "active EXPIRED",
		cert.Deleted:                 "prepared DELETED",
	} {
		have := inPhase(p)
		have.ValidationType = cert.DV
		if d := cmp.Diff(want, drawn(view.LifeOf(have, now))); d != "" {
			t.Errorf("%s: %s", p, d)
		}
	}
	open := inService(order(cert.OrderPendingRenewal), status(cert.StatusDomainControlValidation))
	open.ValidationType = cert.OV
	if d := cmp.Diff("active ordered DCV vetting deployment active served", drawn(view.LifeOf(open, now))); d != "" {
		t.Error(d)
	}
}

// drawn writes the stops with the present one in capitals.
func drawn(l view.Life) string {
	stops := slices.Clone(l.Stops)
	for i, s := range stops {
		stops[i] = strings.ReplaceAll(s, " ", "-")
		if i == l.At {
			stops[i] = strings.ToUpper(stops[i])
		}
	}
	return strings.Join(stops, " ")
}

func TestWhatRenews(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		want cert.Spec
		have cert.Live
		by   RenewalKind
		in   time.Duration // from now
	}{
		"nothing renews it":               {asks(), inService(endsIn(90 * day)), RenewalNone, -1},
		"auto-renew":                      {asks(), inService(endsIn(90*day), autoRenews), RenewalByCPS, 30 * day},
		"auto-renew that is stuck":        {asks(), inService(endsIn(44*day), autoRenews), RenewalNone, -1},
		"auto-renew beside an open order": {asks(), inService(endsIn(5*day), autoRenews, order(cert.OrderPendingReissue)), RenewalOtherOrder, -1},
		"auto-renew that is switched":     {asks(autoRenew(true)), inService(endsIn(90 * day)), RenewalByCPS, 30 * day},
		"policy":                          {asks(renewBefore(20 * day)), inService(endsIn(90 * day)), RenewalByPolicy, 70 * day},
		"policy that is due":              {asks(renewBefore(20 * day)), inService(endsIn(10 * day)), RenewalByPolicy, 0},
		"a renewal under way":             {asks(), inService(endsIn(10*day), order(cert.OrderPendingRenewal)), RenewalOpen, -1},
		"protected":                       {asks(protects(cert.EditRenew)), inService(endsIn(90 * day)), RenewalNone, -1},
		"no certificate":                  {asks(), inPhase(cert.Processing), RenewalNotIssued, -1},
		"past its end, auto-renew or no":  {asks(), inService(endsIn(-day), autoRenews), RenewalNone, -1},
	} {
		f := one(c.want, c.have).Renewal(now)
		at := time.Duration(-1)
		if !f.At.IsZero() {
			at = f.At.Sub(now)
		}
		if f.Kind != c.by || at != c.in || f.Because == "" {
			t.Errorf("%s: %+v, in %s", what, f, at)
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		step Step
		want view.NextActor
	}{
		"active":            {one(asks(), inService()), view.NextActor{Nobody: true}},
		"something to send": {one(asks(description("new")), inService()), view.NextActor{Next: NextRun, Do: []Action{Advise("run cpsync --apply")}}},
		"at the CA":         {one(asks(), inService(endsIn(90*day), order(cert.OrderPendingReissue))), view.NextActor{Next: CA, Do: []Action{Advise("until " + words[cert.InFlight].Until)}}},
		"DCV": {one(asks(), inPhase(cert.DomainControlValidation)),
			view.NextActor{Next: Person, Do: []Action{DCVAction(inService())}}},
		"accepted all the same": {one(asks(accepts(cert.ActionRequired)), inPhase(cert.DomainControlValidation)),
			view.NextActor{Next: Person, Do: []Action{DCVAction(inService())}}},
	} {
		if d := cmp.Diff(c.want, view.WhoActs(c.step, now)); d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	if do := DCVAction(cert.Live{ID: 11607}).String(); !strings.Contains(do, "cpsync explain 11607") {
		t.Error(do)
	}
}
