package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
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
		j.After(write, outcome, cert.Live{})
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatHoldsFurtherOrders(t *testing.T) {
	t.Parallel()
	for outcome, holds := range map[string]bool{
		"": true, "done": true, "unknown": true, "not-converged": true,
		"failed": false, "not-started": false, "stale": false, "seen": false,
	} {
		held, err := holdings(written(t, outcome), api)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(held) == 1; got != holds {
			t.Errorf("after outcome %q it holds: %v, want %v", outcome, got, holds)
		}
	}
}

// TestWhatNoReadingShowsStaysPending, whatever was read.
func TestWhatNoReadingShowsStaysPending(t *testing.T) {
	t.Parallel()
	held, err := holdings(written(t, "unknown"), api)
	if err != nil {
		t.Fatal(err)
	}
	want, later := cert.Spec{ID: 7}, have
	later.Expires = have.Expires.AddDate(0, 6, 0)
	for what, tt := range map[string]struct {
		read  plan.Pair
		shows bool
	}{
		"nothing was read":      {plan.Pair{Want: want}, false},
		"another request":       {plan.Pair{Want: cert.Spec{ID: 8}, Have: later, Found: true}, false},
		"it is as before":       {plan.Pair{Want: want, Have: have, Found: true}, false},
		"the reading failed":    {plan.Pair{Want: want, Have: later, Found: true, Err: cert.ErrNoAnswer}, false},
		"it has a later expiry": {plan.Pair{Want: want, Have: later, Found: true}, true},
	} {
		orders, shown := Pending("j", held, []plan.Pair{tt.read})
		if _, pending := orders[7]; pending == tt.shows || len(shown) == 1 != tt.shows {
			t.Errorf("%s: pending %v, shown %v", what, orders, shown)
		}
	}
}

// TestLinesOfAnotherTargetSayNothing of a write here, not even by its name.
func TestLinesOfAnotherTargetSayNothing(t *testing.T) {
	t.Parallel()
	path := written(t, "unknown")
	held, err := holdings(path, api)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line := `{"time":"2026-11-22T10:00:00Z","write":"` + held[0].Write + `","api":"https://other.example.com","outcome":"seen"}` + "\n"
	if err := os.WriteFile(path, append(text, line...), 0o600); err != nil {
		t.Fatal(err)
	}
	if held, err = holdings(path, api); err != nil || len(held) != 1 {
		t.Errorf("%v, %v", held, err)
	}
}

// TestALineKeepsItsOwnWord: journals of earlier versions stay readable.
func TestALineKeepsItsOwnWord(t *testing.T) {
	t.Parallel()
	path := written(t, "not-converged")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), `"outcome":"did-not-converge"`) {
		t.Errorf("%v, %s", err, text)
	}
	held, err := holdings(path, api)
	if err != nil || len(held) != 1 || held[0].Outcome != "not-converged" {
		t.Errorf("%v, %v", err, held)
	}
}

func TestAnEntryKeepsWhatSettlingComparesWith(t *testing.T) {
	t.Parallel()
	held, err := holdings(written(t, "unknown"), api)
	if err != nil || len(held) != 1 {
		t.Fatal(held, err)
	}
	e := held[0]
	want := []any{at(), cert.ID(7), renew, have, "unknown", at(), 1, false}
	got := []any{e.Time, e.ID, e.Operation, e.Before, e.Outcome, e.OutcomeAt, e.Line, e.Metadata}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(cert.Opt[cert.Domains]{}, cert.Opt[string]{}, cert.Opt[bool]{}, cert.Opt[cert.DCVMethod]{})); diff != "" {
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
	if held, err := holdings(path, api); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
}

func TestOtherTargetsAreLeftAlone(t *testing.T) {
	t.Parallel()
	if held, err := holdings(written(t, "unknown"), "https://other.example.com"); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
}

func TestALineCutOffByACrashSentNothing(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{"{", `{"tim`, `{"time":"2026-11-22T09:0`, "\x00\x00\x00"} {
		cutOff(t, rest)
	}
}

func cutOff(t *testing.T, rest string) {
	t.Helper()
	path := written(t, "unknown")
	appendTo(t, path, rest)
	j, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	if len(j.History.Pending) != 1 {
		t.Errorf("holding %d", len(j.History.Pending))
	}
	j.Seen(j.History.Pending[0].Write)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if held, err := holdings(path, api); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
}

func TestALineNobodyUnderstandsIsAnError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"renewed 7\n": "line 3: it is not a line of a journal: it is not JSON, from 1:1 on; fix that line",
		`{"write":"x","api":"https://api.example.com","before":{},"id":7,"kind":"cancel"}` + "\n": "line 3: it names no known call",
		`{"write":"","api":"https://api.example.com","before":{},"id":7,"kind":"renew"}` + "\n":   "line 3: it is not a line of a journal",
		`{"write":"x","api":"https://api.example.com","before":{},"kind":"renew"}` + "\n":         "line 3: it names no request",
		`{"write":"x","apy":"https://api.example.com","before":{},"id":7,"kind":"renew"}` + "\n":  `line 3: it is not a line of a journal: it says no API`,
		`{"write":"x","api":"https://api.example.com","bfore":{},"id":7,"kind":"renew"}` + "\n":   `line 3: it is not a line of a journal: it says no API, no write, or not exactly one of before and outcome`,
		`{"write":"x","before":{},"id":7,"kind":"renew"}` + "\n":                                  "line 3: it is not a line of a journal: it says no API",
		`{"write":"x","api":"https://api.example.com"}` + "\n":                                    "line 3: it is not a line of a journal",
		"{}\n":             "line 3: it is not a line of a journal",
		"null\n":           "line 3: it is not a line of a journal",
		"[]":               "line 3: it is not a line of a journal",
		"\r":               "its lines end in CR alone",
		"remember me":      "its last line is not the beginning of a line of a journal",
		"{ not even JSON":  "its last line is not the beginning of a line of a journal",
		"\x00\x00remember": "its last line is not the beginning of a line of a journal",
	} {
		path := written(t, "done")
		appendTo(t, path, text)
		if _, err := holdings(path, api); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if _, err := Open(path, api, at); err == nil {
			t.Errorf("%q: an apply takes it", text)
		}
		if !strings.HasSuffix(contents(t, path), text) {
			t.Errorf("%q: the file was changed", text)
		}
	}
}

