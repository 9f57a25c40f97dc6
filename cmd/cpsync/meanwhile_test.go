package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// onceAt lets something happen when the n-th request of a kind arrives, before it is
// answered. n counts from 1.
func (g *rig) onceAt(c call, n int, happen func()) {
	var happened atomic.Bool // what happens may make such requests itself
	g.serve = func(_ http.ResponseWriter, _ *http.Request, got call) bool {
		if got == c && g.count(c) >= n && !happened.Swap(true) {
			happen()
		}
		return false
	}
}

// TestSomebodyElseMeanwhile: what somebody does between the plan and the write is
// found by the reading before the write. Nothing is sent, and both are shown.
func TestSomebodyElseMeanwhile(t *testing.T) {
	t.Parallel()
	type act struct{ method, path, body string }
	edit := func(body string) act { return act{http.MethodPatch, "700", body} }
	names := edit(`{"domains":[{"name":"h700.example.com","is_common_name":true},{"name":"theirs.example.com"}]}`)
	renews := act{http.MethodPut, "700/renew", ""}
	for name, test := range map[string]struct {
		column string
		does   act
		want   string
	}{
		"renews, and we were to renew":                 {"renew", renews, "done already"},
		"renews, and we were to change names":          {"domains", renews, "stale"},
		"renews, and we were to edit":                  {"edit", renews, "done"}, // progress at the CA does not matter
		"retriggers, and we were to retrigger":         {"retrigger", act{http.MethodPut, "700/retrigger", ""}, "done already"},
		"edits the field that we were to edit":         {"edit", edit(`{"description":"theirs"}`), "stale"},
		"edits it to the very same value":              {"edit", edit(`{"description":"as it shall be"}`), "done already"},
		"edits another field, and we were to edit":     {"edit", edit(`{"auto_renew":true}`), "stale"},
		"switches auto_renew on, we were to renew":     {"renew", edit(`{"auto_renew":true}`), "done already"},
		"edits anything, and we were to renew":         {"renew", edit(`{"description":"theirs"}`), "stale"},
		"changes the names, we were to change them":    {"domains", names, "stale"},
		"changes the names, we were to renew":          {"renew", names, "stale"},
		"changes the names, we change the DCV method":  {"dcv_method", names, "stale"},
		"changes the DCV method, we were to change it": {"dcv_method", edit(`{"dcv_method":"DnsCnameToken"}`), "stale"},
		"deletes it, and we were to renew":             {"renew", act{http.MethodDelete, "700", ""}, "stale"},
		"deletes it, and we were to edit":              {"edit", act{http.MethodDelete, "700", ""}, "stale"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := columns[test.column]
			g := newRig(t, s.have(700), served(701))
			g.onceAt(aGet, 1, func() { g.person(test.does.method, test.does.path, test.does.body) })
			r := g.cpsync("--apply", "--format", "json", manifests(t, s.asked(700), manifestOf(701)))
			var got string
			for _, step := range r.reported(t).Steps {
				for _, o := range step.Operations {
					got += o.Outcome
				}
			}
			sent, code := 0, cli.Incomplete
			switch test.want {
			case "done":
				sent, code = 1, cli.OK
			case "done already":
				code = cli.OK
			}
			if !strings.HasPrefix(test.want, got) || got == "" || r.code != code || g.count(s.call) != sent {
				t.Errorf("%s, exit code %d, sent %d times; want %s\n%s", got, r.code, g.count(s.call), test.want, r.stderr)
			}
		})
	}
}

// manifestOf asks for what is there.
func manifestOf(id int64) string { return wish(id, "") }

// TestStaleIsShown: what was planned stands beside what would be planned now.
func TestStaleIsShown(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700))
	g.onceAt(aGet, 1, func() { g.person(http.MethodPatch, "700", `{"description":"theirs"}`) })
	r := g.cpsync("--apply", "--color", "never", manifests(t, renewing(700)))
	for _, want := range []string{"STALE ", "plan ", "now ", "renew", "0 writes"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not shown:\n%s", want, r.stdout)
		}
	}
}

// TestSomebodyElseBetweenTwoWrites: the reading after the first write is the one that
// the second is judged by. It shows a renewal, so the policy is met and nothing is sent.
func TestSomebodyElseBetweenTwoWrites(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700))
	g.onceAt(aGet, 2, func() { g.person(http.MethodPut, "700/renew", "") })
	r := g.cpsync("--apply", "--format", "json", manifests(t, wish(700, "renew_before: 30d", "description: as it shall be")))
	if diff := cmp.Diff([]string{"patch done", "renew done"}, r.outcomes(t)); diff != "" || r.code != cli.OK {
		t.Errorf("exit code %d; %s", r.code, diff)
	}
	if g.api.Orders(700) != 1 || g.count(aRenewal) != 0 {
		t.Error(g.api.Log())
	}
}

