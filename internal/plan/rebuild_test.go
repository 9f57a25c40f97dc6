package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestStillPlanned: between the plan and the write something happens to the request.
func TestStillPlanned(t *testing.T) {
	t.Parallel()
	abc := lists("a.example.com", "b.example.com", "c.example.com")
	rename := func(l *cert.Live) { l.Label = "renamed" }
	describe := func(l *cert.Live) { l.Description = "by hand" }
	touched := func(l *cert.Live) { l.Modified, l.ModifiedBy = now.Add(-time.Minute), "user 501" }
	grows := serving("a.example.com", "b.example.com", "x.example.com")
	tests := map[string]struct {
		want    cert.Spec
		have    cert.Live
		happens []func(*cert.Live)
		still   bool
	}{
		"nothing":                                              {asks(description("new"), abc), inService(), nil, true},
		"a name was added in the portal":                       {asks(abc), inService(), []func(*cert.Live){grows, touched}, false},
		"a domain was removed in the portal":                   {asks(abc), inService(), []func(*cert.Live){serving("a.example.com")}, false},
		"the wanted name was added in the portal":              {asks(abc), inService(), []func(*cert.Live){serving("a.example.com", "b.example.com", "c.example.com")}, true},
		"the common name moved":                                {asks(abc), inService(), []func(*cert.Live){common("b.example.com")}, false},
		"the description that is to change changed":            {asks(description("new")), inService(), []func(*cert.Live){describe}, false},
		"the description that is managed changed":              {asks(description("Storefront"), autoRenew(true)), inService(), []func(*cert.Live){describe}, false},
		"a description nobody manages changed":                 {asks(autoRenew(true)), inService(), []func(*cert.Live){describe, touched}, true},
		"a label nobody manages changed":                       {asks(description("new")), inService(), []func(*cert.Live){rename}, true},
		"names nobody manages changed":                         {asks(description("new")), inService(), []func(*cert.Live){grows}, true},
		"the edit was made by hand":                            {asks(description("new")), inService(), []func(*cert.Live){func(l *cert.Live) { l.Description = "new" }}, true},
		"an order began, of metadata":                          {asks(description("new")), inService(), []func(*cert.Live){order(cert.OrderPendingReissue)}, true},
		"an order began, of names":                             {asks(abc), inService(), []func(*cert.Live){order(cert.OrderPendingReissue)}, false},
		"an order ended, and the names that waited could go":   {asks(description("new"), abc), inService(order(cert.OrderPendingReissue)), []func(*cert.Live){order(cert.OrderIssued)}, true},
		"an order ended, and the renewal that waited could go": {asks(description("new"), renewBefore(30*day)), inService(endsIn(20*day), order(cert.OrderPendingReissue)), []func(*cert.Live){order(cert.OrderIssued)}, true},
		"an order ended, and other names wait":                 {asks(description("new"), abc), inService(order(cert.OrderPendingReissue)), []func(*cert.Live){order(cert.OrderIssued), grows}, false},
		"the step that waits for proof was passed":             {asks(description("new")), inService(timedOut), []func(*cert.Live){func(l *cert.Live) { *l = inService() }}, true},
		"somebody touched it before a renewal":                 {asks(renewBefore(30 * day)), inService(endsIn(20 * day)), []func(*cert.Live){touched}, false},
		"CPS renewed by itself":                                {asks(renewBefore(30 * day)), inService(endsIn(20 * day)), []func(*cert.Live){endsIn(199 * day)}, true},
		"a renewal was ordered by hand":                        {asks(renewBefore(30 * day)), inService(endsIn(20 * day)), []func(*cert.Live){order(cert.OrderAwaitingRenewal)}, true},
		"auto-renew was switched on before a renewal":          {asks(renewBefore(30 * day)), inService(endsIn(20 * day)), []func(*cert.Live){autoRenews}, false},
		"the certificate that a renewal replaces is another":   {asks(renewBefore(30 * day)), inService(endsIn(20 * day)), []func(*cert.Live){func(l *cert.Live) { l.Thumbprint = "other" }}, false},
		"it was deleted":                                       {asks(description("new")), inService(), []func(*cert.Live){status(cert.StatusDeleted)}, false},
		"a word nobody has heard of":                           {asks(description("new")), inService(), []func(*cert.Live){order(cert.OrderUnknown)}, false},
		"it serves other names altogether":                     {asks(description("new"), lists("a.example.com", "b.example.com")), inService(), []func(*cert.Live){serving("x.example.com")}, false},
		"the retriggered request left its time-out":            {asks(retriggerUntil("2026-12-31")), inService(timedOut), []func(*cert.Live){func(l *cert.Live) { l.SetDomains(names(cert.DomainAwaitingCertificateAuthority, "a.example.com")) }}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := one(tt.want, tt.have)
			if len(s.Ops) == 0 {
				t.Fatal("nothing is planned")
			}
			have := tt.have
			have.Domains = append([]cert.Domain(nil), have.Domains...)
			for _, happen := range tt.happens {
				happen(&have)
			}
			rebuilt := Rebuild(s, have, now, opts, Progress{Modified: have.Modified})
			if got := s.StillPlanned(0, rebuilt); got != tt.still {
				t.Errorf("still planned: %v\nplan %q\nnow  %q", got, lines(s), lines(rebuilt))
			}
		})
	}
}

