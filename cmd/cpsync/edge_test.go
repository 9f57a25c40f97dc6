package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
	simulated "github.com/cpsync/cpsync/internal/sandbox/world"
)

// theEdge is hosts by name, each with one address and what answers there.
type theEdge struct {
	ca    *x509.Certificate
	key   ed25519.PrivateKey
	trust string // a file with the certificate of ca

	mu      sync.Mutex
	at      map[string]netip.Addr
	answers map[string]func(net.Conn)
	dialled []string
}

func newEdge(t *testing.T) *theEdge {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	e := &theEdge{key: key, at: map[string]netip.Addr{}, answers: map[string]func(net.Conn){}, trust: filepath.Join(t.TempDir(), "ca.pem")}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: start2026.AddDate(-1, 0, 0), NotAfter: start2026.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	if e.ca, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.trust, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return e
}

// sign makes a certificate, and says what its thumbprint is.
func (e *theEdge) sign(t *testing.T, expires time.Time, names ...string) (c tls.Certificate, thumbprint string) {
	t.Helper()
	pub, key, _ := ed25519.GenerateKey(rand.Reader)
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: serial, DNSNames: names, NotBefore: start2026.AddDate(0, -6, 0), NotAfter: expires}, e.ca, pub, e.key)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, strings.ToUpper(hex.EncodeToString(sum[:]))
}

// add lets something answer for a host, at an address of its own.
func (e *theEdge) add(host string, answer func(net.Conn)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := netip.AddrFrom4([4]byte{198, 51, 100, byte(len(e.at) + 1)})
	e.at[host], e.answers[at.String()] = at, answer
}

func shows(c tls.Certificate) func(net.Conn) {
	return func(conn net.Conn) { _ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{c}}).Handshake() }
}

