package plan_test

import (
	"flag"
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/seed"
)

var (
	firstSeed = seed.Flag()
	cases     = flag.Int("cases", 200, "how many fleets are generated for each property")
)

// forall runs a property over generated fleets; a failure names its seed.
func forall(t *testing.T, property func(t *testing.T, g generator)) {
	t.Helper()
	t.Parallel()
	t.Logf("from -seed %d", firstSeed())
	for i := range *cases {
		s := firstSeed() + uint64(i)
		property(t, newGenerator(s))
		if t.Failed() {
			t.Fatalf("to see it again: go test -run '^%s$' -cases 1 -seed %d", t.Name(), s)
		}
	}
}

// steps runs a property over every step of a generated plan that can be planned.
func steps(t *testing.T, property func(t *testing.T, s Step, p Plan, o Options)) {
	t.Helper()
	forall(t, func(t *testing.T, g generator) {
		pairs, others, complete := g.fleet()
		o := g.options()
		p := Build(Account{Pairs: pairs, Unmanaged: others, Complete: complete}, g.instant(), o)
		for _, s := range p.Steps {
			if s.Fault == nil {
				property(t, s, p, o)
			}
		}
	})
}

// TestBuildIsAFunction: equal input, equal plan, and the input as it was.
func TestBuildIsAFunction(t *testing.T) {
	forall(t, func(t *testing.T, g generator) {
		pairs, others, complete := g.fleet()
		at, o := g.instant(), g.options()
		keptPairs, keptOthers := copies(pairs), slices.Clone(others)
		first := Build(Account{Pairs: pairs, Unmanaged: others, Complete: complete}, at, o)
		for _, s := range first.Steps {
			if s.Fault == nil {
				Rebuild(s, s.Have, at, o, Progress{Modified: s.Have.Modified})
			}
		}
		again := Build(Account{Pairs: pairs, Unmanaged: others, Complete: complete}, at, o)
		if d := cmp.Diff(first, again, values); d != "" {
			t.Errorf("the second plan differs: %s", d)
		}
		if d := cmp.Diff(keptPairs, pairs, values) + cmp.Diff(keptOthers, others, values); d != "" {
			t.Errorf("the input was changed: %s", d)
		}
	})
}

// copies are deep enough to notice a change of a list.
func copies(pairs []Pair) []Pair {
	all := slices.Clone(pairs)
	for i := range all {
		h, w := &all[i].Have, &all[i].Want
		h.Domains, h.Leaving = slices.Clone(h.Domains), slices.Clone(h.Leaving)
		w.Policy.RemoveDomains, w.Policy.Protect = slices.Clone(w.Policy.RemoveDomains), slices.Clone(w.Policy.Protect)
		w.Policy.AllowUndocumented, w.Policy.Accept = slices.Clone(w.Policy.AllowUndocumented), slices.Clone(w.Policy.Accept)
		if d, ok := w.Domains.Get(); ok {
			w.Domains = cert.Some(cert.Domains{Common: d.Common, Names: slices.Clone(d.Names)})
		}
	}
	return all
}

// TestNothingIsLost: every difference is in exactly one of what is sent and what is
// not; of names, each one added, each one removed, and the move of the common name.
func TestNothingIsLost(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		var want, got []string
		for _, c := range slices.Concat(diff.Fields(s.Want.Patch, s.Have), diff.Expectations(s.Want.Expect, s.Have)) {
			want = append(want, pieces(c)...)
		}
		for _, o := range s.Ops {
			for _, c := range o.Changes {
				got = append(got, pieces(c)...)
			}
		}
		for _, b := range s.Withheld {
			if b.Edit != cert.EditRenew && b.Edit != cert.EditRetrigger {
				got = append(got, pieces(b.Change)...)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-differences +sent or not)\n%s%q", d, lines(s))
		}
	})
}

func pieces(c diff.Change) []string {
	if c.Edit != cert.EditDomains {
		return []string{fmt.Sprintf("%s %q %q", c.Edit, c.From, c.To)}
	}
	var all []string
	for _, n := range c.Add {
		all = append(all, "+"+n)
	}
	for _, n := range c.Remove {
		all = append(all, "-"+n)
	}
	if c.CommonFrom != "" && c.CommonFrom != c.CommonTo { // none, or several, is no difference by itself
		all = append(all, c.CommonFrom+">"+c.CommonTo)
	}
	return all
}

