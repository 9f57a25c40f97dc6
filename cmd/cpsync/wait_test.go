package main

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// waits reads from the JSON report how each wait ended, by id.
func (r result) waits(t *testing.T) map[int64]string {
	t.Helper()
	var doc struct {
		Steps []struct {
			ID   int64                    `json:"id"`
			Wait *struct{ Result string } `json:"wait"`
		} `json:"steps"`
	}
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil {
		t.Fatalf("not one document: %v\n%s%s", err, r.stdout, r.stderr)
	}
	ends := map[int64]string{}
	for _, s := range doc.Steps {
		if s.Wait != nil {
			ends[s.ID] = s.Wait.Result
		}
	}
	return ends
}

// wantWait checks the exit code and how the waits ended.
func (r result) wantWait(t *testing.T, code int, want map[int64]string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d\n%s", r.code, code, r.stderr)
	}
	got := r.waits(t)
	for id, ended := range want {
		if got[id] != ended {
			t.Errorf("%d: %q, want %q\n%s", id, got[id], ended, r.stderr)
		}
	}
	if len(got) != len(want) {
		t.Errorf("followed: %v, want %v", got, want)
	}
}

// TestWaitingHasTimeOfItsOwn: a limit of the server that asks for more patience than
// --timeout leaves is waited out while time is left to --wait, with tokens of a minute.
func TestWaitingHasTimeOfItsOwn(t *testing.T) {
	t.Parallel()
	g := rigOf(t, sandbox.World{Clock: start2026, Certificates: []sandbox.Certificate{served(700), served(701)},
		Switches: sandbox.Switches{ExpiresIn: "60s"}})
	var limited atomic.Int64
	g.serve = func(w http.ResponseWriter, _ *http.Request, c call) bool {
		if c != aStatus || g.api.Now().Sub(start2026) < 30*time.Minute || limited.Add(1) > 2 {
			return false
		}
		w.Header().Set("Retry-After", "600")
		answer(w, http.StatusTooManyRequests, `{}`)
		return true
	}
	r := g.cpsync("--apply", "--timeout", "5m", "--wait", "1d", "--format", "json", manifests(t, renewing(700), editing(701)))
	r.wantWait(t, cli.OK, map[int64]string{700: "active", 701: "active"})
	if !strings.Contains(r.stderr, "too many requests") || strings.Contains(r.stderr, "could not be read") || strings.Contains(r.stderr, "not tried again") {
		t.Errorf("the limit was not waited out:\n%s", r.stderr)
	}
	if g.count(aRenewal) != 1 || g.count(anEditing) != 1 {
		t.Errorf("%d renewals and %d edits were sent", g.count(aRenewal), g.count(anEditing))
	}
}

// TestWhatHappensWhileWaiting: nothing of it ends the run with less than the truth, and
// nothing is sent again.
func TestWhatHappensWhileWaiting(t *testing.T) {
	t.Parallel()
	refusing := func(status int) func(http.ResponseWriter, *http.Request, call) bool {
		return func(w http.ResponseWriter, r *http.Request, _ call) bool {
			if !strings.Contains(r.URL.Path, "/700") {
				return false
			}
			answer(w, status, `{}`)
			return true
		}
	}
	for name, test := range map[string]struct {
		serve func(http.ResponseWriter, *http.Request, call) bool // from ten minutes on
		code  int
		ends  string
	}{
		"nothing":                    {nil, cli.OK, "active"},
		"it is deleted":              {refusing(http.StatusNotFound), cli.Incomplete, "not-found"},
		"the credentials end":        {refusing(http.StatusForbidden), cli.Incomplete, "not-read"},
		"the server is broken":       {refusing(http.StatusInternalServerError), cli.Incomplete, "not-read"},
		"it redirects":               {refusing(http.StatusFound), cli.Incomplete, "not-read"},
		"it answers what is no JSON": {refusing(http.StatusOK), cli.Incomplete, "not-read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700), served(701))
			g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
				return test.serve != nil && g.api.Now().Sub(start2026) > 10*time.Minute && test.serve(w, r, c)
			}
			r := g.cpsync("--apply", "--wait", "1d", "--format", "json", manifests(t, renewing(700), renewing(701)))
			r.wantWait(t, test.code, map[int64]string{700: test.ends, 701: "active"})
			if g.count(aRenewal) != 2 {
				t.Errorf("%d renewals were sent, want 2", g.count(aRenewal))
			}
		})
	}
}