func (e *theEdge) resolve(_ context.Context, _, host string) ([]netip.Addr, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at, known := e.at[host]; known {
		return []netip.Addr{at}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (e *theEdge) dial(_ context.Context, _, address string) (net.Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dialled = append(e.dialled, address)
	host, _, _ := net.SplitHostPort(address)
	answer := e.answers[host]
	if answer == nil {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	here, there := net.Pipe()
	go func() { answer(there); _ = there.Close() }()
	return here, nil
}

// edge runs the program against the rig, with an edge.
func (g *rig) edge(e *theEdge, args ...string) result {
	g.t.Helper()
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, args...)
	env := w.Getenv
	w.Getenv = func(name string) string {
		if name == "CPSYNC_EDGE_CA" {
			return e.trust
		}
		return env(name)
	}
	w.Dial, w.Resolve = e.dial, e.resolve
	code := run(patience.Context(g.t), w)
	return result{code, stdout.String(), stderr.String()}
}

const cdnHost = "cs1.example-cdn.net"

// deployed is an active certificate that is served at cdnHost.
func deployed(id int64, thumbprint string) sandbox.Certificate {
	c := served(id)
	c.Thumbprint = &thumbprint
	c.Deployments = []simulated.Deployment{{DeliveryRegion: "GlobalStandard", Platform: "HttpLarge", HexURL: cdnHost}}
	return c
}

// TestFindingsAtTheEdge: each is said by explain and list, with what to do; --fail-on-edge
// counts what the CDN host serves wrongly.
func TestFindingsAtTheEdge(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	expires := served(700).Expires
	good, thumbprint := e.sign(t, expires, "h700.example.com")
	old, _ := e.sign(t, expires.AddDate(0, -1, 15), "h700.example.com")
	over, _ := e.sign(t, start2026.AddDate(0, 0, -1), "h700.example.com")
	other, _ := e.sign(t, expires, "other.example.com")
	known, knownPrint := e.sign(t, expires, "h701.example.com")
	names := []string{"h700.example.com"}
	for i := range 10000 {
		names = append(names, fmt.Sprintf("n%d.example.com", i))
	}
	many, manyPrint := e.sign(t, expires, names...)
	tls10 := func(conn net.Conn) {
		_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}).Handshake()
	}
	megabytes := func(conn net.Conn) {
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		_, _ = conn.Write(make([]byte, 8<<20))
	}
	for name, c := range map[string]struct {
		cdn, visitor func(net.Conn)
		thumbprint   string
		cell         string
		code         int
		says         []string
	}{
		"served":     {shows(good), shows(good), thumbprint, "served", cli.OK, []string{"served, seen from here", "> served\n"}},
		"old":        {shows(old), shows(old), thumbprint, "another", cli.ActionRequired, []string{"another certificate: expires ", `issuer "Test CA"`, "action       ask the vendor's support why " + cdnHost}},
		"expired":    {shows(over), shows(over), thumbprint, "EXPIRED", cli.ActionRequired, []string{"EXPIRED on the wire", "action       now: ask"}},
		"elsewhere":  {shows(good), shows(old), thumbprint, "DNS elsewhere", cli.OK, []string{"DNS points elsewhere", "point h700.example.com to " + cdnHost, "edge-elsewhere"}},
		"uncovered":  {shows(other), shows(other), thumbprint, "not covered", cli.ActionRequired, []string{"domain not covered"}},
		"TLS 1.0":    {tls10, shows(good), thumbprint, "no answer", cli.OK, []string{"no answer: ", "look from another network whether"}},
		"hangs up":   {func(net.Conn) {}, shows(good), thumbprint, "no answer", cli.OK, []string{"no answer: "}},
		"megabytes":  {megabytes, shows(good), thumbprint, "no answer", cli.OK, []string{"no answer: "}},
		"many names": {shows(many), shows(many), manyPrint, "served", cli.OK, nil},
		"lower case": {shows(good), shows(good), strings.ToLower(thumbprint), "served", cli.OK, []string{"not compared: expiry and domains decide"}},
		"colons":     {shows(good), shows(good), thumbprint[:2] + ":" + thumbprint[2:], "served", cli.OK, []string{"not compared"}},
		"null":       {shows(good), shows(good), "", "served", cli.OK, []string{"API expires 2026-12-12, no thumbprint (expiry and domains decide)"}},
		"SHA-256":    {shows(good), shows(good), strings.Repeat("0A", 32), "served", cli.OK, []string{"not compared"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &theEdge{trust: e.trust, at: map[string]netip.Addr{}, answers: map[string]func(net.Conn){}}
			e.add(cdnHost, c.cdn)
			e.add("h700.example.com", c.visitor)
			e.add("cs2.example-cdn.net", shows(known))
			e.add("h701.example.com", shows(known))
			beside := deployed(701, knownPrint)
			beside.Deployments[0].HexURL = "cs2.example-cdn.net"
			g := newRig(t, deployed(700, c.thumbprint), beside)
			if c.thumbprint == "" {
				g.edits(func(_ call, o map[string]any) { withoutThumbprint(o) })
			}
			r := g.edge(e, "explain", "700", "--check-edge", "--fail-on-edge")
			for _, text := range c.says {
				if !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), strings.Join(strings.Fields(text), " ")) {
					t.Errorf("%q is not said:\n%s%s", text, r.stdout, r.stderr)
				}
			}
			if r.code != c.code {
				t.Errorf("explain: exit code %d, want %d\n%s%s", r.code, c.code, r.stdout, r.stderr)
			}
			r = g.edge(e, "list", "--check-edge", "--fail-on-edge", "--format", "csv")
			if r.code != c.code || c.cell != "" && !strings.Contains(r.stdout, ","+c.cell+"\n") {
				t.Errorf("list: exit code %d, %q is not there\n%s%s", r.code, c.cell, r.stdout, r.stderr)
			}
		})
	}
}

// withoutThumbprint removes those of an answer.
func withoutThumbprint(o map[string]any) {
	if all, ok := o["items"].([]any); ok {
		for _, one := range all {
			withoutThumbprint(one.(map[string]any))
		}
	}
	if _, has := o["thumbprint"]; has {
		o["thumbprint"] = nil
	}
}