// TestSendingWorks: with a body applied to what there is, what was sent is no
// difference any more.
func TestSendingWorks(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		for _, o := range s.Ops {
			after := put(s.Have, o.Body)
			var left []string
			for _, c := range diff.Fields(s.Want.Patch, after) {
				left = append(left, pieces(c)...)
			}
			for _, c := range o.Changes {
				for _, piece := range pieces(c) {
					if slices.Contains(left, piece) {
						t.Errorf("%s was sent and still differs: %q", piece, left)
					}
				}
			}
		}
	})
}

// put is what a PATCH leaves behind, as far as comparing goes.
func put(l cert.Live, p cert.Patch) cert.Live {
	l.Description = p.Description.Or(l.Description)
	l.AutoRenew = p.AutoRenew.Or(l.AutoRenew)
	l.DCVMethod = p.DCVMethod.Or(l.DCVMethod)
	l.Label = p.Label.Or(l.Label)
	if d, ok := p.Domains.Get(); ok {
		l.Common = d.Common
		l.SetDomains(names(cert.DomainActive, d.Names...))
	}
	return l
}

// TestNoBodyHoldsWhatDidNotChange: its fields are those of the changes, and names are
// alone, complete, and with one common name.
func TestNoBodyHoldsWhatDidNotChange(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		for _, o := range s.Ops {
			var fields []cert.Edit
			for e, set := range []bool{cert.EditDescription: o.Body.Description.IsSet(), cert.EditAutoRenew: o.Body.AutoRenew.IsSet(),
				cert.EditDCVMethod: o.Body.DCVMethod.IsSet(), cert.EditDomains: o.Body.Domains.IsSet(), cert.EditLabel: o.Body.Label.IsSet()} {
				if set {
					fields = append(fields, cert.Edit(e))
				}
			}
			var changes []cert.Edit
			for _, c := range o.Changes {
				changes = append(changes, c.Edit)
			}
			if !slices.Equal(fields, changes) || (o.Kind == Patch) != (len(fields) > 0) {
				t.Errorf("%s changes %v and sends %v", o.Kind, changes, fields)
			}
			if d, ok := o.Body.Domains.Get(); ok && (len(fields) != 1 || !slices.Contains(d.Names, d.Common) ||
				!slices.IsSorted(d.Names) || len(slices.Compact(slices.Clone(d.Names))) != len(d.Names)) {
				t.Errorf("a list of names is sent as %+v", o.Body)
			}
		}
	})
}

// TestNoNameLeavesThatWasNotToldTo: and no name comes that nobody wants.
func TestNoNameLeavesThatWasNotToldTo(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		for _, o := range s.Ops {
			d, ok := o.Body.Domains.Get()
			if !ok {
				continue
			}
			want, _ := s.Want.Domains.Get()
			for _, n := range s.Have.Names() {
				if !slices.Contains(d.Names, n) && !slices.Contains(s.Want.Policy.RemoveDomains, n) {
					t.Errorf("%s leaves and was not told to: %q", n, lines(s))
				}
			}
			for _, n := range d.Names {
				if !slices.Contains(s.Have.Names(), n) && !slices.Contains(want.Names, n) {
					t.Errorf("%s comes and nobody wants it: %q", n, lines(s))
				}
			}
		}
	})
}

// TestOneOrderAndTheOrderOfOperations: metadata, DCV method, at most one order, label.
func TestOneOrderAndTheOrderOfOperations(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		rank := func(o Operation) int {
			switch {
			case o.Order():
				return 2
			case o.Body.DCVMethod.IsSet():
				return 1
			case o.Body.Label.IsSet():
				return 3
			}
			return 0
		}
		for i := 1; i < len(s.Ops); i++ {
			if rank(s.Ops[i-1]) >= rank(s.Ops[i]) {
				t.Errorf("out of order: %q", lines(s))
			}
		}
	})
}

