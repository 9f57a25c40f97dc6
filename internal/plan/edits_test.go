package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan/view"
)

func TestEdits(t *testing.T) {
	t.Parallel()
	ab := lists("a.example.com", "b.example.com")
	check(t, map[string]row{
		"what is not managed is no difference":     {asks(), inService(), nil},
		"what is equal is no difference":           {asks(description("Storefront"), label("cdn"), autoRenew(false), method(cert.DNSTxtToken), ab), inService(), nil},
		"a description":                            {asks(description("new")), inService(), []string{"send description"}},
		"a description is cleared":                 {asks(description("")), inService(), []string{"send description"}},
		"auto_renew is switched off":               {asks(autoRenew(false)), inService(autoRenews), []string{"send auto_renew"}},
		"description and auto_renew are one PATCH": {asks(description("new"), autoRenew(true)), inService(), []string{"send description, auto_renew"}},
		"the label is renamed last, after the names": {asks(label("new"), lists("a.example.com", "b.example.com", "c.example.com")), inService(),
			[]string{"send domains +c = a! a b c", "send certificate_label"}},
		"the label differs in case alone": {asks(label("CDN")), inService(), []string{"send certificate_label"}},
		"the DCV method":                  {asks(method(cert.Email)), inService(), []string{"send dcv_method"}},
		"the DCV method and the names are two PATCHes": {asks(method(cert.Email), lists("a.example.com")), inService(serving("a.example.com", "b.example.com")),
			[]string{"send dcv_method", "not domains -b: extra-domain by extra-domain, next person"}},
		"a DCV method nobody has heard of is not replaced": {asks(method(cert.Email), description("new")), inService(func(l *cert.Live) { l.DCVMethod = "HttpFile" }),
			[]string{"send description", "not dcv_method: blocked by unknown-word, next person"}},
		"protected edits are shown, the others go": {asks(description("new"), label("new"), ab, protects(cert.EditLabel)), inService(),
			[]string{"send description", "not certificate_label: protected by protect, next person"}},
		"of two in one PATCH only the protected stays": {asks(description("new"), autoRenew(true), protects(cert.EditDescription)), inService(),
			[]string{"send auto_renew", "not description: protected by protect, next person"}},
		"protect goes before the table": {asks(ab, lists("a.example.com", "b.example.com", "c.example.com"), protects(cert.EditDomains)), inService(order(cert.OrderPendingReissue)),
			[]string{"not domains +c: protected by protect, next person"}},
		"protect goes before try": {asks(method(cert.Email), protects(cert.EditDCVMethod), tries(cert.EditDCVMethod)), inService(order(cert.OrderPendingReissue)),
			[]string{"not dcv_method: protected by protect, next person"}},
		"undocumented": {asks(method(cert.Email)), inService(order(cert.OrderPendingReissue)),
			[]string{"not dcv_method: undocumented by phase:in-flight, next person"}},
		"undocumented and tried": {asks(method(cert.Email), tries(cert.EditDCVMethod)), inService(order(cert.OrderPendingReissue)),
			[]string{"send dcv_method"}},
		"try names another edit": {asks(method(cert.Email), tries(cert.EditDomains)), inService(order(cert.OrderPendingReissue)),
			[]string{"not dcv_method: undocumented by phase:in-flight, next person"}},
		"a word nobody has heard of locks everything": {asks(description("new"), method(cert.Email), label("new"), ab, tries(cert.Edits()...)), inService(order(cert.OrderUnknown)),
			[]string{"not description: blocked by phase:unknown, next person", "not dcv_method: blocked by phase:unknown, next person", "not certificate_label: blocked by phase:unknown, next person"}},
		"metadata goes while an order is open": {asks(description("new"), label("new"), ab), inService(order(cert.OrderPendingRenewal)),
			[]string{"send description", "send certificate_label"}},
		"a type of validation that differs": {asks(expects(cert.Expect{ValidationType: cert.Some(cert.EV)})), inService(),
			[]string{"not validation_type: blocked by expect, next person"}},
		"an organization that differs": {asks(expects(cert.Expect{Organization: cert.Some("Other")})), inService(),
			[]string{"not organization: blocked by expect, next person"}},
		"an organization that was not read": {asks(expects(cert.Expect{Organization: cert.Some("Other")})), inService(unread), nil},
		"expect locks names and not metadata": {asks(description("new"), lists("a.example.com", "b.example.com", "c.example.com"), expects(cert.Expect{ValidationType: cert.Some(cert.DV)})), inService(),
			[]string{"send description", "not validation_type: blocked by expect, next person", "not domains +c: blocked by expect, next person"}},
		"as expected": {asks(expects(cert.Expect{ValidationType: cert.Some(cert.OV), Authority: cert.Some(cert.DigiCert), Organization: cert.Some("Example Corp")})), inService(), nil},
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	abc := lists("a.example.com", "b.example.com", "c.example.com")
	check(t, map[string]row{
		"a name to add":                      {asks(abc), inService(), []string{"send domains +c = a! a b c"}},
		"a name to remove":                   {asks(lists("a.example.com"), removes("b.example.com")), inService(), []string{"send domains -b = a! a"}},
		"add, remove and move are one PATCH": {asks(lists("c.example.com", "b.example.com"), removes("a.example.com")), inService(), []string{"send domains +c -a common a>c = c! b c"}},
		"a move of the common name alone":    {asks(lists("b.example.com", "a.example.com")), inService(), []string{"send domains common a>b = b! a b"}},
		"a name nobody told it to remove":    {asks(lists("a.example.com")), inService(), []string{"not domains -b: extra-domain by extra-domain, next person"}},
		"the extra name is part of what is sent": {asks(lists("a.example.com", "c.example.com")), inService(),
			[]string{"send domains +c = a! a b c", "not domains -b: extra-domain by extra-domain, next person"}},
		"the common name is an extra name: it stays and is no longer common": {asks(lists("b.example.com")), inService(),
			[]string{"send domains common a>b = b! a b", "not domains -a: extra-domain by extra-domain, next person"}},
		"a name to remove that is not live":                          {asks(abc, removes("old.example.com")), inService(serving("a.example.com", "b.example.com", "c.example.com")), nil},
		"no common name is marked: not compared on it":               {asks(lists("a.example.com", "b.example.com")), inService(common("")), nil},
		"no common name is marked: one is sent with the next change": {asks(abc), inService(common("")), []string{"send domains +c common >a = a! a b c"}},
		"a name being deleted is not live": {asks(lists("a.example.com")), inService(func(l *cert.Live) {
			l.SetDomains(append(names(cert.DomainActive, "a.example.com"), names(cert.DomainPendingDelete, "b.example.com")...))
		}), nil},
		"while an order is open": {asks(abc), inService(order(cert.OrderPendingReissue)), []string{"not domains +c: deferred by phase:in-flight, next ca"}},
		"while an order is open and somebody must act": {asks(abc), inService(order(cert.OrderPendingReissue), func(l *cert.Live) { l.RequiresAttention = true }),
			[]string{"not domains +c: deferred by phase:in-flight, next person"}},
		"before it is in service":         {asks(abc), inService(status(cert.StatusDeployment)), []string{"not domains +c: deferred by phase:deployment, next cdn"}},
		"after a rejected reissue":        {asks(abc), inService(order(cert.OrderReissueRejected)), []string{"not domains +c: undocumented by phase:order-failed, next person"}},
		"after a rejected reissue, tried": {asks(abc, tries(cert.EditDomains)), inService(order(cert.OrderReissueRejected)), []string{"send domains +c = a! a b c"}},
		"after the end":                   {asks(abc), inService(endsIn(-day)), []string{"not domains +c: undocumented by phase:expired, next person"}},
	})
}

// TestTheOrderPauseHoldsChangesOfNames, and with them what would start it anew.
func TestTheOrderPauseHoldsChangesOfNames(t *testing.T) {
	t.Parallel()
	abc := lists("a.example.com", "b.example.com", "c.example.com")
	waits := "not domains +c: deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC"
	until := "deferred by order-cooldown, next next-run, until 2026-11-23 04:00 UTC"
	anew := "deferred by order-cooldown, next next-run, until 2026-11-23 05:00 UTC"
	sent := []string{"send domains +c = a! a b c"}
	check(t, map[string]row{
		"changed exactly the pause ago": {asks(abc), inService(changed(20 * time.Hour)), sent},
		"changed a minute less than the pause ago": {asks(abc), inService(changed(20*time.Hour - time.Minute)),
			[]string{"not domains +c: deferred by order-cooldown, next next-run, until 2026-11-22 09:01 UTC"}},
		"changed just now":              {asks(abc), inService(changed(0)), []string{"not domains +c: deferred by order-cooldown, next next-run, until 2026-11-23 05:00 UTC"}},
		"it is unknown when it changed": {asks(abc), inService(neverModified), []string{"not domains +c: blocked by no-last-modified, next person"}},
		"only the common name moves": {asks(lists("b.example.com", "a.example.com")), inService(changed(time.Hour)),
			[]string{"not domains common a>b: " + until}},
		"while it waits nothing else is sent but auto_renew": {
			asks(abc, autoRenew(true), description("new"), label("new"), method(cert.Email)), inService(changed(time.Hour)), []string{
				"send auto_renew", "not description: " + anew, "not dcv_method: " + anew, "not domains +c: " + anew, "not certificate_label: " + anew}},
		"an extra name waits for nothing, and nothing for it": {asks(lists("a.example.com"), description("new")), inService(changed(time.Hour)),
			[]string{"send description", "not domains -b: extra-domain by extra-domain, next person"}},
		"names that wait for something else let edits go": {asks(abc, description("new")), inService(changed(time.Hour), order(cert.OrderPendingReissue)),
			[]string{"send description", "not domains +c: deferred by phase:in-flight, next ca"}},
		"protected names let edits go": {asks(abc, description("new"), protects(cert.EditDomains)), inService(changed(time.Hour)),
			[]string{"send description", "not domains +c: protected by protect, next person"}},
		"a label that is taken needs a person all the same": {asks(abc, label("new"), protects(cert.EditLabel)), inService(changed(time.Hour)),
			[]string{waits, "not certificate_label: protected by protect, next person"}},
		"a retrigger goes after the names": {asks(lists("a.example.com", "c.example.com"), removes("b.example.com"), tries(cert.EditDomains), retriggerUntil("2026-12-31")),
			inService(timedOut, order(cert.NoOrder), changed(time.Hour)), []string{"not domains +c -b: " + until, "not retrigger: deferred by one-order, next next-run"}},
		"a retrigger that needs a person does so while names wait": {asks(lists("a.example.com", "c.example.com"), removes("b.example.com"), method(cert.Email), tries(cert.EditDomains), retriggerUntil("2026-12-31")),
			inService(timedOut, order(cert.NoOrder), changed(time.Hour)), []string{"not dcv_method: undocumented by phase:timed-out, next person", "not domains +c -b: " + until, "not retrigger: blocked by difference-withheld, next person"}},
	})
}

// TestEverySpellingOfTheNamesIsTheSame is said of what a manifest lists: any order.
// Case, dots and IDN are settled by cert.NormalizeName, on both sides.
func TestEverySpellingOfTheNamesIsTheSame(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{{"a.example.com", "b.example.com"}, {"B.Example.Com.", "A.EXAMPLE.com"}} {
		var normal []string
		for _, n := range list {
			name, err := cert.NormalizeName(n)
			if err != nil {
				t.Fatal(err)
			}
			normal = append(normal, name)
		}
		want := asks(func(s *cert.Spec) {
			s.Domains = cert.Some(cert.Domains{Common: "a.example.com", Names: sorted(normal)})
		})
		if got := lines(one(want, inService())); got != nil {
			t.Errorf("%v: %q", list, got)
		}
	}
}

// TestBodiesHoldWhatChangedAndNothingElse: also what is false and what is empty.
func TestBodiesHoldWhatChangedAndNothingElse(t *testing.T) {
	t.Parallel()
	s := one(asks(description(""), autoRenew(false), method(cert.Email), lists("b.example.com", "c.example.com"), removes("a.example.com"), label("new")), inService(autoRenews))
	want := []cert.Patch{
		{Description: cert.Some(""), AutoRenew: cert.Some(false)},
		{DCVMethod: cert.Some(cert.Email)},
		{Domains: cert.Some(cert.Domains{Common: "b.example.com", Names: []string{"b.example.com", "c.example.com"}})},
		{Label: cert.Some("new")},
	}
	var got []cert.Patch
	for _, o := range s.Ops {
		got = append(got, o.Body)
	}
	if d := cmp.Diff(want, got, values); d != "" {
		t.Error(d)
	}
}

func TestEffects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want   cert.Spec
		have   cert.Live
		effect Effect
	}{
		"metadata":              {asks(description("new")), inService(), Effect{Kind: MetadataOnly}},
		"a label":               {asks(label("CDN")), inService(), Effect{Kind: MetadataOnly}},
		"two names more":        {asks(lists("a.example.com", "b.example.com", "c.example.com", "d.example.com")), inService(), Effect{Kind: Reissue, New: 2, Method: cert.DNSTxtToken}},
		"a renewal":             {asks(renewBefore(30 * day)), inService(endsIn(20 * day)), Effect{Kind: Renewal, End: now.Add(199 * day), Method: cert.DNSTxtToken, Vets: true}},
		"a retrigger":           {asks(retriggerUntil("2026-12-31")), inService(timedOut), Effect{Kind: NewOrder, Method: cert.DNSTxtToken, Vets: true}},
		"a method in service":   {asks(method(cert.Email)), inService(), Effect{Kind: MethodInActive, Method: cert.Email}},
		"a method before issue": {asks(method(cert.Email), tries(cert.EditDCVMethod)), inService(timedOut), Effect{Kind: MethodBefore, Method: cert.Email, Before: cert.DNSTxtToken}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := one(tt.want, tt.have)
			if len(s.Ops) != 1 {
				t.Fatalf("got %q", lines(s))
			}
			if d := cmp.Diff(tt.effect, s.Ops[0].Effect); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestExtraNamesSayWhoTouchedTheRequest: by whom and when, where the API says so.
func TestExtraNamesSayWhoTouchedTheRequest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		have cert.Live
		says string
	}{
		"by whom and when": {inService(changed(day)), "live, not in the manifest and not under policy.remove_domains; the request was last modified 2026-11-21 by client 2cd2"},
		"only when":        {inService(changed(day), func(l *cert.Live) { l.ModifiedBy = "" }), "live, not in the manifest and not under policy.remove_domains; the request was last modified 2026-11-21"},
		"neither":          {inService(neverModified), "live, not in the manifest and not under policy.remove_domains"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := one(asks(lists("a.example.com")), tt.have)
			if len(s.Withheld) != 1 || s.Withheld[0].Because != tt.says || s.Withheld[0].Do.String() != "add each domain to domains to keep it, or to policy.remove_domains to remove it" {
				t.Errorf("got %+v", s.Withheld)
			}
		})
	}
}

