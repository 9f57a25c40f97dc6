package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

const api = "https://api.example.com"

func at() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

var have = cert.Live{
	ID: 7, Common: "a.example.com", Domains: []cert.Domain{{Name: "a.example.com", Status: cert.DomainActive}},
	Thumbprint: "AB", Expires: at().Add(240 * time.Hour), Modified: at(), Status: cert.StatusActive, Order: cert.OrderIssued,
}

var renew = plan.Operation{Kind: plan.Renew}

// written is a journal in which an order was sent, with what became of it.
func written(t *testing.T, outcome string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	write, err := j.Before(renew, 7, have)
	if err != nil {
		t.Fatal(err)
	}
	if outcome != "" {
		j.After(write, outcome)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatHoldsFurtherOrders(t *testing.T) {
	t.Parallel()
	for outcome, holds := range map[string]bool{
		"": true, "done": true, "unknown": true, "did-not-converge": true,
		"failed": false, "not-started": false, "stale": false, "seen": false,
	} {
		held, err := Read(written(t, outcome), api)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(held) == 1; got != holds {
			t.Errorf("after outcome %q it holds: %v, want %v", outcome, got, holds)
		}
	}
}

func TestAnEntryKeepsWhatSettlingComparesWith(t *testing.T) {
	t.Parallel()
	held, err := Read(written(t, "unknown"), api)
	if err != nil || len(held) != 1 {
		t.Fatal(held, err)
	}
	want := Entry{Write: held[0].Write, Time: at(), ID: 7, Operation: renew, Before: have, Outcome: "unknown", Line: 1}
	if diff := cmp.Diff(want, held[0], cmp.AllowUnexported(cert.Opt[cert.Domains]{}, cert.Opt[string]{}, cert.Opt[bool]{}, cert.Opt[cert.DCVMethod]{})); diff != "" {
		t.Error(diff)
	}
	if plan.TookEffect(held[0].Operation, held[0].Before, have) {
		t.Error("an unchanged request counts as a sign of the order")
	}
	renewing := have
	renewing.Order = cert.OrderPendingRenewal
	if !plan.TookEffect(held[0].Operation, held[0].Before, renewing) {
		t.Error("a renewal that shows does not count as a sign of the order")
	}
}

func TestMetadataHoldsNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Before(plan.Operation{Body: cert.Patch{Description: cert.Some("x")}}, 7, have); err != nil {
		t.Fatal(err)
	}
	if held, err := Read(path, api); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
}

func TestOtherTargetsAreLeftAlone(t *testing.T) {
	t.Parallel()
	if held, err := Read(written(t, "unknown"), "https://other.example.com"); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
}

func TestALineCutOffByACrashSentNothing(t *testing.T) {
	t.Parallel()
	path := written(t, "unknown")
	appendTo(t, path, `{"time":"2026-11-22T09:0`)
	j, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Holding()) != 1 {
		t.Errorf("holding %d", len(j.Holding()))
	}
	j.Seen(j.Holding()[0])
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if held, err := Read(path, api); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
}

func TestALineNobodyUnderstandsIsAnError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"renewed 7\n": "line 3: it is not JSON; mend or remove the line",
		`{"write":"x","api":"https://api.example.com","before":{},"id":7,"kind":"cancel"}` + "\n": "line 3: it names no known call",
		`{"write":"","api":"https://api.example.com","before":{},"id":7,"kind":"renew"}` + "\n":   "line 3: it is not a line of a journal",
	} {
		path := written(t, "done")
		appendTo(t, path, text)
		if _, err := Read(path, api); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestOneRunAtATimeHasIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	first, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, api, at); err == nil || !strings.Contains(err.Error(), "another run has it") {
		t.Errorf("a second run got it: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// A clock that stands still gives two runs the same instant; what one says of its
// writes must not be taken for the other's.
func TestRunsAtOneInstantAreTwo(t *testing.T) {
	t.Parallel()
	path := written(t, "unknown")
	j, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	write, err := j.Before(renew, 8, have)
	if err != nil {
		t.Fatal(err)
	}
	j.After(write, "failed")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if held, err := Read(path, api); err != nil || len(held) != 1 || held[0].ID != 7 {
		t.Errorf("held %v, %v; want the first run's order", held, err)
	}
}
