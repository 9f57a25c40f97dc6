//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
)

// mostMemory is what a run takes at most of memory, in KiB, whatever it is given to read.
const mostMemory = 200_000_000 >> 10

// TestFilesHaveASize: a file without an end, and one that is too large, end the run, with
// little memory taken.
func TestFilesHaveASize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	describe(t, dir, 1)
	place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": [{"id": 1, "certificate_label": "a.example.com", "expiration_date": "2027-05-01T00:00:00Z", "domains": [{"name": "a.example.com"}]}]}`)
	place(t, dir, "page.md", "### cpsync")
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 1<<30); err != nil {
		t.Fatal(err)
	}
	long := map[string]struct {
		head, part string
		parts      int
		tail       string
	}{
		"steps.json":        {`{"format_version": "2.0", "mode": "plan", "api": "sandbox", "steps": [{}`, ",{}", 10 << 20, `]}`},
		"world.json":        {`{"clock": "2026-11-22T09:00:00Z", "certificates": [{}`, ",{}", 8 << 20, `]}`},
		"operations.json":   {`{"format_version": "2.0", "mode": "plan", "api": "sandbox", "steps": [{"operations": [{}`, ",{}", 495_000, `]}], "x": "` + strings.Repeat("x", 30<<20) + `"}`},
		"certificates.json": {`{"clock": "2026-11-22T09:00:00Z", "certificates": [{}`, ",{}", 495_000, `]}`},
		"numbers.json":      {`{"clock": [0`, ",0", 990_000, `]}`},
		"members.json":      {`{"a": 1`, `,"a":1`, 400_000, `}`},
		"writes.jsonl":      {"", `{"time":"2026-11-22T09:00:00Z","write":"x","api":"sandbox","id":1,"kind":"renew","before":{"thumbprint":"` + strings.Repeat("A", 900) + "\"}}\n", 30_001, ""},
		"outcomes.jsonl": {strings.Repeat(`{"time":"2026-11-22T09:00:00Z","write":"x","api":"sandbox","id":1,"kind":"renew","before":{}}`+"\n", 29_000),
			`{"time":"2026-11-22T09:00:00Z","write":"x","api":"sandbox","outcome":"done"}` + "\n", 350_000, "x\n"},
	}
	secret := []string{"CPSYNC_CLIENT_ID=me", "CPSYNC_CLIENT_SECRET_FILE=" + large}
	for i, c := range []struct {
		want string
		env  []string
		args []string
	}{
		{"not a regular file", nil, []string{"--sandbox", "/dev/zero", "certs"}},
		{"not a regular file", nil, []string{"sandbox", "/dev/zero"}},
		{"larger than 32 MiB", nil, []string{"--sandbox", "large", "certs"}},
		{"more than 1000000 values", nil, []string{"--sandbox", "world.json", "certs"}},
		{"more than 50000 entries", nil, []string{"--sandbox", "certificates.json", "certs"}},
		{"more than 50000 entries", nil, []string{"--sandbox", "numbers.json", "certs"}},
		{"does not say that the run", nil, []string{"--sandbox", "state.json", "--apply", "--plan", "operations.json", "certs"}},
		{"given twice", nil, []string{"--sandbox", "members.json", "certs"}},
		{"not a regular file", nil, []string{"--sandbox", "state.json", "--journal", "/dev/zero", "certs"}},
		{"larger than 32 MiB", nil, []string{"--sandbox", "state.json", "--journal", "large", "certs"}},
		{"larger than 32 MiB", nil, []string{"--sandbox", "state.json", "--apply", "--journal", "large", "certs"}},
		{"more than 30000 writes", nil, []string{"--sandbox", "state.json", "--journal", "writes.jsonl", "certs"}},
		{"line 379001: it is not a line", nil, []string{"--sandbox", "state.json", "--journal", "outcomes.jsonl", "certs"}},
		{"larger than 32 MiB", nil, []string{"--sandbox", "state.json", "--apply", "--plan", "/dev/zero", "certs"}},
		{"larger than 32 MiB", nil, []string{"--sandbox", "state.json", "--apply", "--plan", "large", "certs"}},
		{"more than 1000000 values", nil, []string{"--sandbox", "state.json", "--apply", "--plan", "steps.json", "certs"}},
		{"larger than 32 MiB", nil, []string{"comment", "--plan", "/dev/zero", "--markdown", "page.md"}},
		{"larger than 64 KiB", secret, []string{"certs"}},
		{"larger than 32 MiB", nil, []string{"validate", "large"}},
		{"not a regular file", nil, []string{"validate", "/dev/zero"}},
		{"use 64 at most", nil, []string{"--sandbox", "state.json", "--concurrency", "65", "certs"}},
		{"use 64 at most", []string{"CPSYNC_CONCURRENCY=1000000000"}, []string{"--sandbox", "state.json", "certs"}},
	} {
		if !chosen(i, 22) { // one of them: some take a second
			continue
		}
		for _, arg := range c.args {
			if file, ok := long[arg]; ok {
				place(t, dir, arg, file.head+strings.Repeat(file.part, file.parts)+file.tail)
			}
		}
		r := awaited(launch(t, dir, append(c.env, weighIn+"="+filepath.Join(dir, "status")), c.args...))
		if r.code == cli.OK || !strings.Contains(r.stderr+r.stdout, c.want) {
			t.Errorf("%v: exit %d, want %q:\n%.500s", c.args, r.code, c.want, r.stderr+r.stdout)
		}
		_, peak, _ := strings.Cut(textOf(t, dir, "status"), "VmHWM:")
		used := 0
		if _, err := fmt.Sscan(peak, &used); err != nil || used > mostMemory && !watchedForRaces {
			t.Errorf("%v takes %d KiB: %v", c.args, used, err)
		}
		t.Logf("%6d KiB %v", used, c.args)
	}
}

