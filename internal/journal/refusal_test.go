package journal

import (
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// TestRefusalsAreRemembered until the same is applied.
func TestRefusalsAreRemembered(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/journal"
	names := plan.Operation{Changes: []diff.Change{{Edit: cert.EditDomains, Add: []string{"c.example.com"}}},
		Body: cert.Patch{Domains: cert.Some(cert.Domains{Common: "c.example.com", Names: []string{"c.example.com"}})}}
	now := have
	now.SetDomains([]cert.Domain{{Name: "b.example.com", Status: cert.DomainTimedOut}, {Name: "a.example.com", Status: cert.DomainActive}})
	run := func(do func(*Journal)) {
		t.Helper()
		j, err := Open(path, api, at)
		if err != nil {
			t.Fatal(err)
		}
		do(j)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	refuse := func(op plan.Operation) func(*Journal) {
		return func(j *Journal) {
			write, err := j.Before(op, 7, now)
			if err != nil {
				t.Fatal(err)
			}
			j.Refused(write, "400 Bad Request")
		}
	}
	run(refuse(renew))
	run(refuse(names))
	past, err := Read(path, api)
	if err != nil || len(past.Pending) != 0 || len(past.Refused[7]) != 2 {
		t.Fatal(past, err)
	}
	for _, r := range past.Refused[7] {
		want := []string{"a.example.com Active", "b.example.com TimedOut"}
		if r.Answer != "400 Bad Request" || r.Status != now.Status || r.Order != now.Order || !r.At.Equal(at()) || strings.Join(r.Domains, ";") != strings.Join(want, ";") {
			t.Errorf("got %+v", r)
		}
	}
	run(func(j *Journal) {
		write, err := j.Before(renew, 7, now)
		if err != nil {
			t.Fatal(err)
		}
		j.After(write, "done", cert.Live{})
	})
	if past, err = Read(path, api); err != nil || len(past.Refused[7]) != 1 || past.Refused[7][0].Kind != plan.Patch {
		t.Error(past, err)
	}
}

// TestAnOrderIsSettledByAPerson: the line says who, and holds nothing any more.
func TestAnOrderIsSettledByAPerson(t *testing.T) {
	t.Parallel()
	path := written(t, "unknown")
	j, err := Open(path, api, at)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Settle(j.History.Pending[0], "octocat"); err != nil {
		t.Fatal(err)
	}
	if ordered := j.History.Ordered(); len(ordered) > 0 {
		t.Errorf("it counts as sent in the same run: %v", ordered)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if held, err := holdings(path, api); err != nil || len(held) != 0 || !strings.Contains(contents(t, path), `"outcome":"settled","by":"octocat"`) {
		t.Error(held, err, contents(t, path))
	}
}

// TestWhenTheLastOrderWasSent: only what is known not to have been placed does not count.
func TestWhenTheLastOrderWasSent(t *testing.T) {
	t.Parallel()
	for outcome, counts := range map[string]bool{
		"": true, "done": true, "unknown": true, "not-converged": true, "seen": true,
		"failed": false, "not-started": false, "stale": false, "settled": false,
	} {
		h, err := Read(written(t, outcome), api)
		if err != nil {
			t.Fatal(err)
		}
		want := map[cert.ID]time.Time{}
		if counts {
			want[7] = at()
		}
		if got := h.Ordered(); !maps.Equal(got, want) {
			t.Errorf("after outcome %q: %v, want %v", outcome, got, want)
		}
	}
}

// TestMembersOfALaterVersionArePassedOver, wherever they stand.
func TestMembersOfALaterVersionArePassedOver(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/journal"
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, `{"time":"2026-11-22T09:00:00Z","write":"x","api":"https://api.example.com","id":7,"kind":"renew","later":{"a":[1]},`+
		`"before":{"status":"Active","order":"Issued","names":{"common":"a","all":["a"],"later":1},"timed_out":false,"thumbprint":"AB","expires":"2026-12-10T00:00:00Z","last_modified":"2026-10-01T00:00:00Z","later":true}}`+"\n")
	if held, err := holdings(path, api); err != nil || len(held) != 1 || held[0].ID != 7 {
		t.Error(held, err)
	}
}