// TestNothingIsSentAgainstTheTable, nor what is protected; nor what was not read.
func TestNothingIsSentAgainstTheTable(t *testing.T) {
	steps(t, func(t *testing.T, s Step, p Plan, o Options) {
		for _, op := range s.Ops {
			edits := []cert.Edit{op.Edit()}
			for _, c := range op.Changes {
				edits = append(edits, c.Edit)
			}
			for _, e := range edits {
				v := ruleTable[s.Phase][e]
				if v != allow && !(v == undoc && s.Want.Policy.AllowsUndocumented(e)) || s.Want.Policy.Protects(e) {
					t.Errorf("%s is sent while %s: %q", e, s.Phase, lines(s))
				}
			}
			if op.Order() && (s.Have.Modified.IsZero() || p.Now.Sub(s.Have.Modified) < o.OrderCooldown) {
				t.Errorf("%s within the cooldown: %q", op.Kind, lines(s))
			}
			if slices.ContainsFunc(s.Withheld, waitsForPause) && !(len(op.Changes) == 1 && op.Changes[0].Edit == cert.EditAutoRenew) {
				t.Errorf("%s starts the cooldown again: %q", op.Kind, lines(s))
			}
			if op.Kind == Renew && (s.Have.AutoRenew || s.Want.AutoRenew.Or(false) || s.Have.Expires.Sub(p.Now) > 60*day) {
				t.Errorf("a renewal that is not due: %q", lines(s))
			}
			if op.Kind == Retrigger && (s.Have.Issued() || slices.ContainsFunc(s.Withheld, decidesOrder)) {
				t.Errorf("a retrigger that orders something else: %q", lines(s))
			}
		}
	})
}

// waitsForPause is a renewal, or a change of names, that the cooldown holds.
func waitsForPause(b Withheld) bool {
	return b.Rule == RuleOrderCooldown && (b.Edit == cert.EditRenew || b.Edit == cert.EditDomains)
}

// TestWhatIsNotSentIsExplained in words for people.
func TestWhatIsNotSentIsExplained(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		for _, b := range s.Withheld {
			plain(t, b)
			if b.Next == Person && b.Do.None() {
				t.Errorf("%s by %s needs a person and does not say for what", b.Edit, b.Rule)
			}
			if (b.Verdict == Protected || b.Verdict == Undocumented || b.Verdict == NotPossible || b.Verdict == ExtraDomain || b.Verdict == Blocked) != (b.Next == Person) && b.Verdict != Deferred {
				t.Errorf("%s by %s is %s, and next is %s", b.Edit, b.Rule, b.Verdict, b.Next)
			}
		}
		for _, w := range s.Warnings {
			if w.Text == "" || inner.MatchString(w.Text+" "+w.Do.String()) || w.NeedsAction() && w.Do.None() {
				t.Errorf("people read %+v", w)
			}
		}
		for _, o := range s.Ops {
			if (o.Kind == Patch) != (o.Reason == "") || inner.MatchString(o.Reason) {
				t.Errorf("%s because %q", o.Kind, o.Reason)
			}
		}
	})
}

// TestLimitsCountWhatIsPlanned, and the ceiling of renewals holds.
func TestLimitsCountWhatIsPlanned(t *testing.T) {
	forall(t, func(t *testing.T, g generator) {
		pairs, others, complete := g.fleet()
		o := g.options()
		p := Build(Account{Pairs: pairs, Unmanaged: others, Complete: complete}, g.instant(), o)
		total := 0
		for _, s := range p.Steps {
			total += len(s.Ops)
		}
		l := p.Limits
		if l.Edits.Count+l.DomainChanges.Count+l.Renewals.Count != total || l.Renewals.Count > o.MaxRenewals {
			t.Errorf("%d operations, %+v", total, l)
		}
		if s := view.Summarize(p); s.Orders+s.Edits != total {
			t.Errorf("%d operations, %+v", total, s)
		}
	})
}

// TestNeedsIsEnough: with what Needs asks for read, and nothing else, Build never
// panics; and where a status was not asked for, a plain one changes nothing.
func TestNeedsIsEnough(t *testing.T) {
	forall(t, func(t *testing.T, g generator) {
		pairs, others, complete := g.fleet()
		at, o := g.instant(), g.options()
		plainly := slices.Clone(pairs)
		for i := range pairs {
			p := &pairs[i]
			all := p.Have
			unread(&p.Have)
			needs := Needs(*p, at)
			if needs.Status {
				p.Have = p.Have.WithStatusOf(all)
			}
			if needs.Organization {
				p.Have.Organization, p.Have.OrganizationRead = all.Organization, true
			}
			plainly[i].Have = p.Have
			if !needs.Status {
				plainly[i].Have.Status, plainly[i].Have.Order = cert.StatusActive, cert.OrderIssued
			}
		}
		got := Build(Account{Pairs: pairs, Unmanaged: others, Complete: complete}, at, o)
		want := Build(Account{Pairs: plainly, Unmanaged: others, Complete: complete}, at, o)
		for i := range got.Steps {
			g, w := got.Steps[i], want.Steps[i]
			if d := cmp.Diff(append(lines(w), codes(w)...), append(lines(g), codes(g)...)); d != "" && g.Phase != cert.Deleted {
				t.Errorf("the status would have mattered: %s", d)
			}
		}
	})
}

