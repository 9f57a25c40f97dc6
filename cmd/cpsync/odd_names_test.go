//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
)

// TestOddNamesOfFiles: names with line breaks, terminal codes, colons and marks of their
// own are shown so that they act on nothing, each in text, Markdown, JSON and annotations.
func TestOddNamesOfFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names := map[string]struct{ shown, annotated string }{
		"nl\nname":   {`nl\nname`, "file=certs/nl%0Aname.yaml,"},
		"esc\x1b[3m": {`esc\x1b[3m`, `::certs/esc\x1b[3m.yaml:`},
		"co::lon":    {`co:\x3alon`, "file=certs/co%3A%3Alon.yaml,"},
		"a,b%c":      {"a,b%c", "file=certs/a%2Cb%25c.yaml,"},
		"e\u0301":    {"e\u0301", "file=certs/e\u0301.yaml,"},
		"\u00e9":     {"\u00e9", "file=certs/\u00e9.yaml,"},
		"CDN":        {"CDN", "file=certs/CDN.yaml,"},
		"cdn":        {"cdn", "file=certs/cdn.yaml,"},
		"##[error]x": {`##\x5berror]x`, `::certs/##\x5berror]x.yaml:`},
	}
	var certificates []string
	id := 0
	for name := range names {
		id++
		place(t, dir, "certs/"+name+".yaml", fmt.Sprintf("apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: %d, name: n%d}\nspec: {description: new}\n", id, id))
		certificates = append(certificates, fmt.Sprintf(`{"id": %d, "certificate_label": "c%d.example.com", "expiration_date": "2026-12-05T00:00:00Z", "domains": [{"name": "c%d.example.com"}]}`, id, id, id))
	}
	place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": [`+strings.Join(certificates, ",")+`]}`)
	run := func(args ...string) result {
		r := awaited(launch(t, dir, nil, append([]string{"--sandbox", "state.json", "certs"}, args...)...))
		r.wants(t, cli.OK)
		r.lacks(t, "\x1b", "nl\nname")
		return r
	}
	text, markdown, asJSON, annotated := run(), run("--format", "markdown"), run("--format", "json"), run("--annotations", "github")
	var plan struct {
		Steps []struct{ Source struct{ File string } }
	}
	if err := json.Unmarshal([]byte(asJSON.stdout), &plan); err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{}
	for _, s := range plan.Steps {
		files[s.Source.File] = true
	}
	for name, c := range names {
		for what, r := range map[string]result{"text": text, "Markdown": markdown} {
			if !strings.Contains(r.stdout, "certs/"+c.shown+".yaml:4") {
				t.Errorf("%s does not show %q:\n%s", what, c.shown, r.stdout)
			}
		}
		if !strings.Contains(annotated.stderr, c.annotated) {
			t.Errorf("no annotation has %q:\n%s", c.annotated, annotated.stderr)
		}
		if !files["certs/"+name+".yaml"] {
			t.Errorf("JSON does not name %q", name)
		}
	}
}
