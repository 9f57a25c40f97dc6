package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// A fleet of two: an edit and a renewal, and a change of names.
const (
	approvalState = `{"clock": "2026-11-22T09:00:00Z", "certificates": [
		{"id": 11604, "certificate_label": "cdn", "auto_renew": false, "description": "old", "expiration_date": "2026-12-10T00:00:00Z",
		 "last_modified": "2026-10-01T00:00:00Z", "domains": [{"name": "cdn.example.com", "is_common_name": true}]},
		{"id": 11605, "certificate_label": "img", "auto_renew": true, "expiration_date": "2027-03-10T00:00:00Z",
		 "last_modified": "2026-10-01T00:00:00Z", "domains": [{"name": "img.example.com", "is_common_name": true}]}]}`
	approvalRenewal = "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 11604}\nspec: {description: new}\npolicy: {renew_before: 30d}\n"
	approvalNames   = "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 11605}\n" +
		"spec: {common_name: img.example.com, domains: [img.example.com, api.img.example.com]}\n"
)

// TestADoctoredPlanCausesNoWrite changes every member of an approved plan in every way
// it can think of, and applies it: nothing is ever sent that an apply of the plan as it
// was would not have sent. A saved plan can only withhold.
func TestADoctoredPlanCausesNoWrite(t *testing.T) {
	dir := t.TempDir()
	state, certs := filepath.Join(dir, "state.json"), filepath.Join(dir, "certs")
	write(t, state, []byte(approvalState))
	write(t, filepath.Join(certs, "cdn.yaml"), []byte(approvalRenewal))
	write(t, filepath.Join(certs, "img.yaml"), []byte(approvalNames))
	saved := filepath.Join(dir, "plan.json")
	if out, code := inProcess(t, "-q", "--out", "json="+saved, "--sandbox", state, certs); code != cli.OK {
		t.Fatal(out)
	}
	approved := applied(t, state, certs, saved)
	if len(approved) == 0 {
		t.Fatal("the plan as it was is not applied")
	}
	data, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	doctored := filepath.Join(dir, "doctored.json")
	withheld, n := 0, 0
	all := everyEdit(t, data)
	for i, what := range slices.Sorted(maps.Keys(all)) {
		if !chosen(i, 10) {
			continue
		}
		n++
		write(t, doctored, all[what])
		sent := applied(t, state, certs, doctored)
		for _, w := range sent {
			if !slices.Contains(approved, w) {
				t.Errorf("%s: sent %s", what, w)
			}
		}
		if len(sent) < len(approved) {
			withheld++
		}
	}
	t.Logf("%d of %d doctored plans, %d withhold something", n, len(all), withheld)
	if len(all) < 200 || withheld == 0 {
		t.Error("the edits do not reach what the approval reads")
	}
}

// applied is what a sandbox in that state receives when the saved plan is applied.
func applied(t *testing.T, state, certs, saved string) []string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "state.json")
	data, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	write(t, copied, data)
	inProcess(t, "-q", "--apply", "--plan", saved, "--sandbox", copied, certs)
	s, err := sandbox.Open(copied)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var sent []string
	for _, w := range s.World().Writes {
		sent = append(sent, w.Request)
	}
	return sent
}

// everyEdit gives documents in each of which one value is another one.
func everyEdit(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	note := func(path, how string) {
		changed, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		all[path+" "+how] = changed
	}
	doctor("", doc, func(v any) { doc = v }, note)
	return all
}

// doctor puts other values in the place of v, one after the other, and notes the
// document each time; then the same for what v holds. In the end all is as it was.
func doctor(path string, v any, put func(any), note func(path, how string)) {
	for i, other := range others(v) {
		put(other)
		note(path, fmt.Sprintf("edit %d", i))
	}
	put(v)
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			doctor(path+"/"+key, v[key], func(x any) { v[key] = x }, note)
		}
	case []any:
		for i := range v {
			doctor(fmt.Sprintf("%s/%d", path, i), v[i], func(x any) { v[i] = x }, note)
		}
	}
}

// others are values that could stand in the place of v.
func others(v any) []any {
	switch v := v.(type) {
	case string:
		return []any{v + "x", "", nil}
	case float64:
		return []any{v + 1, 11588.0, -v}
	case bool:
		return []any{!v}
	case []any:
		return []any{[]any{}, append(slices.Clone(v), v...)}
	case map[string]any:
		return []any{map[string]any{}, nil}
	default:
		return []any{"x", 1.0}
	}
}
