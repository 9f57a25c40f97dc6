package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// TestCheckDNSAsksTheZone, found with the resolvers of the machine: here of the test. The
// exit code is as without.
func TestCheckDNSAsksTheZone(t *testing.T) {
	t.Parallel()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: packets, Handler: fromZone(`
h700.example.com. TXT "old"
example.com. SOA ns.example.com. root.example.com. 1 2 3 4 5
example.com. NS ns.example.com.
ns.example.com. A 192.0.2.1
`)}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = packets.Close() })
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver 198.51.100.53\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, unproven(700), served(701))
	run := func(resolvers string, args ...string) (int, string, string) {
		var stdout, stderr lockedBuffer
		w := g.world(&stdout, &stderr, args...)
		w.Resolvers = resolvers
		w.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if network != "udp" || address != "198.51.100.53:53" && address != "192.0.2.1:53" {
				t.Errorf("dials %s %s", network, address)
			}
			return new(net.Dialer).DialContext(ctx, network, packets.LocalAddr().String())
		}
		return run(patience.Context(t), w), stdout.String(), stderr.String()
	}
	dir := manifests(t, manifestOf(700), manifestOf(701))
	for _, c := range []struct {
		file string
		args []string
		code int
		says []string
	}{
		{file, []string{"--check-dns", "--detailed-exitcode", dir}, cli.OK, []string{
			`      dns  other value: "old" (ns.example.com)`, " DNS queries)", "DNS was asked for 1 record: 1 of another value."}},
		{file, []string{"explain", "700", "--check-dns", dir}, cli.OK, []string{`      dns  other value: "old" (ns.example.com)`, "queries of DNS."}},
		{file, []string{"--check-dns", "--format", "markdown", dir}, cli.OK, []string{"| Name | Type | Value | DNS |", "1 of another value."}},
		{file, []string{"--check-dns", "--format", "json", dir}, cli.OK, []string{`"result": "other-value"`, `"zone": "example.com"`, `"server": "ns.example.com"`}},
		{file + "x", []string{"--check-dns", dir}, cli.OK, []string{"h700.example.com  TXT    "}},
		{file + "x", []string{"explain", "700", "--check-dns", dir}, cli.OK, []string{"h700.example.com  TXT    "}},
	} {
		code, stdout, stderr := run(c.file, c.args...)
		for _, text := range c.says {
			if !strings.Contains(stdout, text) {
				t.Errorf("%s: %q is not said\n%s%s", c.args, text, stdout, stderr)
			}
		}
		if missing := c.file != file; code != c.code || missing != strings.Contains(stderr, "DNS was not asked") || missing && strings.Contains(stdout, "      dns  ") {
			t.Errorf("%s: exit code %d\n%s%s", c.args, code, stdout, stderr)
		}
	}
	if g.accepted(anEditing)+g.accepted(aNaming) != 0 {
		t.Error("something was written")
	}
}

// TestNobodyIsAskedForDNSWithoutTheFlag, nor when nothing waits.
func TestNobodyIsAskedForDNSWithoutTheFlag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   sandbox.Certificate
		args []string
	}{{unproven(700), nil}, {served(700), []string{"--check-dns", "--resolver", "192.0.2.1"}}} {
		g := newRig(t, c.of)
		var stdout, stderr lockedBuffer
		w := g.world(&stdout, &stderr, append(c.args, manifests(t, manifestOf(700)))...)
		w.Dial = func(context.Context, string, string) (net.Conn, error) {
			t.Error("DNS is asked")
			return nil, net.ErrClosed
		}
		if code := run(patience.Context(t), w); code != cli.OK || strings.Contains(stdout.String(), "of DNS") || strings.Contains(stdout.String(), "  dns  ") {
			t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
		}
	}
}

// TestSlowDNSLeavesTheRunItsTime: what it says decides nothing, so that waiting for it
// keeps nothing from being done.
func TestSlowDNSLeavesTheRunItsTime(t *testing.T) {
	t.Parallel()
	g := newRig(t, unproven(700), served(701))
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, "--apply", "--check-dns", "--resolver", "192.0.2.1", "--timeout", "2s",
		manifests(t, manifestOf(700), renewing(701)))
	w.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if code := run(patience.Context(t), w); code != cli.OK || g.count(aRenewal) != 1 {
		t.Errorf("exit code %d, %d renewals\n%s%s", code, g.count(aRenewal), stdout.String(), stderr.String())
	}
	if said := "the time for DNS is over (500ms): the other records were not looked up"; !strings.Contains(stderr.String(), said) {
		t.Errorf("%q is not in:\n%s", said, stderr.String())
	}
}