// TestRunAgain: carry the plan out on a model of the server, then plan again. What was
// sent goes out no more; and within the hour nothing new does, but what falls due in it.
func TestRunAgain(t *testing.T) {
	forall(t, func(t *testing.T, g generator) {
		pairs, others, complete := g.fleet()
		at, o := g.instant(), g.options()
		o.OrderCooldown = 20 * time.Hour
		untouched := slices.Clone(pairs)
		first := Build(Account{Pairs: pairs, Unmanaged: others, Complete: complete}, at, o)
		for i, s := range first.Steps {
			have, done := s.Have, Progress{Modified: s.Have.Modified}
			for j, op := range s.Ops {
				if rebuilt := Rebuild(s, have, at, o, done); !s.StillPlanned(j, rebuilt) {
					t.Errorf("operation %d is stale: plan %q, now %q", j, lines(s), lines(rebuilt))
				}
				have = accept(have, op, at)
				done.Edits = append(done.Edits, op.Edit())
				for _, c := range op.Changes {
					done.Edits = append(done.Edits, c.Edit)
				}
			}
			pairs[i].Have = have
		}
		for _, later := range []time.Duration{time.Minute, 21 * time.Hour} {
			again := Build(Account{Pairs: pairs, Unmanaged: others, Complete: complete}, at.Add(later), o)
			unrun := Build(Account{Pairs: untouched, Unmanaged: others, Complete: complete}, at.Add(later), o)
			for i, s := range again.Steps {
				unwanted(t, first.Steps[i], unrun.Steps[i], s, later)
			}
		}
	})
}

// unwanted finds what goes out although it was sent, or although nothing was said of
// it before and it did not fall due since: unrun is the step had the plan not been
// carried out.
func unwanted(t *testing.T, before, unrun, now Step, later time.Duration) {
	t.Helper()
	for _, op := range now.Ops {
		same := func(o Operation) bool { return o.Edit() == op.Edit() }
		sent := slices.ContainsFunc(before.Ops, func(o Operation) bool { return same(o) || op.Order() && o.Order() })
		waits := func(w Withheld) bool { return w.Edit == op.Edit() }
		waited := slices.ContainsFunc(before.Withheld, waits)
		// Where the first plan was not applied, another renewal may have its place under --max-renewals.
		due := slices.ContainsFunc(unrun.Ops, same) || slices.ContainsFunc(unrun.Withheld, waits)
		if sent || !waited && !due && later < time.Hour {
			t.Errorf("%s later %s goes out: plan %q, now %q; not applied: %q", later, op.Edit(), lines(before), lines(now), lines(unrun))
		}
	}
}

// accept is the server of cps-api, section 6, as far as one call goes.
func accept(l cert.Live, o Operation, at time.Time) cert.Live {
	l.Modified = at
	underWay := func(s cert.DomainStatus) { l.SetDomains(names(s, l.Names()...)) }
	switch {
	case o.Kind == Renew:
		l.Status, l.Order = cert.StatusActive, cert.OrderAwaitingRenewal
	case o.Kind == Retrigger:
		l.Status, l.Order, l.RequiresAttention = cert.StatusProcessing, cert.OrderPending, false
		underWay(cert.DomainAwaitingCertificateAuthority)
	case o.Body.Domains.IsSet() && l.Issued():
		l = put(l, o.Body)
		l.Status, l.Order = cert.StatusActive, cert.OrderAwaitingReissue
		underWay(cert.DomainPendingReissue)
	case o.Body.Domains.IsSet():
		l = put(l, o.Body)
		l.Status, l.Order = cert.StatusProcessing, cert.OrderPending
		underWay(cert.DomainAwaitingCertificateAuthority)
	default:
		l = put(l, o.Body)
		if !o.Body.Domains.IsSet() {
			return l
		}
	}
	return l
}

// TestStepsHaveOneSection and a plan that has nothing to say is in step.
func TestStepsHaveOneSection(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		quiet := len(s.Ops) == 0 && !slices.ContainsFunc(s.Withheld, func(b Withheld) bool { return b.Verdict != Protected }) && !slices.ContainsFunc(s.Warnings, Warning.NeedsAction)
		if quiet != (view.SectionOf(s) == view.UpToDate || view.SectionOf(s) == view.Protected) {
			t.Errorf("section %d: %q %q", view.SectionOf(s), lines(s), strings.Join(codes(s), " "))
		}
	})
}
