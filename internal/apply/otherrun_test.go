package apply_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// TestAnotherRunAtWork: what this client did since the run began, and this run did not send,
// is another run's. No further order is started; edits go on, and one that is there is done.
func TestAnotherRunAtWork(t *testing.T) {
	t.Parallel()
	const self = "client ours"
	by := func(who string, changes ...func(*cert.Live)) func(*cert.Live) {
		return func(l *cert.Live) {
			l.Modified, l.ModifiedBy = now.Add(time.Second/2), who
			for _, c := range changes {
				c(l)
			}
		}
	}
	renewed := func(l *cert.Live) { l.Order = cert.OrderAwaitingRenewal }
	isNew := func(l *cert.Live) { l.Description = "new" }
	stale := []string{"1 renew: stale", "2 description: done", "2 renew: done"}
	staleAlone := []string{"1 renew: stale", "2 description: done", "2 renew: not-started"}
	alone := []string{"1 renew: done", "2 description: done", "2 renew: not-started"}
	all := []string{"1 renew: done", "2 description: done", "2 renew: done"}
	for name, tt := range map[string]struct {
		self    string
		id      cert.ID
		happens func(*cert.Live)
		want    []string
	}{
		"it ordered":                                {self, 1, by(self, renewed), alone},
		"it edited":                                 {self, 1, by(self), staleAlone},
		"somebody ordered, and nobody says who":     {self, 1, by("", renewed), alone},
		"an order that does not move last_modified": {self, 1, renewed, alone},
		"a person ordered":                          {self, 1, by("user 501", renewed), all},
		"another client ordered":                    {self, 1, by("client theirs", renewed), all},
		"a person edited":                           {self, 1, by("user 501"), stale},
		"it ordered, and its name is not known":     {"", 1, by(self, renewed), all},
		"it was changed before the run began": {self, 1, func(l *cert.Live) {
			l.Modified, l.ModifiedBy = now.Add(-time.Minute), self
		}, stale},
		"it made the same edit":            {self, 2, by(self, isNew), []string{"1 renew: done", "2 description: done", "2 renew: not-started"}},
		"a person made the same edit":      {self, 2, by("user 501", isNew), []string{"1 renew: done", "2 description: done", "2 renew: stale"}},
		"it made another edit":             {self, 2, by(self, func(l *cert.Live) { l.Label = "other" }), []string{"1 renew: done", "2 description: done", "2 renew: not-started"}},
		"it ordered, and the edit goes on": {self, 2, by(self, renewed), []string{"1 renew: done", "2 description: done", "2 renew: not-started"}},
		"nothing":                          {self, 1, func(*cert.Live) {}, all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(inService(1), inService(2))
			p := planned(s, limits, asks(1, renews), asks(2, describes, renews))
			l := s.live[tt.id]
			tt.happens(&l)
			s.live[tt.id] = l
			got, outcomes := besides(t, s, apply.Options{Plan: limits, Began: now, Self: tt.self}, p)
			same(t, "outcomes", tt.want, got)
			rivals := 0
			for _, o := range outcomes {
				if o.Result == report.Done && o.Attempts == 0 && o.By != report.Reading {
					t.Errorf("%s is done by %s", o.Operation().Edit(), o.By)
				}
				if o.OtherRun {
					rivals++
				}
				sure := tt.self != "" && s.live[tt.id].ModifiedBy == tt.self
				if o.OtherRun && o.Result != report.Done && strings.HasPrefix(o.Err, "another run of cpsync") != sure {
					t.Errorf("%s: %s", o.Result, o.Err)
				}
			}
			braked := tt.want[len(tt.want)-1] == "2 renew: not-started"
			if (rivals > 0) != braked {
				t.Errorf("%d outcomes tell of another run", rivals)
			}
		})
	}
}

// TestNoDCVMethodBesideAnotherRun: a change of it must not be sent twice either, and a plain edit goes on.
func TestNoDCVMethodBesideAnotherRun(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2))
	p := planned(s, limits, asks(1, proves), asks(2, describes, proves))
	l := s.live[1]
	l.Modified, l.ModifiedBy = now.Add(time.Second/2), "client ours"
	s.live[1] = l
	got, _ := besides(t, s, apply.Options{Plan: limits, Began: now, Self: "client ours"}, p)
	same(t, "outcomes", []string{"1 dcv_method: stale", "2 description: done", "2 dcv_method: not-started"}, got)
}

// TestAnotherRunShowsInHalfAReading: the request was read, and its status was not.
func TestAnotherRunShowsInHalfAReading(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2))
	p := planned(s, limits, asks(1, renews), asks(2, renews))
	l := s.live[1]
	l.Modified, l.ModifiedBy = now.Add(time.Second/2), "client ours"
	s.live[1] = l
	s.breaks["read 1"] = accident{err: errors.New("409 Conflict"), half: true}
	got, _ := besides(t, s, apply.Options{Plan: limits, Began: now, Self: "client ours"}, p)
	same(t, "outcomes", []string{"1 renew: failed", "2 renew: not-started"}, got)
}

// TestTheNameOfThisClientIsLearned from the first write of the run that shows.
func TestTheNameOfThisClientIsLearned(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2), inService(3))
	p := planned(s, limits, asks(1, describes), asks(2, renews), asks(3, renews))
	s.before = func(call string) {
		l1, l2 := s.live[1], s.live[2]
		l1.ModifiedBy = "client ours"
		if call == "read 2 status" {
			l2.Modified, l2.ModifiedBy, l2.Order = now.Add(time.Second), "client ours", cert.OrderAwaitingRenewal
		}
		s.live[1], s.live[2] = l1, l2
	}
	got, _ := besides(t, s, apply.Options{Plan: limits, Began: now}, p)
	same(t, "outcomes", []string{"1 description: done", "2 renew: done", "3 renew: not-started"}, got)
}

// TestOrdersAreSpread: before each a wait, and a reading after it; edits don't wait.
func TestOrdersAreSpread(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2))
	p := planned(s, limits, asks(1, describes, renews, labels), asks(2, renews))
	next := 100 * time.Millisecond
	spread := func() time.Duration { next *= 2; return next }
	got, _ := besides(t, s, apply.Options{Plan: limits, Began: now, Spread: spread}, p)
	same(t, "outcomes", []string{"1 description: done", "1 renew: done", "1 certificate_label: done", "2 renew: done"}, got)
	if d := cmp.Diff([]time.Duration{200 * time.Millisecond, 400 * time.Millisecond}, s.waits); d != "" {
		t.Error(d)
	}
	same(t, "the server saw", []string{"read 1 status", "patch 1 description {new}", "read 1 status",
		"read 1 status", "renew 1", "read 1 status", "patch 1 label {1-new}", "read 1",
		"read 2 status", "renew 2", "read 2 status"}, s.saw)
}