// TestBoundsAreWritten: the table in the documents has the bounds of the code.
func TestBoundsAreWritten(t *testing.T) {
	t.Parallel()
	text := textOf(t, "../..", "docs/reliability.md")
	for _, row := range []string{
		"| `--plan` | " + cli.Size(cli.MaxPlan) + ", 1,000,000 values |",
		"| the page beside a plan | " + cli.Size(cli.MaxPage) + " |",
		"| `GITHUB_EVENT_PATH` | " + cli.Size(cli.MaxEvent) + ", 1,000,000 values |",
		"| `CPSYNC_CLIENT_SECRET_FILE` | " + cli.Size(cli.MaxSecret) + " |",
		fmt.Sprintf("| `--concurrency` | %d |", cli.MaxConcurrency),
	} {
		if !strings.Contains(text, row) {
			t.Errorf("docs/reliability.md has no row %q", row)
		}
	}
}

// TestSignalsEndReading: nobody writes to a pipe that is read. --timeout ends that, and so
// does a signal.
func TestSignalsEndReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	describe(t, dir, 1)
	place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": [{"id": 1, "certificate_label": "a.example.com", "expiration_date": "2027-05-01T00:00:00Z", "domains": [{"name": "a.example.com"}]}]}`)
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	run := []string{"--sandbox", "state.json", "--apply", "--plan", "pipe", "certs"}
	awaited(launch(t, dir, nil, append(run, "--timeout", "1s")...)).wants(t, cli.Failed, "--timeout is over")

	p := launch(t, dir, nil, run...)
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for the reader
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p.signal(t, syscall.SIGTERM)
	awaited(p).wants(t, cli.Terminated, "interrupted")

	secret := []string{"CPSYNC_CLIENT_ID=me", "CPSYNC_CLIENT_SECRET_FILE=pipe"}
	awaited(launch(t, dir, secret, "certs", "--timeout", "1s")).wants(t, cli.Failed, "--timeout is over")
	for _, args := range [][]string{{"--sandbox", "pipe", "certs"}, {"--sandbox", "state.json", "--journal", "pipe", "certs"}, {"sandbox", "pipe"}, {"validate", "pipe"}} {
		awaited(launch(t, dir, nil, args...)).wants(t, cli.Failed, "not a regular file")
	}
}