// TestHostsThatAreNotAsked: what the API gives for a CDN host is no host, or leads inside.
// That is said, nothing is connected to, and nothing is decided by it.
func TestHostsThatAreNotAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host any
		says string
	}{
		"null":       {nil, "the API names no CDN host yet"},
		"empty":      {"", "the API names no CDN host yet"},
		"path":       {"cs1.example-cdn.net/path", "is no host name"},
		"port":       {"cs1.example-cdn.net:443", "is no host name"},
		"address":    {"192.0.2.1", "is no host name"},
		"IPv6":       {"[::1]", "is no host name"},
		"long":       {strings.Repeat("a.", 149) + "ab", "is no host name"},
		"loopback":   {"inside.example.com", "loopback or private address"},
		"private":    {"private.example.com", "loopback or private address"},
		"not listed": {"none", "the API names no deployment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEdge(t)
			e.at["inside.example.com"], e.at["private.example.com"] = netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.0.0.1")
			e.at["h700.example.com"] = netip.MustParseAddr("::ffff:192.168.1.1")
			g := newRig(t, deployed(700, strings.Repeat("0A", 20)))
			g.edits(func(_ call, o map[string]any) { setHost(o, c.host) })
			for _, args := range [][]string{{"explain", "700"}, {"list"}} {
				r := g.edge(e, append(args, "--check-edge", "--fail-on-edge")...)
				if r.code != cli.OK || len(e.dialled) > 0 || strings.Contains(r.stderr, "could be connected to") {
					t.Errorf("%s: exit code %d, connections %q\n%s%s", args, r.code, e.dialled, r.stdout, r.stderr)
				}
				said := strings.Join(strings.Fields(r.stdout), " ")
				if !strings.Contains(said, "not checked") || args[0] == "explain" && !strings.Contains(said, c.says) {
					t.Errorf("%s: %q is not said:\n%s", args, c.says, r.stdout)
				}
			}
		})
	}
}

// setHost changes the hosts of an answer's deployments, those of a list too; "none" removes
// the deployments.
func setHost(o map[string]any, host any) {
	if all, ok := o["items"].([]any); ok {
		for _, one := range all {
			setHost(one.(map[string]any), host)
		}
	}
	places, _ := o["deployments"].([]any)
	for _, p := range places {
		p.(map[string]any)["hex_url"] = host
	}
	if host == "none" && places != nil {
		o["deployments"] = []any{}
	}
}

// TestNoWayOut: a network without a way out is one warning, and no finding.
func TestNoWayOut(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	second := deployed(701, strings.Repeat("0B", 20))
	g := newRig(t, deployed(700, strings.Repeat("0A", 20)), second)
	for says, more := range map[string][]string{"no host could be connected to; this machine": nil, "checked: localhost:1 could not be connected to\n": {"--edge", "localhost:1"}} {
		r := g.edge(e, append([]string{"list", "--check-edge", "--fail-on-edge"}, more...)...)
		if r.code != cli.OK || strings.Count(r.stderr, says) != 1 || strings.Count(r.stdout, "not checked") != 2 {
			t.Errorf("%s: exit code %d\n%s%s", says, r.code, r.stdout, r.stderr)
		}
	}
}

var digest = regexp.MustCompile(`"digest": "[^"]+"`)

// TestTheEdgeDecidesNothing: whatever is served, a plan is the same plan, and an apply sends
// the same requests.
func TestTheEdgeDecidesNothing(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	over, _ := e.sign(t, start2026.AddDate(0, 0, -1), "h700.example.com")
	good, thumbprint := e.sign(t, served(700).Expires, "h700.example.com")
	other, _ := e.sign(t, start2026.AddDate(0, 1, 0), "other.example.com")
	for name, answer := range map[string]func(net.Conn){"served": shows(good), "expired": shows(over), "other": shows(other), "silent": func(net.Conn) {}} {
		for _, manifest := range []string{renewing(700), manifestOf(700)} {
			e := &theEdge{trust: e.trust, at: map[string]netip.Addr{}, answers: map[string]func(net.Conn){}}
			e.add(cdnHost, answer)
			e.add("h700.example.com", answer)
			dir := manifests(t, manifest)
			var plans, digests []string
			var requests []string
			same := newRig(t, deployed(700, thumbprint)) // its address is part of digests
			for _, more := range [][]string{nil, {"--check-edge"}} {
				r := same.edge(e, append(more, "--format", "json", dir)...)
				plans = append(plans, fmt.Sprint(r.code, r.reported(t)))
				digests = append(digests, digest.FindString(r.stdout))
				g := newRig(t, deployed(700, thumbprint))
				r = g.edge(e, append(more, "--apply", dir)...)
				requests = append(requests, fmt.Sprint(r.code, " ", g.seen))
			}
			if plans[0] != plans[1] || digests[0] != digests[1] || digests[0] == "" || requests[0] != requests[1] {
				t.Errorf("%s: another plan, or other requests:\n%q\n%q\n%q", name, plans, digests, requests)
			}
			if len(e.dialled) == 0 {
				t.Errorf("%s: the edge was not looked at", name)
			}
		}
	}
}
