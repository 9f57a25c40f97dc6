package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// matrix is what is expected when a fault befalls a call of an apply: every request
// of that call where the name ends in "always", else the first. A cell is
//
//	outcome  exit code  times sent / times applied
//
// of the operation. Of a call that reads, the outcome is that of the run: ok, or
// error when the run ended before it wrote; and the count is that of the readings
// until one succeeded. docs/developers/faults.md shows this very table.
const matrix = `
| fault                 | token       | list        | get         | status      | edit          | domains       | dcv_method    | renew         | retrigger     |
|-----------------------|-------------|-------------|-------------|-------------|---------------|---------------|---------------|---------------|---------------|
| connection refused    | ok 0 1      | ok 0 1      | ok 0 1      | ok 0 1      | done 0 1/1    | done 0 1/1    | done 0 1/1    | done 0 1/1    | done 0 1/1    |
| reset before commit   | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | unknown 3 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
| reset after commit    | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| timeout before commit | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | unknown 3 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
| timeout after commit  | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| reset, commit in 60 s | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| 400                   | error 1 1   | error 1 1   | failed 3 1  | error 1 1   | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  |
| 401 once              | error 1 1   | ok 0 2      | ok 0 2      | ok 0 2      | done 0 2/1    | done 0 2/1    | done 0 2/1    | done 0 2/1    | done 0 2/1    |
| 401 always            | error 1 1   | error 1 2   | failed 3 2  | error 1 2   | failed 3 2/0  | failed 3 2/0  | failed 3 2/0  | failed 3 2/0  | failed 3 2/0  |
| 403                   | error 1 1   | error 1 1   | failed 3 1  | error 1 1   | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  |
| 404                   | error 1 1   | error 1 1   | stale 3 1   | error 1 1   | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  |
| 409                   | error 1 1   | error 1 1   | failed 3 1  | error 1 1   | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  |
| 422                   | error 1 1   | error 1 1   | failed 3 1  | error 1 1   | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  | failed 3 1/0  |
| 429                   | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | done 0 2/1    | done 0 2/1    | done 0 2/1    | done 0 2/1    | done 0 2/1    |
| 429 always            | error 1 6   | error 1 6   | failed 3 6  | error 1 6   | failed 3 6/0  | failed 3 2/0  | failed 3 2/0  | failed 3 2/0  | failed 3 2/0  |
| 401 after commit      | error 1 1   | ok 0 2      | ok 0 2      | ok 0 2      | done 0 2/2    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| 429 after commit      | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | done 0 2/2    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| 500                   | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | unknown 3 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
| 502 HTML              | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | unknown 3 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
| 503                   | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | done 0 2/1    | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
| 503 always            | error 1 6   | error 1 6   | failed 3 6  | error 1 6   | unknown 3 6/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
| 503 after commit      | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | done 0 2/2    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| 504                   | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | unknown 3 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
| truncated             | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | done 0 1/1    | done 0 1/1    | done 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| garbage               | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | done 0 1/1    | done 0 1/1    | done 0 1/1    | seen 0 1/1    | seen 0 1/1    |
| 200 of a proxy        | ok 0 2      | ok 0 2      | ok 0 2      | ok 0 2      | unseen 3 1/0  | unseen 6 1/0  | unseen 3 1/0  | unknown 6 1/0 | unknown 6 1/0 |
| redirect              | error 1 1   | error 1 1   | failed 3 1  | error 1 1   | unknown 3 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 | unknown 6 1/0 |
`

// struck is a column of the matrix: the call a fault befalls, and an apply that makes it.
type struck struct {
	call  call
	asked func(int64) string
	have  func(int64) sandbox.Certificate
}

var columns = map[string]struck{
	"token":      {aToken, renewing, served},
	"list":       {aList, renewing, served},
	"get":        {aGet, renewing, served},
	"status":     {aStatus, renewing, served},
	"edit":       {anEditing, editing, served},
	"domains":    {aNaming, naming, served},
	"dcv_method": {aMethod, methodic, served},
	"renew":      {aRenewal, renewing, served},
	"retrigger":  {aSecond, retriggering, timedOut},
}

func (s struck) reads() bool {
	return s.call == aToken || s.call == aList || s.call == aGet || s.call == aStatus
}

// TestFaultMatrix makes every call meet every fault, on real sockets, and then lets
// the faults end and runs again: at once, and after the cooldown.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	heads, rows := table(matrix)
	if want := len(columns) + 1; len(heads) != want {
		t.Fatalf("%d columns, want %d", len(heads), want)
	}
	for n, row := range rows {
		for i, want := range row[1:] {
			if !chosen(n+i, 3) {
				continue
			}
			name, column := row[0], columns[heads[i+1]]
			t.Run(name+", "+heads[i+1], func(t *testing.T) {
				t.Parallel()
				column.meets(t, name, want)
			})
		}
	}
	if want := len(faults) - 1; len(rows) != want { // but for the one of 5 minutes
		t.Errorf("%d rows for %d faults", len(rows), want)
	}
}

