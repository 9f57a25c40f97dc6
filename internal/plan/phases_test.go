package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// inPhase is a request in each phase.
func inPhase(p cert.Phase) cert.Live {
	awaiting := func(l *cert.Live) {
		l.Expires, l.Thumbprint = time.Time{}, ""
		l.SetDomains(names(cert.DomainAwaitingCertificateAuthority, l.Names()...))
		l.Order = cert.OrderPending
	}
	soon := endsIn(20 * day)
	switch p {
	case cert.Unknown:
		return inService(soon, order(cert.OrderUnknown))
	case cert.Processing:
		return inService(awaiting, status(cert.StatusProcessing), order(cert.NoOrder))
	case cert.Ordered:
		return inService(awaiting, status(cert.StatusProcessing))
	case cert.DomainControlValidation:
		return inService(awaiting, status(cert.StatusDomainControlValidation))
	case cert.OtherValidation:
		return inService(awaiting, status(cert.StatusOtherValidation))
	case cert.Deployment:
		return inService(soon, status(cert.StatusDeployment))
	case cert.Active:
		return inService(soon)
	case cert.InFlight:
		return inService(soon, order(cert.OrderPendingReissue))
	case cert.OrderFailed:
		return inService(soon, order(cert.OrderReissueRejected))
	case cert.TimedOut:
		return inService(timedOut)
	case cert.Rejected:
		return inService(awaiting, order(cert.OrderRejected))
	case cert.Expired:
		return inService(endsIn(-day))
	case cert.Deleted:
		return inService(status(cert.StatusDeleted))
	}
	panic("no such phase")
}

// wanting is a manifest that asks for one edit of what inService holds.
func wanting(e cert.Edit) cert.Spec {
	s := asks()
	switch e {
	case cert.EditDescription:
		description("new")(&s)
	case cert.EditAutoRenew:
		autoRenew(true)(&s)
	case cert.EditDCVMethod:
		method(cert.Email)(&s)
	case cert.EditDomains:
		lists("a.example.com", "b.example.com", "c.example.com")(&s)
	case cert.EditRenew:
		renewBefore(30 * day)(&s)
	case cert.EditRetrigger:
		retriggerUntil("2026-12-31")(&s)
	case cert.EditLabel:
		label("new")(&s)
		accepts(cert.OtherDomains)(&s)
	default:
		panic("wanting has no case for " + e.String())
	}
	return s
}

// TestFieldsCanBeSent: the table has a column for each field of a Patch, and lets it through
// while nothing is in progress.
func TestFieldsCanBeSent(t *testing.T) {
	t.Parallel()
	for _, f := range cert.Fields {
		if ruleTable[cert.Active][f.Edit] != allow {
			t.Errorf("the column of %s in rules is not filled", f.Edit)
		}
	}
}

// TestTheTableDecides: each phase and edit is sent, or explained, as the table says.
func TestTheTableDecides(t *testing.T) {
	t.Parallel()
	for _, p := range cert.Phases() {
		for _, e := range cert.Edits() {
			t.Run(p.String()+"/"+e.String(), func(t *testing.T) {
				t.Parallel()
				have := inPhase(p)
				if got := cert.PhaseOf(have, now); got != p {
					t.Fatalf("the request is in %s", got)
				}
				want := wanting(e)
				s := one(want, have)
				if p == cert.Deleted {
					if s.Fault == nil {
						t.Error("planned although deleted")
					}
					return
				}
				due := e != cert.EditRenew && e != cert.EditRetrigger ||
					e == cert.EditRenew && have.Issued() || e == cert.EditRetrigger && p == cert.TimedOut
				sent := len(s.Ops) == 1 && s.Ops[0].Edit() == e
				if sent != (due && ruleTable[p][e] == allow) {
					t.Errorf("sent: %v: %q", sent, lines(s))
				}
				if due && !sent && (len(s.Ops) > 0 || len(s.Withheld) != 1 || s.Withheld[0].Edit != e) {
					t.Errorf("neither sent nor explained once: %q", lines(s))
				}
				tries(e)(&want)
				s = one(want, have)
				sent = len(s.Ops) == 1 && s.Ops[0].Edit() == e
				if opens := ruleTable[p][e] == allow || ruleTable[p][e] == undoc; sent != (due && opens) {
					t.Errorf("with try, sent: %v: %q", sent, lines(s))
				}
			})
		}
	}
}

