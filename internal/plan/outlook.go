package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Outlook says of one edit whether a manifest that asks for it now would have it
// sent.
type Outlook struct {
	Edit cert.Edit
	Open bool
	Why  Withheld // what an edit that is not open waits for, or is shut by; else zero
}

// Outlooks says for each edit what would become of it now, wanted or not. Of a renewal
// or retrigger that the policy asks for it is what was decided; of the rest it is the
// table of rules, and the rules beside it that do not need a wish, in words.
func (s Step) Outlooks(now time.Time, o Options) []Outlook {
	if s.Fault != nil {
		return nil
	}
	b := newBuilder(s.Pair, s.fleet, now, o, Progress{})
	b.pending = s.pending
	b.expectations()
	b.due = b.decideRenewal()
	b.wait = b.pausing(b.changes()[cert.EditDomains])
	var all []Outlook
	for _, e := range cert.Edits() {
		refused, decided := s.decidedOn(e)
		if !decided {
			refused = b.wouldRefuse(e)
		}
		if refused == nil {
			all = append(all, Outlook{Edit: e, Open: true})
			continue
		}
		refused.Edit = e
		all = append(all, Outlook{Edit: e, Why: *refused})
	}
	return all
}

// decidedOn returns what was decided of a renewal or retrigger: what blocks it, or nil
// when it goes out. decided is false when the policy asks for neither.
func (s Step) decidedOn(e cert.Edit) (refused *Withheld, decided bool) {
	order := e == cert.EditRenew || e == cert.EditRetrigger
	for _, b := range s.Withheld {
		if b.Edit == e && (order || b.Rule == RuleOneOrder) {
			return &b, true
		}
	}
	return nil, e == cert.EditRenew && s.Makes(Renew) || e == cert.EditRetrigger && s.Makes(Retrigger)
}

// wouldRefuse is what would stop an edit, or nil.
func (b *builder) wouldRefuse(e cert.Edit) *Withheld {
	switch e {
	case cert.EditRenew:
		return b.firstOf(renewRules)
	case cert.EditRetrigger:
		return b.firstOf(retriggerRules)
	default:
		return b.withheldBy(diff.Change{Edit: e})
	}
}

func nothingToRenew(b *builder) *Withheld {
	if b.Have.Issued() {
		return nil
	}
	refused := b.byTable(cert.EditRenew)
	if refused != nil {
		refused.Because = "there is no certificate to renew"
		if refused.Verdict == Blocked {
			refused.Do = Advise("nothing before the first certificate")
		}
	}
	return refused
}

func nothingToRetrigger(b *builder) *Withheld {
	if b.Phase == cert.TimedOut || b.Phase == cert.Unknown || ruleTable[b.Phase][cert.EditRetrigger] != never {
		return nil
	}
	return &Withheld{Verdict: Blocked, Rule: PhaseRule(b.Phase), Next: Person,
		Because: "only a request that timed out before its first certificate can be submitted again",
		Do:      Advise("nothing: there is no order to place again")}
}

// renewsByItself withholds renewals while auto_renew is on and stays on.
func renewsByItself(b *builder) *Withheld {
	if b.renewsNow() || !b.Have.AutoRenew || !b.Want.AutoRenew.Or(true) {
		return nil
	}
	return &Withheld{Verdict: Blocked, Rule: RuleAutoRenewOn, Next: Person,
		Because: "auto_renew is on: CPS renews by itself, and cpsync orders no renewal beside it",
		Do:      Advise("manage auto_renew: false")}
}

func windowNotOpen(b *builder) *Withheld {
	opens := b.Have.Expires.Add(-window(b.now))
	if b.renewsNow() || b.Have.Expires.IsZero() || !b.now.Before(opens) {
		return nil
	}
	return &Withheld{Verdict: Deferred, Rule: RuleWindow, Next: NextRun, UntilAt: opens,
		Because: "renewals open " + days(window(b.now)) + " before expiry",
		Until:   "they are open"}
}