// TestTheCommonNameIsShown: a list that marks another common name than the request does
// says so, where the request marks none or several too.
func TestTheCommonNameIsShown(t *testing.T) {
	steps(t, func(t *testing.T, s Step, _ Plan, _ Options) {
		for _, o := range s.Ops {
			if d, ok := o.Body.Domains.Get(); ok && d.Common != s.Have.Common && o.Changes[0].CommonTo != d.Common {
				t.Errorf("%s is marked, of which is shown %+v", d.Common, o.Changes[0])
			}
		}
	})
}

// TestEveryCertificateIsCountedOnce: the counts of a plan make up its certificates, and
// each is what its step says.
func TestEveryCertificateIsCountedOnce(t *testing.T) {
	steps(t, func(t *testing.T, _ Step, p Plan, _ Options) {
		n := view.Summarize(p)
		if sum := n.Errors + n.ActionRequired + n.Changing + n.Deferred + n.Protected + n.UpToDate; sum != n.Total || n.Total != len(p.Steps) {
			t.Fatalf("%d certificates, and the counts make %d: %+v", len(p.Steps), sum, n)
		}
		protected := 0
		for _, s := range p.Steps {
			if differs := len(diff.Fields(s.Want.Patch, s.Have))+len(diff.Expectations(s.Want.Expect, s.Have)) > 0; differs && view.SectionOf(s) == view.UpToDate {
				t.Errorf("it differs, and is in step: %q", lines(s))
			}
			if view.SectionOf(s) == view.Protected {
				protected++
			}
		}
		if protected != n.Protected {
			t.Errorf("%d are protected, %d counted", protected, n.Protected)
		}
	})
}
