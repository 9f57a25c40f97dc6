//go:build unix

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// showing is how the simulated API shows an order, and whether a journal is kept.
type showing struct {
	name            string
	after, modified string
	journal         bool
}

// TestKilledAtEveryRequest kills an apply, a process of its own, at every request in
// turn: before it reaches the API, and for a write also after the API carried it out
// and before the answer is read. Runs follow until nothing changes. No order is sent
// again once the API accepted it, and everything that was asked for arrives. However
// orders show, the first reads are the same: they are left out but for the first way.
func TestKilledAtEveryRequest(t *testing.T) {
	t.Parallel()
	for n, how := range []showing{
		{"orders that show at once", "0s", "stays", false},
		{"orders that show at once, with a journal", "0s", "stays", true},
		{"orders that show late and move last_modified", "3h", "moves", false},
		{"orders that show late and move last_modified, with a journal", "3h", "moves", true},
		{"orders that show nowhere for long, with a journal", "30h", "stays", true},
	} {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			whole := newVictim(t, how)
			whole.killed(t, 0, false)
			if whole.settles(t); len(whole.calls) < 15 {
				t.Fatalf("the apply made %d requests: %v", len(whole.calls), whole.calls)
			}
			for i, c := range whole.calls {
				if n > 0 && !c.writes() && !whole.calls[max(i-1, 0)].writes() || !chosen(n+i, 4) {
					continue
				}
				t.Run(fmt.Sprint("before request ", i+1, ", ", c), func(t *testing.T) {
					t.Parallel()
					dies(t, how, i+1, false)
				})
				if c.writes() {
					t.Run(fmt.Sprint("after request ", i+1, ", ", c), func(t *testing.T) {
						t.Parallel()
						dies(t, how, i+1, true)
					})
				}
			}
		})
	}
}

func (c call) writes() bool {
	return slices.Contains([]call{anEditing, aNaming, aMethod, aRenewal, aSecond}, c)
}

// dies is one apply that is killed, and what comes of it.
func dies(t *testing.T, how showing, at int, after bool) {
	v := newVictim(t, how)
	v.killed(t, at, after)
	v.settles(t)
}

// victim is a fleet with something of everything to do, and an apply that is killed.
type victim struct {
	*rig
	dir, journal string

	mu    sync.Mutex
	calls []call // of the process
	kill  func() // ends the process; nil when it ended
	at    int    // the number of the request to kill it at; 0: never
	after bool
	taken map[string]bool // orders that the API accepted
	twice []string        // and that were sent again
}

func newVictim(t *testing.T, how showing) *victim {
	t.Helper()
	names := served(701)
	names.Expires = start2026.Add(100 * day)
	v := &victim{taken: map[string]bool{}}
	v.rig = rigOf(t, sandbox.World{
		Clock: start2026, Certificates: []sandbox.Certificate{served(700), names, timedOut(702)},
		Switches: sandbox.Switches{OrderShowsAfter: how.after, OrderLastModified: how.modified, RenewDuringRenewal: "second-order"},
	})
	v.rig.serve = v.serve
	v.dir = manifests(t,
		wish(700, "renew_before: 30d", "description: as it shall be"), naming(701), retriggering(702))
	if how.journal {
		v.journal = filepath.Join(t.TempDir(), "journal")
	}
	return v
}

// args are those of every apply.
func (v *victim) args() []string {
	args := []string{"--apply", "--concurrency", "1"}
	if v.journal != "" {
		args = append(args, "--journal", v.journal)
	}
	return append(args, v.dir)
}

// killed runs the apply as a process that is killed at a request.
func (v *victim) killed(t *testing.T, at int, after bool) {
	t.Helper()
	v.at, v.after = at, after
	p := v.clocked(t, nil, v.args()...)
	v.mu.Lock() // until it can be killed
	err := p.Start()
	v.kill = func() { _ = p.Process.Kill() }
	v.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	err = p.Wait()
	v.mu.Lock()
	v.kill = nil
	v.mu.Unlock()
	if died := p.ProcessState.ExitCode() == -1; died != (at > 0) {
		t.Fatalf("killed at request %d: %v", at, err)
	}
}

// serve is the server's end: it kills the process when its time has come, and takes
// down what is sent again.
func (v *victim) serve(w http.ResponseWriter, r *http.Request, c call) bool {
	kill := v.arrives(c)
	if kill != nil && !v.after {
		dead(kill, r)
	}
	order := r.Method + " " + r.URL.Path
	v.note(c, order)
	rec := v.commit(c, r)
	v.accept(order, c, rec.Code)
	if kill != nil {
		dead(kill, r)
	}
	replay(w, rec)
	return true
}

// arrives counts the requests of the process, and says how to kill it when it is to
// die at this one.
func (v *victim) arrives(c call) (kill func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.kill == nil {
		return nil
	}
	v.calls = append(v.calls, c)
	if len(v.calls) == v.at {
		return v.kill
	}
	return nil
}

// dead kills the process, and waits until its end of the connection is gone.
func dead(kill func(), r *http.Request) {
	kill()
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// note takes down an order that was accepted before.
func (v *victim) note(c call, order string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c.orders() && v.taken[order] {
		v.twice = append(v.twice, order)
	}
}

func (v *victim) accept(order string, c call, code int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c.orders() && code < 300 {
		v.taken[order] = true
	}
}

func (c call) orders() bool { return c == aNaming || c == aRenewal || c == aSecond }

// settles runs again, at once and past the cooldown, until nothing is left to do.
func (v *victim) settles(t *testing.T) {
	t.Helper()
	left := true
	for round := 0; left && round < 6; round++ {
		v.cpsync(v.args()...)
		v.person(t)
		plan := v.cpsync("--detailed-exitcode", v.dir)
		left = plan.code == cli.Changes || strings.Contains(plan.stdout, "WAITING")
		v.advance(21 * time.Hour)
	}
	last := v.cpsync(append(v.args(), "--detailed-exitcode", "--fail-on-action-required")...)
	if last.code != cli.OK {
		t.Errorf("something is left to do, exit code %d\n%s%s", last.code, last.stdout, last.stderr)
	}
	if len(v.twice) > 0 {
		t.Errorf("sent again after it was accepted: %v; %v", v.twice, v.api.Log())
	}
	for id := int64(700); id <= 702; id++ {
		if n := v.api.Orders(id); n != 1 {
			t.Errorf("%d orders for request %d; %v", n, id, v.api.Log())
		}
	}
}

// person does what the report asks for: looks at what the journal holds, and removes
// the lines of what was never ordered.
func (v *victim) person(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(v.journal)
	if err != nil {
		return // there is no journal
	}
	var kept strings.Builder
	for line := range strings.Lines(string(data)) {
		if id := idIn(line); id == 0 || v.api.Orders(id) > 0 {
			kept.WriteString(line)
		}
	}
	if err := os.WriteFile(v.journal, []byte(kept.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// idIn is the request that a line of the journal is about, 0 for none of ours.
func idIn(line string) (id int64) {
	for _, known := range []int64{700, 701, 702} {
		if strings.Contains(line, fmt.Sprintf(`"id":%d`, known)) {
			id = known
		}
	}
	return id
}