// TestTheLineOfAWait: on a terminal one line says what is waited for, and until when;
// elsewhere a line now and then. What was done before is told of no more.
func TestTheLineOfAWait(t *testing.T) {
	t.Parallel()
	args := func(t *testing.T) []string {
		return []string{"--apply", "--wait", "1d", manifests(t, renewing(700), renewing(701))}
	}
	g := newRig(t, served(700), served(701))
	r := g.onTerminal(80, nil, args(t)...)
	var seen terminal
	seen.write(r.stderr)
	line := regexp.MustCompile(`^waiting for 2 of 2; next look 09:\d\d:\d\d, at most until 2026-11-23 09:\d\d UTC$`)
	if !slices.ContainsFunc(seen.past, line.MatchString) || r.code != cli.OK {
		t.Errorf("exit code %d; shown: %q", r.code, seen.past)
	}
	begun := slices.IndexFunc(seen.past, line.MatchString)
	if slices.ContainsFunc(seen.past[max(begun, 0):], func(s string) bool { return strings.HasPrefix(s, "applying") }) {
		t.Errorf("applying while it waits: %q", seen.past)
	}

	g = newRig(t, served(700), served(701))
	r = g.cpsync(args(t)...)
	if n := strings.Count(r.stderr, "still waiting for 2 of 2 certificates"); n == 0 || n > 5 {
		t.Errorf("%d lines of a wait:\n%s", n, r.stderr)
	}
	if strings.Contains(r.stderr, "applying") {
		t.Errorf("applying while it waits:\n%s", r.stderr)
	}
}

// TestASignalEndsTheWaiting: with a report, and code 3 while something is on its way.
// The files held the outcomes before, and the journal was free.
func TestASignalEndsTheWaiting(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700), served(701))
	out, trail := filepath.Join(t.TempDir(), "out.json"), filepath.Join(t.TempDir(), "trail")
	dir := manifests(t, renewing(700), editing(701))
	ctx, stop := cli.Stoppable(patience.Context(t))
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, "--apply", "--wait", "1d", "--format", "json", "--out", "json="+out, "--journal", trail, dir)
	var before string
	var once atomic.Bool
	g.serve = func(_ http.ResponseWriter, q *http.Request, _ call) bool {
		if g.api.Now().Sub(start2026) > time.Hour && once.CompareAndSwap(false, true) {
			before = textOf(t, filepath.Dir(out), "out.json")
			if again := g.cpsync("--apply", "--journal", trail, dir); again.code != cli.OK {
				t.Errorf("another run meanwhile: %d\n%s", again.code, again.stderr)
			}
			stop(cli.Interrupted{Code: cli.Interrupt})
			<-q.Context().Done() // a reading is given up
			return true
		}
		return false
	}
	r := result{run(ctx, w), stdout.String(), stderr.String()}
	r.wantWait(t, cli.Incomplete, map[int64]string{700: "interrupted", 701: "active"})
	if strings.Count(before, `"outcome": "done"`) != 2 || strings.Contains(before, `"wait"`) {
		t.Errorf("the file while it waited:\n%s", before)
	}
	if g.count(aRenewal) != 1 {
		t.Errorf("%d renewals were sent", g.count(aRenewal))
	}
}

// TestABrokenOffApplyDoesNotWait: a run that was stopped is over, and says of what it sent
// that it was not followed.
func TestABrokenOffApplyDoesNotWait(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700))
	ctx, stop := cli.Stoppable(patience.Context(t))
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, "--apply", "--wait", "1d", "--format", "json", manifests(t, renewing(700)))
	w.Wait = func(ctx context.Context, _ time.Duration) error {
		_, _ = patience.For(t, "the signal to be heard", ctx.Done())
		return context.Cause(ctx)
	}
	g.serve = func(_ http.ResponseWriter, _ *http.Request, c call) bool {
		if c == aRenewal {
			stop(cli.Interrupted{Code: cli.Terminated})
		}
		return false
	}
	r := result{run(ctx, w), stdout.String(), stderr.String()}
	r.wantWait(t, cli.Incomplete, map[int64]string{700: "interrupted"})
	if n := g.count(aStatus); n > 4 {
		t.Errorf("the status was read %d times, also after the signal", n)
	}
}

// TestAPanicWhileWaiting loses no outcome, and no request that was followed.
func TestAPanicWhileWaiting(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700), served(701))
	dir := manifests(t, renewing(700), renewing(701))
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, "--apply", "--wait", "1d", "--format", "json", dir)
	w.Transport = &faulty{rig: g, call: aStatus, skip: 8}
	r := result{run(patience.Context(t), w), stdout.String(), stderr.String()}
	r.wantWait(t, cli.Incomplete, map[int64]string{700: "interrupted", 701: "interrupted"})
	if got := strings.Join(r.outcomes(t), ", "); got != "renew done, renew done" {
		t.Errorf("outcomes: %s", got)
	}
}