// TestRebuildLeavesOutWhatWasSent: done or not, it is tried once, and an order that
// was sent is this run's order.
func TestRebuildLeavesOutWhatWasSent(t *testing.T) {
	t.Parallel()
	ab := lists("a.example.com", "b.example.com")
	full := asks(description("new"), method(cert.Email), renewBefore(30*day), label("new"), ab)
	tests := map[string]struct {
		want cert.Spec
		have cert.Live
		now  []func(*cert.Live)
		sent []cert.Edit
		left []string
	}{
		"nothing": {full, inService(endsIn(20 * day)), nil, nil,
			[]string{"send description", "send dcv_method", "send renew", "send certificate_label"}},
		"metadata that took": {full, inService(endsIn(20 * day)), []func(*cert.Live){func(l *cert.Live) { l.Description = "new" }}, []cert.Edit{cert.EditDescription},
			[]string{"send dcv_method", "send renew", "send certificate_label"}},
		"metadata that was refused": {full, inService(endsIn(20 * day)), nil, []cert.Edit{cert.EditDescription},
			[]string{"send dcv_method", "send renew", "send certificate_label"}},
		"a renewal that does not show yet": {full, inService(endsIn(20 * day)), nil, []cert.Edit{cert.EditDescription, cert.EditDCVMethod, cert.EditRenew},
			[]string{"send certificate_label"}},
		"a renewal under way": {full, inService(endsIn(20 * day)), []func(*cert.Live){order(cert.OrderAwaitingRenewal)}, []cert.Edit{cert.EditDescription, cert.EditDCVMethod, cert.EditRenew},
			[]string{"send certificate_label"}},
		"names that were removed, with a renewal due": {asks(renewBefore(30*day), lists("a.example.com"), removes("b.example.com"), label("new")), inService(endsIn(20 * day)),
			[]func(*cert.Live){serving("a.example.com")}, []cert.Edit{cert.EditDomains}, []string{"send certificate_label"}},
		"names that were refused, with a renewal due": {asks(renewBefore(30*day), lists("a.example.com"), removes("b.example.com"), label("new")), inService(endsIn(20 * day)),
			nil, []cert.Edit{cert.EditDomains}, []string{"send certificate_label"}},
		"a method before a retrigger": {asks(retriggerUntil("2026-12-31"), method(cert.Email), tries(cert.EditDCVMethod)), inService(timedOut),
			[]func(*cert.Live){func(l *cert.Live) { l.DCVMethod = cert.Email }}, []cert.Edit{cert.EditDCVMethod}, []string{"send retrigger"}},
		"a retrigger that does not show yet": {asks(retriggerUntil("2026-12-31"), ab, label("new")), inService(timedOut), nil, []cert.Edit{cert.EditRetrigger},
			[]string{"send certificate_label"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := one(tt.want, tt.have)
			have := tt.have
			for _, change := range tt.now {
				change(&have)
			}
			if len(tt.sent) > 0 {
				have.Modified = now // the write moved it; the pause counts from before
			}
			rebuilt := Rebuild(s, have, now, opts, Progress{Edits: tt.sent, Modified: tt.have.Modified})
			if d := cmp.Diff(tt.left, lines(Step{Ops: rebuilt.Ops})); d != "" {
				t.Error(d)
			}
			if !s.StillPlanned(len(s.Ops)-len(tt.left), rebuilt) {
				t.Errorf("no longer planned: %q, now %q", lines(s), lines(rebuilt))
			}
		})
	}
}

// TestRebuildKeepsWhatTheFleetDecided: pacing and labels.
func TestRebuildKeepsWhatTheFleetDecided(t *testing.T) {
	t.Parallel()
	o := opts
	o.MaxRenewals = 0
	pairs := []Pair{member(1, func(s *cert.Spec) { renewBefore(30 * day)(s); label("x")(s); description("new")(s) }, endsIn(20*day))}
	taken := inService(func(l *cert.Live) { l.ID, l.Label = 2, "x" })
	s := Build(Account{Pairs: pairs, Unmanaged: []cert.Live{taken}, Complete: true}, now, o).Steps[0]
	again := Rebuild(s, s.Have, now, o, Progress{Modified: s.Have.Modified})
	if d := cmp.Diff(lines(s), lines(again)); d != "" {
		t.Error(d)
	}
	if !s.StillPlanned(0, again) {
		t.Error("not what was planned")
	}
}