// TestHandsLeaveTheirMarks: a person removes a line, with an editor that ends lines in its
// own way, or not at all.
func TestHandsLeaveTheirMarks(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]struct {
		do    func(string) string
		holds int
	}{
		"the last line has no end": {func(s string) string { return strings.TrimSuffix(s, "\n") }, 1},
		"lines end in CRLF":        {func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, 1},
		"empty lines":              {func(s string) string { return "\n\n" + s + "\n" }, 1},
		"the line before is gone":  {func(s string) string { return s[strings.Index(s, "\n")+1:] }, 0},
		"all is gone":              {func(string) string { return "" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, outcome := range []string{"", "unknown"} {
				path := written(t, outcome)
				edited := edit.do(contents(t, path))
				if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
					t.Fatal(err)
				}
				j, err := Open(path, api, at)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := j.Before(renew, 8, have); err != nil {
					t.Fatal(err)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				held, err := holdings(path, api)
				if err != nil || len(held) != edit.holds+1 || held[edit.holds].ID != 8 {
					t.Errorf("outcome %q: %v, %v; want %d and the new one", outcome, held, err, edit.holds)
				}
			}
		})
	}
}

// TestNothingIsNotedWhereNobodyWouldFindIt: the file that a further run reads has to be
// the one that this one writes.
func TestNothingIsNotedWhereNobodyWouldFindIt(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(path string) error{
		"removed":  os.Remove,
		"replaced": func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) },
		"longer":   func(path string) error { return os.Truncate(path, 1000) },
		"emptied":  func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := written(t, "done")
			j, err := Open(path, api, at)
			if err != nil {
				t.Fatal(err)
			}
			if err := meanwhile(path); err != nil {
				t.Fatal(err)
			}
			if _, err := j.Before(renew, 8, have); err == nil {
				t.Error("an order may be sent")
			}
			j.After("x", "done", cert.Live{})
			if err := j.Close(); err == nil {
				t.Error("nobody hears of a line that is missing")
			}
		})
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestOneRunAtATimeHasIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	first, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.jsonl")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link, filepath.Dir(path) + "/./journal.jsonl"} {
		if _, err := Open(name, api, at); err == nil || !strings.Contains(err.Error(), "another run has it") {
			t.Errorf("a second run got it as %s: %v", name, err)
		}
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
	j.After(write, "failed", cert.Live{})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if held, err := holdings(path, api); err != nil || len(held) != 1 || held[0].ID != 7 {
		t.Errorf("held %v, %v; want the first run's order", held, err)
	}
}

// TestAnOutcomeIsOfTheLastWriteOfItsName: where two journals were made one, the other write
// of the same name keeps what it holds.
func TestAnOutcomeIsOfTheLastWriteOfItsName(t *testing.T) {
	t.Parallel()
	path := written(t, "")
	appendTo(t, path, contents(t, written(t, "failed")))
	if held, err := holdings(path, api); err != nil || len(held) != 1 || held[0].Line != 1 {
		t.Errorf("held %v, %v; want the first", held, err)
	}
}

// holdings are the orders that the journal of a path holds.
func holdings(path, api string) ([]Entry, error) {
	past, err := Read(path, api)
	return past.Pending, err
}

// TestOwnWritesAreProven: by the reading right after, which names this client; of metadata
// alone it is said that it can't have started anything.
func TestOwnWritesAreProven(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	j, err := Open(path, api, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	before := cert.Live{ID: 7, Modified: at.Add(-time.Hour)}
	note := func(e cert.Edit, outcome, by string, modified time.Time) {
		op := plan.Operation{Changes: []diff.Change{{Edit: e}}}
		if e == cert.EditRenew {
			op = plan.Operation{Kind: plan.Renew}
		}
		write, err := j.Before(op, 7, before)
		if err != nil {
			t.Fatal(err)
		}
		j.After(write, outcome, cert.Live{ID: 7, Modified: modified, ModifiedBy: by})
	}
	note(cert.EditDescription, "done", "client us", at)
	note(cert.EditDCVMethod, "done", "client us", at.Add(time.Minute))
	note(cert.EditRenew, "done", "client us", at.Add(2*time.Minute))
	note(cert.EditAutoRenew, "done", "client us", at.Add(2*time.Minute))
	note(cert.EditLabel, "done", "user 501", at.Add(3*time.Minute))
	note(cert.EditLabel, "unknown", "", time.Time{})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	past, err := Read(path, api)
	if err != nil {
		t.Fatal(err)
	}
	want := map[cert.ID][]plan.Own{7: {
		{Before: before.Modified, After: at, Metadata: true},
		{Before: before.Modified, After: at.Add(time.Minute)},
		{Before: before.Modified, After: at.Add(2 * time.Minute)},
		{Before: before.Modified, After: at.Add(2 * time.Minute)},
	}}
	if d := cmp.Diff(want, past.Own("client us")); d != "" {
		t.Error(d)
	}
	if got := past.Own(""); len(got) > 0 {
		t.Errorf("this client is unknown, and these are its own: %v", got)
	}
}