// meets runs an apply whose call meets a fault, and compares with a cell.
func (s struck) meets(t *testing.T, fault, want string) {
	const id = 700
	g := newRig(t, s.have(id))
	times := 1
	if strings.HasSuffix(fault, "always") {
		times = always
	}
	g.breaks(fault, s.call, times)
	dir := manifests(t, s.asked(id))
	first := g.cpsync("--apply", "--format", "json", dir)
	if got := s.cell(t, g, first); got != want {
		t.Errorf("got %q, want %q\n%s", got, want, first.stderr)
	}
	s.honest(t, g, first, id)

	g.strikes = nil
	second := g.cpsync("--apply", "--format", "json", dir)
	s.honest(t, g, second, id)
	g.advance(21 * time.Hour)
	third := g.cpsync("--apply", "--format", "json", dir)
	s.honest(t, g, third, id)
	if second.code != cli.OK || third.code != cli.OK {
		t.Errorf("exit codes %d at once and %d after the cooldown\n%s%s", second.code, third.code, second.stderr, third.stderr)
	}
	if n := g.api.Orders(id); n != s.orders() {
		t.Errorf("%d orders after three runs, want %d; %v", n, s.orders(), g.api.Log())
	}
	g.advance(2 * day)
	if last := g.cpsync("--detailed-exitcode", dir); last.code != cli.OK {
		t.Errorf("at the end something is left to do, exit code %d\n%s%s", last.code, last.stdout, last.stderr)
	}
}

// orders is how many orders the operation of the column starts.
func (s struck) orders() int {
	if s.call == anEditing || s.call == aMethod {
		return 0
	}
	return 1
}

// honest holds what must be true of every run, whatever the table says: no order is
// started twice, and nothing is said that is not so.
func (s struck) honest(t *testing.T, g *rig, r result, id int64) {
	t.Helper()
	if n := g.api.Orders(id); n > s.orders() {
		t.Errorf("%d orders; %v", n, g.api.Log())
	}
	write := s.call
	if s.reads() {
		write = aRenewal
	}
	for _, step := range r.reported(t).Steps {
		for _, o := range step.Operations {
			switch {
			case o.Outcome == "done" && g.accepted(write) == 0:
				t.Errorf("%s is said to be done; nothing was applied", o.Kind)
			case o.Outcome != "done" && o.Error == "":
				t.Errorf("%s is %s; no reason is given", o.Kind, o.Outcome)
			case o.Outcome == "failed" && g.accepted(write) > 0:
				t.Errorf("%s is said to have failed; it was applied", o.Kind)
			}
		}
	}
}

// cell describes the end of a run as the matrix does.
func (s struck) cell(t *testing.T, g *rig, r result) string {
	t.Helper()
	word := "error"
	for _, step := range r.reported(t).Steps {
		for _, o := range step.Operations {
			switch word = o.Outcome; {
			case o.Outcome == "not-converged":
				word = "unseen"
			case o.By == "reading":
				word = "seen"
			}
		}
	}
	if !s.reads() {
		return fmt.Sprintf("%s %d %d/%d", word, r.code, g.count(s.call), g.accepted(s.call))
	}
	if word == "done" {
		word = "ok"
	}
	return fmt.Sprintf("%s %d %d", word, r.code, g.until(s.call))
}

// until counts the requests of a kind up to the first that no fault befell.
func (g *rig) until(c call) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.spoilt[c] + min(1, g.whole[c])
}

// table reads a Markdown table.
func table(text string) (heads []string, rows [][]string) {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var cells []string
		for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		rows = append(rows, cells)
	}
	return rows[0], rows[2:]
}

// Where docs/developers/faults.md shows the matrix.
const (
	faultsPage  = "../../docs/developers/faults.md"
	matrixBegin = "<!-- The fault matrix, written by go test ./cmd/cpsync -update -->\n"
	matrixEnd   = "<!-- The end of the fault matrix -->\n"
)

// TestDocumentShowsTheMatrix holds the document to the table that is tested.
func TestDocumentShowsTheMatrix(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(faultsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(data), matrixBegin)
	_, after, ends := strings.Cut(rest, matrixEnd)
	if !begins || !ends {
		t.Fatalf("%s has no place for the matrix", faultsPage)
	}
	want := before + matrixBegin + matrix + "\n" + matrixEnd + after
	if want == string(data) {
		return
	}
	if !*update {
		t.Fatalf("%s shows another matrix; run this test with -update", faultsPage)
	}
	if err := os.WriteFile(faultsPage, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