// TestTwoAppliesAtOnce: each places at most one order for each certificate, and none
// after it has read the other's. A third run places none.
func TestTwoAppliesAtOnce(t *testing.T) {
	t.Parallel()
	for round := range 8 {
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) {
			t.Parallel()
			const n = 6
			g := rigOf(t, sandbox.World{Clock: start2026, Certificates: append(fleet(n), timedOut(706)),
				Switches: sandbox.Switches{RenewDuringRenewal: "second-order"}})
			asked := []string{retriggering(706), naming(705)}
			for i := range n - 1 {
				asked = append(asked, renewing(int64(700+i)))
			}
			dir := manifests(t, asked...)
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { g.cpsync("--apply", dir) })
			}
			both.Wait()
			before := orders(g, n+1)
			for i, count := range before {
				if count < 1 || count > 2 {
					t.Errorf("request %d: %d orders by two applies", 700+i, count)
				}
			}
			if r := g.cpsync("--apply", dir); r.code != cli.OK {
				t.Errorf("the third run: exit code %d\n%s", r.code, r.stderr)
			}
			if diff := cmp.Diff(before, orders(g, n+1)); diff != "" {
				t.Error("the third run ordered: ", diff)
			}
		})
	}
}

func orders(g *rig, n int) []int {
	var all []int
	for i := range n {
		all = append(all, g.api.Orders(int64(700+i)))
	}
	return all
}

// TestTheOtherApplyInBetween runs a whole apply at one moment of another.
func TestTheOtherApplyInBetween(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		at     call
		n      int
		column string
		orders int
		want   string
	}{
		"before ours has read, renewing":            {aGet, 1, "renew", 1, "done"},
		"before ours has read, retriggering":        {aGet, 1, "retrigger", 1, "done"},
		"before ours has read, changing names":      {aGet, 1, "domains", 1, "done"},
		"between our reading and our renewal":       {aRenewal, 1, "renew", 2, "done"},
		"between our reading and our new names":     {aNaming, 1, "domains", 1, "done"},
		"between our reading and our retrigger":     {aSecond, 1, "retrigger", 1, "failed"},
		"while ours reads the status before it":     {aStatus, 2, "renew", 1, "done"},
		"before ours has made its plan of anything": {aList, 1, "renew", 1, "no operation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := columns[test.column]
			g := rigOf(t, sandbox.World{Clock: start2026, Certificates: []sandbox.Certificate{s.have(700)},
				Switches: sandbox.Switches{RenewDuringRenewal: "second-order"}})
			dir := manifests(t, s.asked(700))
			g.onceAt(test.at, test.n, func() {
				if r := g.cpsync("--apply", dir); r.code != cli.OK {
					t.Errorf("the other apply: exit code %d\n%s", r.code, r.stderr)
				}
			})
			r := g.cpsync("--apply", "--format", "json", dir)
			if got := s.outcome(t, r); got != test.want || g.api.Orders(700) != test.orders {
				t.Errorf("%s, want %s; %d orders, want %d\n%s", got, test.want, g.api.Orders(700), test.orders, r.stderr)
			}
			g.cpsync("--apply", dir)
			g.advance(21 * time.Hour)
			g.cpsync("--apply", dir)
			if n := g.api.Orders(700); n != test.orders {
				t.Errorf("%d orders in the end; %v", n, g.api.Log())
			}
		})
	}
}

// TestAnotherApplyMeanwhile: a second apply that carries everything out between the plan of the
// first and its first write. The first starts no order, makes no edit twice, and says why.
func TestAnotherApplyMeanwhile(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700), served(701), served(702))
	dir := manifests(t, renewing(700), renewing(701), editing(702))
	var second result
	g.onceAt(aGet, 1, func() { second = g.cpsync("--apply", dir) })
	first := g.cpsync("--apply", "--format", "json", dir)
	var got []string
	for _, step := range first.reported(t).Steps {
		for _, o := range step.Operations {
			got = append(got, fmt.Sprintf("%s %s %d", o.Kind, o.Outcome, o.Attempts))
		}
	}
	if d := cmp.Diff([]string{"renew done 0", "renew not-started 0", "patch done 0"}, got); d != "" {
		t.Error(d)
	}
	if first.code != cli.Incomplete || second.code != cli.OK || g.api.Orders(700)+g.api.Orders(701) != 2 {
		t.Errorf("exit codes %d and %d; %v\n%s%s", first.code, second.code, g.api.Log(), first.stderr, second.stderr)
	}
	if !strings.Contains(first.stderr, "another run of cpsync with the same client is at work") {
		t.Errorf("it does not say why:\n%s", first.stderr)
	}
}