// TestTheTableIsThatOfTheSheet: cps-api, section 8, with A where it is sent, R where
// it is not, and ? where it is unknown.
func TestTheTableIsThatOfTheSheet(t *testing.T) {
	t.Parallel()
	columns := []cert.Phase{cert.Processing, cert.Ordered, cert.DomainControlValidation, cert.OtherValidation, cert.Deployment,
		cert.Active, cert.InFlight, cert.TimedOut, cert.Rejected, cert.Expired, cert.Deleted, cert.OrderFailed}
	sheet := map[cert.Edit]string{
		cert.EditDescription: "A A A A A A A A ? ? R A",
		cert.EditAutoRenew:   "A A A A A A A A ? ? R A",
		cert.EditLabel:       "A A A A A A A A ? ? R A",
		cert.EditDCVMethod:   "A A A ? A A ? ? ? ? R ?",
		cert.EditDomains:     "R R R R R A R ? ? ? R ?", // Deployment: section 15, number 14
		cert.EditRenew:       "R R R R R A R R R ? R ?",
		cert.EditRetrigger:   "R R R R R R R A ? R R R",
	}
	letter := map[Cell]string{allow: "A", undoc: "?", later: "R", never: "R"}
	for e, row := range sheet {
		for i, want := range strings.Fields(row) {
			if got := letter[ruleTable[columns[i]][e]]; got != want {
				t.Errorf("%s while %s: %s, the sheet says %s", e, columns[i], got, want)
			}
		}
	}
	for _, e := range cert.Edits() {
		if ruleTable[cert.Unknown][e] != never {
			t.Errorf("%s is sent in an unknown state", e)
		}
	}
}

// inner are the words of the table, which people are not to read.
var inner = regexp.MustCompile(`(?i)\b(undoc|phase)s?\b`)

// TestEveryPhaseHasItsWords, and each says what ends it or what to do.
func TestEveryPhaseHasItsWords(t *testing.T) {
	t.Parallel()
	for _, p := range cert.Phases() {
		w := words[p]
		if w.State == "" || w.Because == "" {
			t.Errorf("%s has no words", p)
		}
		if w.Next == Person && w.Do.None() && p != cert.Active {
			t.Errorf("%s needs a person and does not say for what", p)
		}
		if w.Next != Person && w.Until == "" {
			t.Errorf("%s waits and does not say for what", p)
		}
		for _, o := range []cert.OrderStatus{cert.NoOrder, cert.OrderAwaitingRenewal, cert.OrderPendingReissue, cert.OrderAwaitingOrgUpdate} {
			if s := State(p, cert.Live{Order: o}, now); s == "" || inner.MatchString(s) {
				t.Errorf("%s is called %q", p, s)
			}
		}
		for _, e := range cert.Edits() {
			b := ByTable(inPhase(p), p, e, now)
			if b != nil {
				plain(t, *b)
			}
			if b != nil && b.Verdict == Deferred && b.Until == "" {
				t.Errorf("%s while %s waits and does not say for what", e, p)
			}
		}
	}
}

// plain checks the texts of what is not an operation.
func plain(t *testing.T, b Withheld) {
	t.Helper()
	for _, text := range []string{b.Because, b.Until, b.Do.String()} {
		if inner.MatchString(text) {
			t.Errorf("%s: people read %q", b.Rule, text)
		}
		if strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q is a clause and ends in a full stop", b.Rule, text)
		}
	}
	if b.Because == "" || len(b.Rule) == 0 || b.Next != Person && b.Until == "" {
		t.Errorf("%s by %s says too little: %+v", b.Edit, b.Rule, b)
	}
}

// TestPastItsEndNothingIsInService, in no text.
func TestPastItsEndNothingIsInService(t *testing.T) {
	t.Parallel()
	want := asks(renewBefore(30*day), method(cert.Email), lists("a.example.com", "b.example.com", "c.example.com"))
	s := one(want, inService(endsIn(-3*day), order(cert.OrderRenewalRejected)))
	if s.Phase != cert.OrderFailed || len(s.Withheld) != 3 || len(s.Warnings) == 0 {
		t.Fatalf("got %q", lines(s))
	}
	for _, b := range s.Withheld {
		if strings.Contains(b.Because, "active") {
			t.Errorf("people read %q", b.Because)
		}
	}
	for _, w := range s.Warnings {
		if strings.Contains(w.Text, "active") {
			t.Errorf("people read %q", w.Text)
		}
	}
}
