package apply_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// applyOne applies the plan of some manifests and returns each outcome as a line.
func applyOne(t *testing.T, s *server, wants ...cert.Spec) ([]string, []report.Outcome) {
	t.Helper()
	return applyPlan(t, s, planned(s, limits, wants...), limits)
}

func applyPlan(t *testing.T, s *server, p plan.Plan, o plan.Options) ([]string, []report.Outcome) {
	t.Helper()
	return besides(t, s, apply.Options{Plan: o}, p)
}

// besides applies a plan with options of a test's own.
func besides(t *testing.T, s *server, o apply.Options, p plan.Plan) ([]string, []report.Outcome) {
	t.Helper()
	var told []report.Outcome
	o.Now, o.Wait = func() time.Time { return s.clock }, s.wait
	o.Each = func(o report.Outcome) { told = append(told, o) }
	o.Journal, o.InFlight = noJournal{}, context.WithoutCancel(s.ctx)
	outcomes := apply.Run(s.ctx, s, p, o)
	total := 0
	for _, step := range p.Steps {
		total += len(step.Ops)
	}
	if len(outcomes) != total || len(told) != total {
		t.Errorf("%d operations, %d outcomes, %d told of", total, len(outcomes), len(told))
	}
	var lines []string
	for _, out := range outcomes {
		lines = append(lines, fmt.Sprintf("%s %s: %s", out.Step.Want.ID, out.Operation().Edit(), out.Result))
		if (out.Result == report.Done) != (out.Err == "") {
			t.Errorf("%s, and says %q", lines[len(lines)-1], out.Err)
		}
	}
	return lines, outcomes
}

// same compares what happened with what should have.
func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got)\n%s", what, d)
	}
}

// TestTheServerSees: one certificate after the other, the soonest end first; each read
// before its first write and after each write, with status while an order is still to
// come or was just sent; bodies with what changed and nothing else.
func TestTheServerSees(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		live  []cert.Live
		wants []cert.Spec
		saw   []string
	}{
		"nothing to do": {[]cert.Live{inService(1)}, []cert.Spec{asks(1)}, nil},
		"one edit": {[]cert.Live{inService(1)}, []cert.Spec{asks(1, describes)},
			[]string{"read 1", "patch 1 description {new}", "read 1"}},
		"false and nothing are sent": {[]cert.Live{inService(1, func(l *cert.Live) { l.AutoRenew = true })},
			[]cert.Spec{asks(1, func(s *cert.Spec) { s.AutoRenew, s.Description = cert.Some(false), cert.Some("") })},
			[]string{"read 1", "patch 1 description+auto_renew {, false}", "read 1"}},
		"two edits around nothing": {[]cert.Live{inService(1)}, []cert.Spec{asks(1, describes, labels)},
			[]string{"read 1", "patch 1 description {new}", "read 1", "patch 1 label {1-new}", "read 1"}},
		"an edit, a renewal, a label": {[]cert.Live{inService(1)}, []cert.Spec{asks(1, describes, renews, labels)},
			[]string{"read 1 status", "patch 1 description {new}", "read 1 status", "renew 1", "read 1 status", "patch 1 label {1-new}", "read 1"}},
		"everything about names": {[]cert.Live{inService(1)}, []cert.Spec{asks(1, describes, proves, addsC, labels)},
			[]string{"read 1 status", "patch 1 description {new}", "read 1 status", "patch 1 dcv_method {Email}", "read 1 status",
				"patch 1 domains {a.example.com! a.example.com b.example.com c.example.com}", "read 1 status", "patch 1 label {1-new}", "read 1"}},
		"a method and a retrigger": {[]cert.Live{inService(1, timedOut)}, []cert.Spec{asks(1, retriggersSpec, proves, triesMethod)},
			[]string{"read 1 status", "patch 1 dcv_method {Email}", "read 1 status", "retrigger 1", "read 1 status"}},
		"the soonest end first, never issued last and by id": {
			[]cert.Live{inService(9, timedOut), inService(2), inService(4, timedOut), inService(1)},
			[]cert.Spec{asks(9, retriggersSpec), asks(2, renews), asks(4, retriggersSpec), asks(1, renews)},
			[]string{"read 1 status", "renew 1", "read 1 status", "read 2 status", "renew 2", "read 2 status",
				"read 4 status", "retrigger 4", "read 4 status", "read 9 status", "retrigger 9", "read 9 status"}},
		"an edit of one under way, whose status the plan had read": {[]cert.Live{inService(1, func(l *cert.Live) { l.Order = cert.OrderPendingReissue })},
			[]cert.Spec{asks(1, describes)}, []string{"read 1", "patch 1 description {new}", "read 1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(tt.live...)
			_, outcomes := applyOne(t, s, tt.wants...)
			same(t, "the server saw", tt.saw, s.saw)
			for _, o := range outcomes {
				if o.Result != report.Done || o.By != report.Answer || o.Attempts != 1 || o.Reads != 1 {
					t.Errorf("%s: %s by %s, %d attempts, %d reads: %s", o.Operation().Edit(), o.Result, o.By, o.Attempts, o.Reads, o.Err)
				}
			}
			if len(s.waits) > 0 {
				t.Errorf("waited %v although all went well", s.waits)
			}
		})
	}
}

