//go:build linux

package main

import (
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
)

// TestOutputsOntoAMount: a file that is mounted by itself, as docker -v FILE:FILE does,
// can't be replaced, and is written in place.
func TestOutputsOntoAMount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	describe(t, dir, 1)
	place(t, dir, "state.json", `{"clock": "2026-11-22T09:00:00Z", "certificates": [{"id": 1, "certificate_label": "a.example.com", "expiration_date": "2027-05-01T00:00:00Z", "domains": [{"name": "a.example.com"}]}]}`)
	place(t, dir, "host.json", strings.Repeat("older and longer\n", 1000))
	place(t, dir, "plan.json", "")
	c := patience.Command(t, "unshare", "-r", "-m", "sh", "-c", `mount --bind host.json plan.json || exit 99; exec cpsync -q --sandbox state.json --out json=plan.json certs`)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if c.ProcessState == nil || c.ProcessState.ExitCode() == 99 || strings.HasPrefix(string(out), "unshare:") {
		t.Skip("no mounts here:", err, string(out))
	}
	if text := textOf(t, dir, "host.json"); err != nil || !strings.HasPrefix(text, "{") || strings.Contains(text, "older") {
		t.Errorf("%v: %s\nthe mounted file holds %.100q", err, out, text)
	}
}
