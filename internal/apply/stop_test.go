package apply_test

import (
	"testing"

	"github.com/cpsync/cpsync/internal/report"
)

// TestTellingItToStop begins nothing new, finishes what is in flight, and reports
// every operation.
func TestTellingItToStop(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at     string // the call during which it is told
		breaks map[string]accident
		lines  []string
		saw    []string
	}{
		"before anything": {"", nil,
			[]string{"1 description: not-started", "1 renew: not-started", "2 description: not-started"}, nil},
		"during the reading before a write": {"read 1 status", nil,
			[]string{"1 description: not-started", "1 renew: not-started", "2 description: not-started"}, []string{"read 1 status"}},
		"during a write": {"patch 1 description", nil,
			[]string{"1 description: done", "1 renew: not-started", "2 description: not-started"},
			[]string{"read 1 status", "patch 1 description {new}", "read 1 status"}},
		"during an order": {"renew 1", nil,
			[]string{"1 description: done", "1 renew: done", "2 description: not-started"},
			[]string{"read 1 status", "patch 1 description {new}", "read 1 status", "renew 1", "read 1 status"}},
		"while it settles: it reads once more": {"wait", map[string]accident{"renew 1": {err: errLost}},
			[]string{"1 description: done", "1 renew: unknown", "2 description: not-started"},
			[]string{"read 1 status", "patch 1 description {new}", "read 1 status", "renew 1", "read 1 status"}},
		"while it settles what took effect": {"wait", map[string]accident{"renew 1": {err: errLost, takes: true}},
			[]string{"1 description: done", "1 renew: done", "2 description: not-started"},
			[]string{"read 1 status", "patch 1 description {new}", "read 1 status", "renew 1", "read 1 status"}},
		"while a write has not shown": {"wait", map[string]accident{"patch 1 description": {idle: true}},
			[]string{"1 description: not-converged", "1 renew: not-started", "2 description: not-started"},
			[]string{"read 1 status", "patch 1 description {new}", "read 1 status", "read 1 status"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1), inService(2))
			p := planned(s, limits, asks(1, describes, renews), asks(2, describes))
			for call, a := range tt.breaks {
				s.breaks[call] = a
			}
			if tt.at == "" {
				s.stop()
			}
			s.before = func(call string) {
				if call == tt.at {
					s.before = nil
					s.stop()
				}
			}
			got, outcomes := applyPlan(t, s, p, limits)
			same(t, "outcomes", tt.lines, got)
			same(t, "the server saw", tt.saw, s.saw)
			for _, o := range outcomes {
				if o.Result == report.NotStarted && o.Err != "the run was told to stop" {
					t.Errorf("not started because %q", o.Err)
				}
			}
		})
	}
}
