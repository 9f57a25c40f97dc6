package apply_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// TestOrdersEndAfter the first unknown one, three failures in a row, or a write that
// was not authorized. Edits go on.
func TestOrdersEndAfter(t *testing.T) {
	t.Parallel()
	refused := accident{err: fmt.Errorf("400: %w", cert.ErrRefused)}
	ofOne := accident{err: fmt.Errorf("422: %w, %w", cert.ErrRefused, cert.ErrOnlyThisRequest)}
	unauthorized := accident{err: fmt.Errorf("403: %w, %w", cert.ErrRefused, cert.ErrUnauthorized)}
	lost := accident{err: errLost}
	lostThenUnauthorized := accident{err: fmt.Errorf("503, then 403: %w, %w", cert.ErrNoAnswer, cert.ErrUnauthorized), takes: true}
	tests := map[string]struct {
		breaks map[string]accident
		wants  []cert.Spec
		lines  []string
	}{
		"the first unknown order": {map[string]accident{"renew 1": lost},
			[]cert.Spec{asks(1, renews, labels), asks(2, describes, renews), asks(3, addsC)},
			[]string{"1 renew: unknown", "1 certificate_label: done", "2 description: done", "2 renew: not-started", "3 domains: not-started"}},
		"an unknown change of names": {map[string]accident{"patch 1 domains": lost},
			[]cert.Spec{asks(1, addsC), asks(2, renews)}, []string{"1 domains: unknown", "2 renew: not-started"}},
		"an unknown edit does not": {map[string]accident{"patch 1 description": lost},
			[]cert.Spec{asks(1, describes), asks(2, renews)}, []string{"1 description: unknown", "2 renew: done"}},
		"a lost order that took effect does not": {map[string]accident{"renew 1": {err: errLost, takes: true}},
			[]cert.Spec{asks(1, renews), asks(2, renews)}, []string{"1 renew: done", "2 renew: done"}},
		"three failures in a row": {map[string]accident{"renew 1": refused, "patch 2 description": refused, "renew 3": refused},
			[]cert.Spec{asks(1, renews), asks(2, describes), asks(3, renews), asks(4, renews, labels)},
			[]string{"1 renew: failed", "2 description: failed", "3 renew: failed", "4 renew: not-started", "4 certificate_label: done"}},
		"three failures, and one that went well between": {map[string]accident{"renew 1": refused, "renew 2": refused, "renew 4": refused},
			[]cert.Spec{asks(1, renews), asks(2, renews), asks(3, describes), asks(4, renews), asks(5, renews)},
			[]string{"1 renew: failed", "2 renew: failed", "3 description: done", "4 renew: failed", "5 renew: done"}},
		"what the API refuses of one request stops nothing": {map[string]accident{"renew 1": ofOne, "renew 2": ofOne, "renew 3": ofOne, "read 4": ofOne},
			[]cert.Spec{asks(1, renews), asks(2, renews), asks(3, renews), asks(4, renews), asks(5, renews)},
			[]string{"1 renew: failed", "2 renew: failed", "3 renew: failed", "4 renew: failed", "5 renew: done"}},
		"edits whose answers were lost are failures": {map[string]accident{"patch 1 description": lost, "patch 2 description": lost, "patch 3 description": lost},
			[]cert.Spec{asks(1, describes), asks(2, describes), asks(3, describes), asks(4, renews)},
			[]string{"1 description: unknown", "2 description: unknown", "3 description: unknown", "4 renew: not-started"}},
		"readings that fail are failures too": {map[string]accident{"read 1": {err: errors.New("500")}, "read 2": {err: errors.New("500")}, "read 3": {err: errors.New("500")}},
			[]cert.Spec{asks(1, renews), asks(2, renews), asks(3, describes), asks(4, renews), asks(5, describes)},
			[]string{"1 renew: failed", "2 renew: failed", "3 description: failed", "4 renew: not-started", "5 description: done"}},
		"a write that was not authorized": {map[string]accident{"patch 1 description": unauthorized},
			[]cert.Spec{asks(1, describes), asks(2, renews), asks(3, describes)},
			[]string{"1 description: failed", "2 renew: not-started", "3 description: done"}},
		"a write whose repeat was not authorized, although it took effect": {map[string]accident{"patch 1 description": lostThenUnauthorized},
			[]cert.Spec{asks(1, describes), asks(2, renews), asks(3, describes)},
			[]string{"1 description: done", "2 renew: not-started", "3 description: done"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1), inService(2), inService(3), inService(4), inService(5))
			p := planned(s, limits, tt.wants...)
			s.breaks = tt.breaks
			got, _ := applyPlan(t, s, p, limits)
			same(t, "outcomes", tt.lines, got)
		})
	}
}

// TestARetriggerDependsOnTheMethodBeforeIt, and nothing else depends on anything.
func TestARetriggerDependsOnTheMethodBeforeIt(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]accident{
		"failed": {err: fmt.Errorf("400: %w", cert.ErrRefused)}, "failed without being sent": {err: cert.ErrNotSent},
		"unknown": {err: errLost}, "without effect": {idle: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1, timedOut))
			p := planned(s, limits, asks(1, retriggersSpec, proves, triesMethod, labels))
			s.breaks["patch 1 dcv_method"] = a
			got, _ := applyPlan(t, s, p, limits)
			if got[1] != "1 retrigger: not-started" || got[2] != "1 certificate_label: done" {
				t.Errorf("got %q", got)
			}
		})
	}
	t.Run("found by reading", func(t *testing.T) {
		t.Parallel()
		s := newServer(inService(1, timedOut))
		p := planned(s, limits, asks(1, retriggersSpec, proves, triesMethod))
		s.breaks["patch 1 dcv_method"] = accident{err: errLost, takes: true}
		got, _ := applyPlan(t, s, p, limits)
		same(t, "outcomes", []string{"1 dcv_method: done", "1 retrigger: done"}, got)
	})
	t.Run("a renewal does not", func(t *testing.T) {
		t.Parallel()
		s := newServer(inService(1))
		p := planned(s, limits, asks(1, renews, proves, describes, labels))
		s.breaks["patch 1 dcv_method"] = accident{err: fmt.Errorf("400: %w", cert.ErrRefused)}
		s.breaks["patch 1 description"] = accident{err: fmt.Errorf("400: %w", cert.ErrRefused)}
		got, _ := applyPlan(t, s, p, limits)
		same(t, "outcomes", []string{"1 description: failed", "1 dcv_method: failed", "1 renew: done", "1 certificate_label: done"}, got)
	})
}

// TestWhatIsMetIsNoSuccess: three writes in a row that fail end the orders, although between
// them one was as wanted already and not sent.
func TestWhatIsMetIsNoSuccess(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2), inService(3), inService(4), inService(5))
	p := planned(s, limits, asks(1, renews), asks(2, renews), asks(3, describes), asks(4, renews), asks(5, renews))
	for _, call := range []string{"renew 1", "renew 2", "renew 4"} {
		s.breaks[call] = accident{err: fmt.Errorf("400: %w", cert.ErrRefused)}
	}
	byHand := s.live[3]
	byHand.Description = "new"
	s.live[3] = byHand
	_, outcomes := applyPlan(t, s, p, limits)
	if !outcomes[2].Met() || outcomes[4].Result != report.NotStarted {
		t.Errorf("the third is %s, the fifth %s", outcomes[2].Result, outcomes[4].Result)
	}
}
