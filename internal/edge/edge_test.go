package edge

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// authority signs certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	pub, key, _ := ed25519.GenerateKey(rand.Reader)
	a := &authority{key: key, pool: x509.NewCertPool()}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

// sign makes a certificate for names.
func (a *authority) sign(t *testing.T, expires time.Time, names ...string) *tls.Certificate {
	t.Helper()
	pub, key, _ := ed25519.GenerateKey(rand.Reader)
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	leaf := &x509.Certificate{SerialNumber: serial, DNSNames: names, NotBefore: now.AddDate(0, -6, 0), NotAfter: expires}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.cert, pub, a.key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}
}

// network is hosts by name, each with one address, and what answers there.
type network struct {
	addresses map[string]string
	servers   map[string]func(net.Conn) // by address; absent: nothing answers
	dialled   atomic.Int64
}

func newNetwork() *network {
	return &network{addresses: map[string]string{}, servers: map[string]func(net.Conn){}}
}

func (n *network) add(host string, serve func(net.Conn)) {
	address := fmt.Sprintf("198.51.100.%d", len(n.addresses)+1)
	n.addresses[host], n.servers[address] = address, serve
}

func (n *network) resolve(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a, ok := n.addresses[host]; ok {
		return []netip.Addr{netip.MustParseAddr(a)}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (n *network) dial(_ context.Context, _, address string) (net.Conn, error) {
	n.dialled.Add(1)
	host, _, _ := net.SplitHostPort(address)
	serve := n.servers[host]
	if serve == nil {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	here, there := net.Pipe()
	go func() { serve(there); _ = there.Close() }()
	return here, nil
}

// serves answers a handshake with a certificate.
func serves(c *tls.Certificate) func(net.Conn) {
	return func(conn net.Conn) {
		_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*c}}).Handshake()
	}
}

func (n *network) config(a *authority) Config {
	return Config{Network: Network{Dial: n.dial, Resolve: n.resolve, Roots: a.pool}, Now: func() time.Time { return now }, Concurrency: 4, Timeout: time.Minute}
}

const cdnHost = "cs1.wpc.example-cdn.net"

func target(c *tls.Certificate, domains ...string) Target {
	return Target{
		Thumbprint: thumbprint(c.Leaf), Expires: c.Leaf.NotAfter, Domains: domains,
		Deployments: []cert.EdgeHost{{Region: "GlobalStandard", Platform: "HttpLarge", Host: cdnHost}},
	}
}

// findings are those of one target, "cdn served, visitor elsewhere".
func findings(e cert.Edge) string {
	var all []string
	for _, l := range e.Looks {
		who := "cdn"
		if l.Visitor {
			who = "visitor"
		}
		all = append(all, who+" "+l.Finding.String())
	}
	return strings.Join(all, ", ")
}

func TestFindings(t *testing.T) {
	t.Parallel()
	ca, stranger := newAuthority(t), newAuthority(t)
	good := ca.sign(t, now.AddDate(0, 3, 0), "www.example.com", "*.example.com")
	before := ca.sign(t, now.AddDate(0, 0, 9), "www.example.com")
	expired := ca.sign(t, now.AddDate(0, 0, -1), "www.example.com")
	foreign := ca.sign(t, now.AddDate(0, 3, 0), "other.example.net")
	untrusted := stranger.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	silent := func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }
	megabytes := func(conn net.Conn) {
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		_, _ = conn.Write(make([]byte, 8<<20))
	}
	half := func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = conn.Write([]byte{22, 3, 3, 0, 90, 2})
	}
	for name, test := range map[string]struct {
		api          *tls.Certificate
		cdn, visitor func(net.Conn)
		want         string
	}{
		"served":           {good, serves(good), serves(good), "cdn served, visitor served"},
		"the one before":   {good, serves(before), serves(before), "cdn other, visitor other"},
		"expired":          {good, serves(expired), serves(good), "cdn expired, visitor elsewhere"},
		"not covered":      {good, serves(foreign), serves(foreign), "cdn not-covered, visitor not-covered"},
		"untrusted":        {untrusted, serves(untrusted), serves(untrusted), "cdn untrusted, visitor untrusted"},
		"elsewhere":        {good, serves(good), serves(before), "cdn served, visitor elsewhere"},
		"nobody there":     {good, serves(good), nil, "cdn served, visitor no-answer"},
		"hangs up":         {good, silent, serves(good), "cdn no-answer, visitor served"},
		"megabytes":        {good, megabytes, serves(good), "cdn no-answer, visitor served"},
		"half a handshake": {good, half, serves(good), "cdn no-answer, visitor served"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork()
			n.add(cdnHost, test.cdn)
			n.add("www.example.com", test.visitor)
			n.add("known.example.com", serves(good)) // so that thumbprints are comparable
			cfg := n.config(ca)
			res := Check(t.Context(), cfg, []Target{target(test.api, "www.example.com"), target(good, "known.example.com")}, 3)
			if got := findings(res.Edges[0]); got != test.want {
				t.Errorf("found %s, want %s: %+v", got, test.want, res.Edges[0].Looks)
			}
			if res.NoWayOut {
				t.Error("said that there is no way out")
			}
		})
	}
}

// TestThumbprintsThatAreNone: expiry and domains decide, and it is said.
func TestThumbprintsThatAreNone(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	good := ca.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	before := ca.sign(t, now.AddDate(0, 0, 9), "www.example.com")
	n := newNetwork()
	n.add(cdnHost, serves(good))
	n.add("www.example.com", serves(good))
	for _, text := range []string{"", strings.ToLower(thumbprint(good.Leaf)), "0A:1B", strings.Repeat("AB", 32), thumbprint(before.Leaf)} {
		as := target(good, "www.example.com")
		as.Thumbprint = text
		res := Check(t.Context(), n.config(ca), []Target{as}, 3)
		if got := findings(res.Edges[0]); got != "cdn served, visitor served" || res.Edges[0].ByThumbprint {
			t.Errorf("%q: found %s, by thumbprint %t", text, got, res.Edges[0].ByThumbprint)
		}
	}
}