// TestARequestThatChangedIsLeftAlone: nothing is sent, and what would be planned now
// is told.
func TestARequestThatChangedIsLeftAlone(t *testing.T) {
	t.Parallel()
	grow := func(l *cert.Live) {
		l.SetDomains(domains(cert.DomainActive, "a.example.com", "b.example.com", "x.example.com"))
	}
	done, stale := "done", "stale"
	tests := map[string]struct {
		wants   cert.Spec
		at      string // before this call
		happens func(*cert.Live)
		results []string
		writes  int
	}{
		"a name was added in the portal":                             {asks(1, addsC), "read 1 status", grow, []string{stale}, 0},
		"the description was changed":                                {asks(1, describes, labels), "read 1", func(l *cert.Live) { l.Description = "other" }, []string{stale, stale}, 0},
		"the description was set by hand, and the label is left too": {asks(1, describes, labels), "read 1", func(l *cert.Live) { l.Description = "new" }, []string{done, done}, 1},
		"all was set by hand":                                        {asks(1, describes, labels), "read 1", func(l *cert.Live) { l.Description, l.Label = "new", "1-new" }, []string{done, done}, 0},
		"the label alone was set by hand":                            {asks(1, describes, labels), "read 1", func(l *cert.Live) { l.Label = "1-new" }, []string{done, done}, 1},
		"set by hand, and a name was added":                          {asks(1, addsC), "read 1 status", func(l *cert.Live) { grow(l); l.Label = "x" }, []string{stale}, 0},
		"the names were set by hand": {asks(1, addsC), "read 1 status", func(l *cert.Live) {
			l.SetDomains(domains(cert.DomainActive, "a.example.com", "b.example.com", "c.example.com"))
		}, []string{done}, 0},
		"it was renewed by hand":                   {asks(1, renews), "read 1 status", func(l *cert.Live) { l.Expires, l.Thumbprint = l.Expires.Add(100*day), "other" }, []string{done}, 0},
		"auto_renew was switched on by hand":       {asks(1, renews), "read 1 status", func(l *cert.Live) { l.AutoRenew = true }, []string{stale}, 0},
		"a renewal was ordered by hand and failed": {asks(1, renews), "read 1 status", func(l *cert.Live) { l.Order = cert.OrderRenewalRejected }, []string{stale}, 0},
		"a field nobody manages was changed":       {asks(1, describes), "read 1", func(l *cert.Live) { l.Label = "other"; l.Modified = now }, []string{done}, 1},
		"an order began, and an edit goes":         {asks(1, describes), "read 1", func(l *cert.Live) { l.Order = cert.OrderPendingReissue }, []string{done}, 1},
		"a renewal was ordered by hand":            {asks(1, renews), "read 1 status", func(l *cert.Live) { l.Order = cert.OrderAwaitingRenewal }, []string{done}, 0},
		"it was touched before a renewal":          {asks(1, renews), "read 1 status", func(l *cert.Live) { l.Modified = now.Add(-time.Minute) }, []string{stale}, 0},
		"a name was added between two writes":      {asks(1, describes, addsC, labels), "patch 1 description", grow, []string{done, stale, stale}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1))
			p := planned(s, limits, tt.wants)
			s.before = func(call string) {
				if call == tt.at {
					s.before = nil
					l := s.live[1]
					tt.happens(&l)
					s.live[1] = l
				}
			}
			_, outcomes := applyPlan(t, s, p, limits)
			var results []string
			writes := 0
			for _, o := range outcomes {
				results = append(results, o.Result.String())
				writes += o.Attempts
				if o.Result == report.Stale && o.Now.Want.ID != 1 {
					t.Error("it does not say what would be planned now")
				}
			}
			same(t, "results", tt.results, results)
			if writes != tt.writes {
				t.Errorf("%d writes, want %d: %q", writes, tt.writes, s.saw)
			}
		})
	}
}

// TestTheOrderPauseCountsFromBeforeTheFirstWrite: this run's own writes move
// last_modified, a refused one perhaps too, and its renewal goes all the same.
func TestTheOrderPauseCountsFromBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]accident{"done": {}, "refused": {err: cert.ErrRefused, takes: true}, "unknown": {err: errLost}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1))
			p := planned(s, limits, asks(1, describes, renews))
			s.breaks["patch 1 description"] = a
			got, _ := applyPlan(t, s, p, limits)
			if got[1] != "1 renew: done" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestAReadingThatFails sends nothing, of that certificate.
func TestAReadingThatFails(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2))
	p := planned(s, limits, asks(1, describes), asks(2, describes))
	s.breaks["read 1"] = accident{err: errors.New("500")}
	got, _ := applyPlan(t, s, p, limits)
	same(t, "outcomes", []string{"1 description: failed", "2 description: done"}, got)

	s = newServer(inService(1), inService(2))
	p = planned(s, limits, asks(1, describes), asks(2, describes))
	delete(s.live, 1)
	got, _ = applyPlan(t, s, p, limits)
	same(t, "outcomes", []string{"1 description: stale", "2 description: done"}, got)
	same(t, "the server saw", []string{"read 1", "read 2", "patch 2 description {new}", "read 2"}, s.saw)
}

// TestLimitsAreCheckedBeforeTheFirstWrite: no PATCH is made, and renewals and
// retriggers are.
func TestLimitsAreCheckedBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	o := limits
	o.MaxEdits = 2
	s := newServer(inService(1), inService(2), inService(3, timedOut), inService(4, timedOut))
	p := planned(s, o, asks(1, describes, renews, labels), asks(2, addsC), asks(3, retriggersSpec), asks(4, retriggersSpec, proves, triesMethod))
	got, _ := applyPlan(t, s, p, o)
	same(t, "outcomes", []string{
		"1 description: not-started", "1 renew: done", "1 certificate_label: not-started",
		"2 domains: not-started",
		"3 retrigger: done",
		"4 dcv_method: not-started", "4 retrigger: not-started",
	}, got)
	same(t, "the server saw", []string{"read 1 status", "renew 1", "read 1 status", "read 3 status", "retrigger 3", "read 3 status"}, s.saw)
}
