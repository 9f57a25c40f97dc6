package plan_test

import (
	"errors"
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// member is one certificate of a fleet.
func member(id cert.ID, want func(*cert.Spec), have ...func(*cert.Live)) Pair {
	p := Pair{Want: asks(), Have: inService(have...), Found: true}
	p.Have.ID, p.Want.ID = id, id
	p.Have.Label = fmt.Sprintf("label-%d", id)
	n := fmt.Sprintf("n%d.example.com", id)
	if p.Have.Common == "a.example.com" {
		p.Have.SetDomains(names(p.Have.Domains[0].Status, n))
		p.Have.Common = n
	}
	p.Want.Domains = cert.Some(cert.Domains{Common: n, Names: []string{n}})
	if want != nil {
		want(&p.Want)
	}
	return p
}

func TestLabelTaken(t *testing.T) {
	t.Parallel()
	taken := func(by cert.ID) string {
		return fmt.Sprintf("label-taken: labels are unique, deleted requests included, and request %d has this one; choose another label", by)
	}
	leaving := func(by cert.ID) string {
		return fmt.Sprintf("label-leaving next-run: request %d has this label, and its manifest gives it up; until request %d is renamed, which this run does", by, by)
	}
	ring := func(all string) string {
		return "label-taken: requests " + all + " want each other's labels, and none can go first; give one of them an intermediate label first, in a change of its own"
	}
	withheld := func(by cert.ID, because, do string) string {
		return fmt.Sprintf("label-taken: request %d has this label, and is not renamed: %s; for request %d: %s", by, because, by, do)
	}
	const isProtected, unprotect = "policy.protect lists certificate_label", "remove certificate_label from policy.protect"
	other := func(l string, changes ...func(*cert.Live)) cert.Live {
		o := inService(changes...)
		o.ID, o.Label = 99, l
		return o
	}
	unreadable := func(p Pair) Pair { p.Err = errors.New("500"); return p }
	gone := func(p Pair) Pair { p.Have.Status = cert.StatusDeleted; return p }
	tests := map[string]struct {
		pairs      []Pair
		others     []cert.Live
		incomplete bool
		want       []string // because, of each certificate; "" when its label goes
	}{
		"free":                                 {[]Pair{member(1, label("x"))}, []cert.Live{other("y")}, false, []string{""}},
		"another request has it":               {[]Pair{member(1, label("x"))}, []cert.Live{other("x")}, false, []string{taken(99)}},
		"another request has it in other case": {[]Pair{member(1, label("Shop"))}, []cert.Live{other("sHOP")}, false, []string{taken(99)}},
		"a deleted request has it":             {[]Pair{member(1, label("x"))}, []cert.Live{other("x", status(cert.StatusDeleted))}, false, []string{taken(99)}},
		"the full list was not read":           {[]Pair{member(1, label("x"))}, []cert.Live{other("x")}, true, []string{""}},
		"another manifest's request has it":    {[]Pair{member(1, label("label-2")), member(2, nil)}, nil, false, []string{taken(2), ""}},
		"two manifests want it: the first does": {[]Pair{member(1, label("x")), member(2, label("X"))}, nil, false, []string{"",
			"label-taken: labels are unique, and the manifest of request 1 wants this one too; leave it to one of the two manifests"}},
		"two requests that swap labels": {[]Pair{member(1, label("label-2")), member(2, label("Label-1"))}, nil, false, []string{ring("1 and 2"), ring("2 and 1")}},
		"three that swap labels":        {[]Pair{member(1, label("label-2")), member(2, label("label-3")), member(3, label("label-1"))}, nil, false, []string{ring("1, 2 and 3"), ring("2, 3 and 1"), ring("3, 1 and 2")}},
		"one that waits for two that swap": {[]Pair{member(3, label("label-2")), member(1, label("label-2")), member(2, label("label-1"))}, nil, false,
			[]string{withheld(2, "requests 2 and 1 want each other's labels, and none can go first", "give one of them an intermediate label first, in a change of its own"),
				ring("1 and 2"), ring("2 and 1")}},
		"one that becomes free with this run":           {[]Pair{member(1, label("LABEL-2")), member(2, label("x"))}, nil, false, []string{leaving(2), ""}},
		"the other is only written in another case":     {[]Pair{member(1, label("label-2")), member(2, label("LABEL-2"))}, nil, false, []string{taken(2), ""}},
		"one that becomes free, and two that want it":   {[]Pair{member(1, label("label-2")), member(2, label("x")), member(3, label("label-2"))}, nil, false, []string{leaving(2), "", "label-taken: labels are unique, and the manifest of request 1 wants this one too; leave it to one of the two manifests"}},
		"the other is protected":                        {[]Pair{member(1, label("label-2")), member(2, both(label("x"), protects(cert.EditLabel)))}, nil, false, []string{withheld(2, isProtected, unprotect), "protect: " + isProtected + "; " + unprotect}},
		"the other waits for a third that becomes free": {[]Pair{member(1, label("label-2")), member(2, label("label-3")), member(3, label("x"))}, nil, false, []string{"label-taken next-run: request 2 has this label, and is not renamed: request 3 has this label, and its manifest gives it up; until request 2 is renamed", leaving(3), ""}},
		"the other can't be planned":                    {[]Pair{member(1, label("label-2")), member(2, both(label("x"), lists("y.example.com")))}, nil, false, []string{withheld(2, "request 2 serves n2.example.com: wrong id? If it is right, policy needs  accept: [other-domains]", "check metadata.id"), ""}},
		"the other can't be read":                       {[]Pair{member(1, label("label-2")), unreadable(member(2, label("x")))}, nil, false, []string{withheld(2, "500", "run again"), ""}},
		"the other is deleted":                          {[]Pair{member(1, label("label-2")), gone(member(2, label("x")))}, nil, false, []string{taken(2), ""}},
		"its own in other case":                         {[]Pair{member(1, label("LABEL-1"))}, []cert.Live{other("y")}, false, []string{""}},
		"its own":                                       {[]Pair{member(1, label("label-1"))}, nil, false, []string{""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Build(Account{Pairs: tt.pairs, Unmanaged: tt.others, Complete: !tt.incomplete}, now, opts)
			var got []string
			for _, s := range p.Steps {
				text := ""
				for _, b := range s.Withheld {
					text = string(b.Rule)
					if b.Next != Person {
						text += " " + b.Next.String()
					}
					text += ": " + b.Because
					if !b.Do.None() {
						text += "; " + b.Do.String()
					}
					if b.Until != "" {
						text += "; until " + b.Until
					}
				}
				got = append(got, text)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestPacing: renewals, then retriggers; the soonest end first; never issued last, by
// id; the rest waits for the next run.
func TestPacing(t *testing.T) {
	t.Parallel()
	renews, places := renewBefore(60*day), retriggerUntil("2026-12-31")
	pairs := []Pair{
		member(8, places, timedOut), member(7, places, timedOut),
		member(6, renews, endsIn(40*day)), member(5, renews, endsIn(10*day)),
		member(4, renews, endsIn(40*day)), member(3, renews),
		member(2, func(s *cert.Spec) { renews(s); description("new")(s) }, endsIn(50*day)),
	}
	order := []cert.ID{5, 4, 6, 2, 7, 8}
	for room := range len(order) + 2 {
		o := opts
		o.MaxRenewals = room
		rule := RuleMaxRenewals
		if room == 0 {
			rule = RuleFreeze
		}
		p := Build(Account{Pairs: pairs, Complete: true}, now, o)
		var sent []cert.ID
		for _, s := range p.Steps {
			orders := slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Kind != Patch })
			waits := slices.ContainsFunc(s.Withheld, func(b Withheld) bool { return b.Rule == rule && b.Verdict == Deferred && b.Next == NextRun })
			if orders {
				sent = append(sent, s.Want.ID)
			}
			if due := slices.Contains(order, s.Want.ID); due && orders == waits {
				t.Errorf("room for %d: %s: %q", room, s.Want.ID, lines(s))
			}
			if s.Want.ID == 2 && s.Ops[0].Edit() != cert.EditDescription {
				t.Errorf("room for %d: a renewal that waits keeps the description back: %q", room, lines(s))
			}
		}
		if d := cmp.Diff(slices.Sorted(slices.Values(order[:min(room, len(order))])), slices.Sorted(slices.Values(sent))); d != "" {
			t.Errorf("room for %d: %s", room, d)
		}
		if p.Limits.Renewals.Exceeded() || p.Limits.Renewals.Count != len(sent) {
			t.Errorf("room for %d: %+v", room, p.Limits)
		}
	}
}

// TestAPacedRenewalKeepsTheNamesToAddBack: they would be its order.
func TestAPacedRenewalKeepsTheNamesToAddBack(t *testing.T) {
	t.Parallel()
	o := opts
	o.MaxRenewals = 0
	pair := Pair{Want: asks(renewBefore(30*day), lists("a.example.com", "b.example.com", "c.example.com")), Have: inService(endsIn(20 * day)), Found: true}
	want := []string{"not domains +c: deferred by one-order, next next-run", "not renew: deferred by freeze, next next-run"}
	if d := cmp.Diff(want, lines(Build(Account{Pairs: []Pair{pair}, Complete: true}, now, o).Steps[0])); d != "" {
		t.Error(d)
	}
}

// TestAFreezeDefers what its limit counts, and what waits for that, and nothing else.
func TestAFreezeDefers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		o    Options
		pair Pair
		want []string
	}{
		"edits": {Options{MaxDomainChanges: 1, MaxRenewals: 1},
			Pair{Want: asks(description("new"), method(cert.Email), lists("a.example.com", "b.example.com", "c.example.com")), Have: inService()},
			[]string{"send domains +c = a! a b c", "not description: deferred by freeze, next next-run", "not dcv_method: deferred by freeze, next next-run"}},
		"domains": {Options{MaxEdits: 1, MaxRenewals: 1},
			Pair{Want: asks(description("new"), renewBefore(30*day), lists("a.example.com", "b.example.com", "c.example.com")), Have: inService(endsIn(20 * day))},
			[]string{"send description", "send renew", "not domains +c: deferred by freeze, next next-run"}},
		"edits, with a renewal behind one": {Options{MaxDomainChanges: 1, MaxRenewals: 1},
			Pair{Want: asks(autoRenew(false), renewBefore(30*day)), Have: inService(endsIn(20*day), autoRenews)},
			[]string{"not renew: deferred by auto-renew-on, next next-run", "not auto_renew: deferred by freeze, next next-run"}},
		"what a person has to change anyway": {Options{MaxEdits: 1, MaxRenewals: 1},
			Pair{Want: asks(lists("a.example.com", "b.example.com", "*.c.example.com")), Have: inService(func(l *cert.Live) { l.ValidationType = cert.EV })},
			[]string{"not domains +*.c: blocked by wildcard-ev, next person"}},
	} {
		tt.pair.Found = true
		p := Build(Account{Pairs: []Pair{tt.pair}, Complete: true}, now, tt.o)
		got := lines(p.Steps[0])
		slices.Sort(got)
		slices.Sort(tt.want)
		if d := cmp.Diff(tt.want, got); d != "" || p.Limits.Exceeded() {
			t.Errorf("%s: exceeded %v\n%s", name, p.Limits.Exceeded(), d)
		}
	}
}

// TestEachOperationCountsAgainstOneLimit.
func TestEachOperationCountsAgainstOneLimit(t *testing.T) {
	t.Parallel()
	pairs := []Pair{
		member(1, func(s *cert.Spec) { description("new")(s); autoRenew(true)(s); method(cert.Email)(s); label("x")(s) }),
		member(2, func(s *cert.Spec) { renewBefore(30 * day)(s); description("new")(s) }, endsIn(20*day)),
		member(3, retriggerUntil("2026-12-31"), timedOut),
		member(4, func(s *cert.Spec) { lists("n4.example.com", "m4.example.com")(s); method(cert.Email)(s) }),
	}
	p := Build(Account{Pairs: pairs, Complete: true}, now, opts)
	want := Limits{Edits: Limit{5, 50}, DomainChanges: Limit{1, 10}, Renewals: Limit{2, 40}}
	if d := cmp.Diff(want, p.Limits); d != "" {
		t.Error(d)
	}
	summary := view.Summarize(p)
	if summary.Orders != 3 || summary.Renewals != 1 || summary.Reissues != 1 || summary.Retriggers != 1 || summary.Edits != 5 {
		t.Errorf("got %+v", summary)
	}
	for name, tt := range map[string]struct {
		edits, domains int
		exceeded       bool
	}{
		"as many as there are": {5, 1, false}, "one edit too many": {4, 1, true}, "domains are frozen": {5, 0, false}, "all is frozen": {0, 0, false},
	} {
		o := opts
		o.MaxEdits, o.MaxDomainChanges = tt.edits, tt.domains
		if got := Build(Account{Pairs: pairs, Complete: true}, now, o).Limits.Exceeded(); got != tt.exceeded {
			t.Errorf("%s: exceeded: %v", name, got)
		}
	}
}

// TestStepsAreCarriedOutSoonestEndFirst, and listed in the order of the manifests.
func TestStepsAreCarriedOutSoonestEndFirst(t *testing.T) {
	t.Parallel()
	pairs := []Pair{
		member(9, description("x"), timedOut), member(4, description("x"), timedOut),
		member(5, description("x"), endsIn(90*day)), member(3, description("x"), endsIn(-day), order(cert.OrderPendingRenewal)),
		member(2, nil), member(6, description("x"), endsIn(90*day)),
	}
	p := Build(Account{Pairs: pairs, Complete: true}, now, opts)
	if d := cmp.Diff([]cert.ID{9, 4, 5, 3, 2, 6}, ids(p.Steps)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]cert.ID{3, 5, 6, 4, 9}, ids(p.ToApply())); d != "" {
		t.Error(d)
	}
}

func ids(steps []Step) []cert.ID {
	var all []cert.ID
	for _, s := range steps {
		all = append(all, s.Want.ID)
	}
	return all
}

func TestUnmanagedAreNotDeletedAndByID(t *testing.T) {
	t.Parallel()
	of := func(id cert.ID, changes ...func(*cert.Live)) cert.Live {
		l := inService(changes...)
		l.ID = id
		return l
	}
	others := []cert.Live{of(3), of(1), of(2, status(cert.StatusDeleted))}
	p := Build(Account{Unmanaged: others, Complete: true}, now, opts)
	if len(p.Unmanaged) != 2 || p.Unmanaged[0].ID != 1 || p.Unmanaged[1].ID != 3 || others[0].ID != 3 {
		t.Errorf("got %v", p.Unmanaged)
	}
}

// TestSections puts each certificate where it is most urgent.
func TestSections(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want        cert.Spec
		have        cert.Live
		section     view.Section
		needsAction bool
	}{
		"up to date":                       {asks(), inService(), view.UpToDate, false},
		"an edit":                          {asks(description("x")), inService(), view.Edits, false},
		"an order":                         {asks(lists("a.example.com", "b.example.com", "c.example.com")), inService(), view.Orders, false},
		"an order and a person":            {asks(lists("a.example.com", "c.example.com")), inService(), view.Orders, true},
		"an edit and a person":             {asks(lists("a.example.com"), description("x")), inService(), view.ActionRequired, true},
		"a person":                         {asks(lists("a.example.com")), inService(), view.ActionRequired, true},
		"protected":                        {asks(description("x"), protects(cert.EditDescription)), inService(), view.Protected, false},
		"waits for the CA":                 {asks(lists("a.example.com", "b.example.com", "c.example.com")), inService(order(cert.OrderPendingReissue)), view.Deferred, false},
		"waits for the next run":           {asks(renewBefore(30 * day)), inService(endsIn(30*day-time.Second), changed(time.Hour)), view.ActionRequired, true},
		"waits for the next run, not soon": {asks(renewBefore(42 * day)), inService(endsIn(40*day), changed(time.Hour)), view.Deferred, false},
		"a fault":                          {asks(label("x")), inService(), view.Errors, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Build(Account{Pairs: []Pair{{Want: tt.want, Have: tt.have, Found: true}}, Complete: true}, now, opts)
			s := p.Steps[0]
			if view.SectionOf(s) != tt.section || s.NeedsAction() != tt.needsAction {
				t.Errorf("section %d, needs action %v: %q", view.SectionOf(s), s.NeedsAction(), lines(s))
			}
		})
	}
}