// TestHostsThatAreNone: nobody is asked.
func TestHostsThatAreNone(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	good := ca.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	n := newNetwork()
	n.addresses["inside.example.com"] = "127.0.0.1"
	n.addresses["private.example.com"] = "10.1.2.3"
	n.addresses["mapped.example.com"] = "::ffff:127.0.0.1"
	n.addresses["linklocal.example.com"] = "169.254.169.254"
	n.addresses["www.example.com"] = "192.168.0.1"
	for _, host := range []string{
		"", "cs1.example.net/path", "cs1.example.net:443", "192.0.2.1", "[::1]", "::1", strings.Repeat("a.", 150) + "net", "localhost", "a b.example.com",
		"inside.example.com", "private.example.com", "mapped.example.com", "linklocal.example.com",
	} {
		as := target(good, "www.example.com")
		as.Deployments[0].Host = host
		res := Check(t.Context(), n.config(ca), []Target{as}, 3)
		if got := findings(res.Edges[0]); got != "cdn not-checked, visitor not-checked" || res.NoWayOut {
			t.Errorf("%q: found %s, no way out %t", host, got, res.NoWayOut)
		}
	}
	as := target(good, "www.example.com")
	as.Deployments = nil
	if got := findings(Check(t.Context(), n.config(ca), []Target{as}, 3).Edges[0]); got != "cdn not-checked" {
		t.Errorf("no deployments: found %s", got)
	}
	if n.dialled.Load() > 0 {
		t.Errorf("%d connections", n.dialled.Load())
	}
}

// TestNoWayOut: when not one host answers, that is one fact.
func TestNoWayOut(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	good := ca.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	n := newNetwork()
	n.add(cdnHost, nil)
	res := Check(t.Context(), n.config(ca), []Target{target(good, "www.example.com")}, 3)
	if got := findings(res.Edges[0]); got != "cdn not-checked, visitor not-checked" || !res.NoWayOut {
		t.Errorf("found %s, no way out %t", got, res.NoWayOut)
	}
	if looks := res.Edges[0].Looks; looks[0].Why != "connection refused" || looks[1].Why != "no such host" {
		t.Errorf("the reasons are %q and %q", looks[0].Why, looks[1].Why)
	}
}

// TestNoNameToAskFor: the deployments are there, and are not blamed.
func TestNoNameToAskFor(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	res := Check(t.Context(), newNetwork().config(ca), []Target{target(ca.sign(t, now.AddDate(0, 3, 0)), "10.0.0.1")}, 3)
	if looks := res.Edges[0].Looks; len(looks) != 1 || looks[0].Why != "none of its domains can be asked for" {
		t.Errorf("%+v", looks)
	}
}

// TestWhyAChainIsNotTrusted: a certificate that signed itself lacks no intermediate one.
func TestWhyAChainIsNotTrusted(t *testing.T) {
	t.Parallel()
	ca, stranger, self := newAuthority(t), newAuthority(t), newAuthority(t)
	alone := stranger.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	with := &tls.Certificate{Certificate: append(alone.Certificate[:1:1], stranger.cert.Raw), PrivateKey: alone.PrivateKey, Leaf: alone.Leaf}
	self.cert.DNSNames = []string{"www.example.com"}
	der, err := x509.CreateCertificate(rand.Reader, self.cert, self.cert, self.key.Public(), self.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	for want, served := range map[string]*tls.Certificate{
		"it is self-signed":                            {Certificate: [][]byte{der}, PrivateKey: self.key, Leaf: leaf},
		"the server sends no intermediate certificate": alone,
		"no authority that is trusted here signed it":  with,
	} {
		n := newNetwork()
		n.add(cdnHost, serves(served))
		look := Check(t.Context(), n.config(ca), []Target{target(served, "www.example.com")}, 3).Edges[0].Looks[0]
		if look.Finding != cert.EdgeUntrusted || look.Why != want {
			t.Errorf("%s, %q; want %q", look.Finding, look.Why, want)
		}
	}
}

// TestConnect: a place to connect to takes that of all CDN hosts, and visitors are left out.
func TestConnect(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	good := ca.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	n := newNetwork()
	n.servers["127.0.0.1"] = serves(good)
	cfg := n.config(ca)
	cfg.Connect = "127.0.0.1:8443"
	if got := findings(Check(t.Context(), cfg, []Target{target(good, "www.example.com")}, 3).Edges[0]); got != "cdn served" {
		t.Errorf("found %s", got)
	}
}

// TestTimeIsUp: what there was no time for is not checked.
func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	good := ca.sign(t, now.AddDate(0, 3, 0), "www.example.com")
	n := newNetwork()
	n.add(cdnHost, serves(good))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	res := Check(ctx, n.config(ca), []Target{target(good, "www.example.com")}, 3)
	if got := findings(res.Edges[0]); got != "cdn not-checked, visitor not-checked" || res.NoWayOut {
		t.Errorf("found %s, no way out %t", got, res.NoWayOut)
	}
}

func TestServerNames(t *testing.T) {
	t.Parallel()
	got := fmt.Sprint(serverNames([]string{"a.example.com", "*.a.example.com", "www.a.example.com", "10.0.0.1"}))
	if got != "[a.example.com www.a.example.com]" {
		t.Error(got)
	}
}
