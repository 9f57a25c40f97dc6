//go:build unix

package main

import (
	"strings"
	"syscall"
	"testing"
)

// TestNohup: a SIGHUP that is ignored at the start stays ignored.
func TestNohup(t *testing.T) {
	t.Parallel()
	api := newGate(t, 2)
	dir := t.TempDir()
	describe(t, dir, 2)
	p := child(t, dir, api.env(), "--apply", "certs")
	p.cmd.Args = []string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`, p.cmd.Path, "--apply", "certs"}
	p.cmd.Path = "/bin/sh"
	p.run(t)
	api.arrived(t, "PATCH 1")
	p.signal(t, syscall.SIGHUP)
	awaited(launch(t, dir, nil, "version")) // meanwhile p would hear of its signal
	api.open()
	r := awaited(p)
	r.wants(t, 0, "2 done")
	r.lacks(t, "interrupted")
	api.wantWrites(t, 1, 2)
}

// TestKilledReportSaysSo: what is left of an apply that was killed does not tell of
// outcomes that are unknown.
func TestKilledReportSaysSo(t *testing.T) {
	t.Parallel()
	api := newGate(t, 2)
	dir := t.TempDir()
	describe(t, dir, 2)
	p := launch(t, dir, api.env(), "--apply", "--out", "json=r.json", "--out", "markdown=r.md", "--out", "text=r.txt", "certs")
	api.arrived(t, "PATCH 1")
	p.signal(t, syscall.SIGKILL)
	awaited(p).wants(t, -1)
	if text := textOf(t, dir, "r.json"); !strings.Contains(text, `"finished": false`) || strings.Count(text, `"outcome": null`) != 2 {
		t.Errorf("it does not say that it is not finished, or says what is unknown:\n%s", text)
	}
	for _, file := range []string{"r.md", "r.txt"} {
		if text := textOf(t, dir, file); !strings.HasPrefix(text, "This apply has not finished") || strings.Contains(text, "not started") {
			t.Errorf("%s:\n%s", file, text)
		}
	}
}
