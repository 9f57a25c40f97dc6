package main

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// faulty panics under a request of a kind, before or after it was applied.
type faulty struct {
	*rig
	call  call
	skip  int
	after bool
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	f.used(r.Header.Get("Authorization"))
	if !f.meant(r) {
		return f.rig.RoundTrip(r)
	}
	if f.after {
		_, _ = f.rig.RoundTrip(r)
	}
	panic("a bug in a worker")
}

// meant reports whether this is the request to panic under.
func (f *faulty) meant(r *http.Request) bool {
	c := callOf(r.Method, r.URL.Path, nil)
	f.mu.Lock()
	defer f.mu.Unlock()
	if c != f.call {
		return false
	}
	f.skip--
	return f.skip == -1
}

// TestPanicInAnyStage: whatever stage has a bug, the run ends with a report and a code
// that does not say less than the truth.
func TestPanicInAnyStage(t *testing.T) {
	t.Parallel()
	renewal, edit := []string{renewing(700), renewing(701)}, []string{editing(700), editing(701)}
	for name, test := range map[string]struct {
		asked  []string
		call   call
		skip   int
		after  bool
		want   int
		orders int
	}{
		"fetching the token":                       {renewal, aToken, 0, false, cli.Failed, 0},
		"reading the list":                         {renewal, aList, 0, false, cli.Failed, 0},
		"reading a status, beside others":          {renewal, aStatus, 1, false, cli.Failed, 0},
		"reading before the first write":           {renewal, aGet, 0, false, cli.Failed, 0},
		"ordering, before anything was sent":       {renewal, aRenewal, 0, false, cli.Unknown, 0},
		"ordering, after it was applied":           {renewal, aRenewal, 0, true, cli.Unknown, 1},
		"reading after the first order":            {renewal, aGet, 1, false, cli.Unknown, 1},
		"reading before the second order":          {renewal, aGet, 2, false, cli.Incomplete, 1},
		"ordering for the second time":             {renewal, aRenewal, 1, true, cli.Unknown, 2},
		"editing, after it was applied":            {edit, anEditing, 0, true, cli.Incomplete, 0},
		"reading after the first edit":             {edit, aGet, 1, false, cli.Incomplete, 0},
		"reading before the second edit":           {edit, aGet, 2, false, cli.Incomplete, 0},
		"reading the status before the first edit": {renewal, aStatus, 2, false, cli.Failed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700), served(701))
			dir := manifests(t, test.asked...)
			var stdout, stderr lockedBuffer
			w := g.world(&stdout, &stderr, "--apply", "--format", "json", dir)
			w.Transport = &faulty{rig: g, call: test.call, skip: test.skip, after: test.after}
			r := result{run(patience.Context(t), w), stdout.String(), stderr.String()}
			if r.code != test.want {
				t.Errorf("exit code %d, want %d\n%s", r.code, test.want, r.stderr)
			}
			if n := g.api.Orders(700) + g.api.Orders(701); n != test.orders {
				t.Errorf("%d orders, want %d", n, test.orders)
			}
			if all := r.reported(t); len(all.Errors) == 0 || !strings.Contains(all.Errors[0].Message, "a bug in a worker") {
				t.Errorf("the report does not name the panic: %v", all.Errors)
			}
			if !strings.Contains(r.stderr, "internal error") || !strings.Contains(r.stderr, "goroutine") {
				t.Errorf("no trace for a bug report:\n%s", r.stderr)
			}
			again := g.cpsync("--apply", dir)
			if again.code != cli.OK {
				t.Errorf("the next run ends with %d\n%s", again.code, again.stderr)
			}
			wantOrders(t, g, test.asked)
		})
	}
}

// wantOrders checks that every renewal asked for was ordered once.
func wantOrders(t *testing.T, g *rig, asked []string) {
	t.Helper()
	for i, text := range asked {
		want := 0
		if strings.Contains(text, "renew_before") {
			want = 1
		}
		if n := g.api.Orders(int64(700 + i)); n != want {
			t.Errorf("request %d: %d orders, want %d; %v", 700+i, n, want, g.api.Log())
		}
	}
}

// fleet is n certificates in service, from 700 on.
func fleet(n int) []sandbox.Certificate {
	var all []sandbox.Certificate
	for i := range n {
		all = append(all, served(int64(700+i)))
	}
	return all
}

// panicky is a stdout that breaks the program at its second write: after the plan.
type panicky struct{ writes int }

func (p *panicky) Write(b []byte) (int, error) {
	if p.writes++; p.writes > 1 {
		panic("a bug in the report")
	}
	return len(b), nil
}

// A report that breaks after the writes were made does not say that none was.
func TestAPanicInTheReportKeepsTheExitCode(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state.json")
	write(t, state, []byte(approvalState))
	write(t, filepath.Join(dir, "certs", "cdn.yaml"), []byte(approvalRenewal))
	w := embeddedWorld(&panicky{}, io.Discard, "-q", "--apply", "--sandbox", state, filepath.Join(dir, "certs"))
	if code := run(patience.Context(t), w); code != cli.Incomplete {
		t.Errorf("exit code %d, want %d: writes were made", code, cli.Incomplete)
	}
}
