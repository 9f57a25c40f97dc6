// Package edge looks at the certificates that the CDN serves. A TLS handshake with the
// CDN host of each deployment, and one with the domain's own address, show what visitors
// get; nothing is sent after a handshake. What is found decides no write.
package edge

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // a fingerprint to compare, not a signature
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/parallel"
)

// Network is how hosts are reached, and whom to trust there.
type Network struct {
	// Dial connects to an address. Proxies are not used.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Resolve returns the addresses of a host.
	Resolve func(ctx context.Context, network, host string) ([]netip.Addr, error)
	// Inside allows loopback and private addresses: those of a simulated API.
	Inside bool
	Roots  *x509.CertPool // trusted; nil means those of the system
}

// Config says how to connect, and how much.
type Config struct {
	Network
	// Connect is a HOST:PORT to connect to in place of each CDN host; then no domain's own
	// address is asked. Loopback and private addresses are refused anywhere else.
	Connect string
	Now     func() time.Time
	// Concurrency is how many handshakes run at a time, at least 1.
	Concurrency int
	// Timeout is for one handshake, with the connection before it.
	Timeout time.Duration
}

// Target is a certificate to look for. Its API values are taken as they are.
type Target struct {
	Thumbprint  string
	Earlier     []string // thumbprints that the request had before
	Expires     time.Time
	Domains     []string // all of them; the first that MostDomains allows are asked for
	Deployments []cert.EdgeHost
}

// Result is what a run saw.
type Result struct {
	Edges []cert.Edge // by target
	// NoWayOut says that no connection came about: nothing is known of the edge from here.
	NoWayOut bool
	// NotComparable says that no handshake matched a thumbprint, so that expiry and domains decide.
	NotComparable bool
}

const port = "443"

// Check looks at all targets, each with at most that many domains. What ctx leaves no time
// for is not checked.
func Check(ctx context.Context, cfg Config, targets []Target, domains int) Result {
	res := Result{Edges: make([]cert.Edge, len(targets))}
	var asks []*ask
	for i, t := range targets {
		asks = append(asks, asksOf(cfg, i, t, domains)...)
	}
	_ = parallel.Each(context.Background(), len(asks), max(cfg.Concurrency, 1), func(_ context.Context, i int) error {
		asks[i].run(ctx, cfg)
		return nil
	})
	comparable := slices.ContainsFunc(asks, func(a *ask) bool { return a.matches(targets[a.target]) })
	cdn := map[site][][]byte{}
	tried, linked, answered := false, false, false
	for _, a := range asks {
		tried, linked, answered = tried || a.tried, linked || a.linked, answered || a.leaf != nil
		if a.leaf != nil && !a.look.Visitor {
			cdn[a.site()] = append(cdn[a.site()], a.leaf.Raw)
		}
	}
	res.NoWayOut, res.NotComparable = tried && !linked, answered && !comparable
	for _, a := range asks {
		a.judge(cfg, targets[a.target], comparable, cdn[a.site()])
		if res.NoWayOut && a.tried {
			a.look.Finding = cert.EdgeNotChecked
		}
		e := &res.Edges[a.target]
		e.Looks = append(e.Looks, a.look)
		e.ByThumbprint = comparable && hasForm(targets[a.target].Thumbprint)
	}
	return res
}

// site is one domain of one target.
type site struct {
	target int
	domain string
}

func (a *ask) site() site { return site{a.target, a.look.Domain} }

// judge says how what was served compares with what the API names. comparable says that
// thumbprints are, and cdn is what CDN hosts serve for the same domain.
func (a *ask) judge(cfg Config, t Target, comparable bool, cdn [][]byte) {
	if a.leaf == nil {
		return
	}
	l := &a.look
	l.Leaf = &cert.EdgeLeaf{Thumbprint: thumbprint(a.leaf), Issuer: cmp.Or(a.leaf.Issuer.CommonName, a.leaf.Issuer.String()), Begins: a.leaf.NotBefore.UTC(), Expires: a.leaf.NotAfter.UTC()}
	l.Leaf.Earlier = slices.Contains(t.Earlier, l.Leaf.Thumbprint) && l.Leaf.Thumbprint != t.Thumbprint
	switch {
	case cfg.Now().After(a.leaf.NotAfter):
		l.Finding = cert.EdgeExpired
	case l.Visitor && len(cdn) > 0 && !slices.ContainsFunc(cdn, func(raw []byte) bool { return bytes.Equal(raw, a.leaf.Raw) }):
		l.Finding = cert.EdgeElsewhere
	case a.leaf.VerifyHostname(l.Domain) != nil:
		l.Finding = cert.EdgeNotCovered
	case !isSame(t, a.leaf, comparable):
		l.Finding = cert.EdgeOther
	default:
		l.Finding, l.Why = cert.EdgeServed, ""
		if why := a.untrusted(cfg); why != "" {
			l.Finding, l.Why = cert.EdgeUntrusted, why
		}
	}
}

// untrusted returns why the chain is not trusted; "" when it is.
func (a *ask) untrusted(cfg Config) string {
	between := x509.NewCertPool()
	for _, c := range a.rest {
		between.AddCert(c)
	}
	_, err := a.leaf.Verify(x509.VerifyOptions{Roots: cfg.Roots, Intermediates: between, CurrentTime: cfg.Now()})
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &unknown) && a.leaf.CheckSignature(a.leaf.SignatureAlgorithm, a.leaf.RawTBSCertificate, a.leaf.Signature) == nil:
		return "it is self-signed"
	case errors.As(err, &unknown) && len(a.rest) == 0:
		return "the server sends no intermediate certificate"
	case errors.As(err, &unknown):
		return "no authority that is trusted here signed it"
	default:
		return strings.TrimPrefix(err.Error(), "x509: ")
	}
}

var fingerprint = regexp.MustCompile(`^[0-9A-F]{40}$`)

// hasForm reports whether a thumbprint of the API has the form that its documents show. One
// in another form equals nothing.
func hasForm(api string) bool { return fingerprint.MatchString(api) }

// matches reports whether the thumbprint of what was served is one that the API names, or did.
func (a *ask) matches(t Target) bool {
	return a.leaf != nil && (t.Thumbprint == thumbprint(a.leaf) || slices.Contains(t.Earlier, thumbprint(a.leaf)))
}

func thumbprint(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw) //nolint:gosec // see the import
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// isSame reports whether the served certificate is the one that the API names. Where
// thumbprints can't be compared, the day of its expiry decides.
func isSame(t Target, leaf *x509.Certificate, comparable bool) bool {
	if comparable && hasForm(t.Thumbprint) {
		return t.Thumbprint == thumbprint(leaf)
	}
	return leaf.NotAfter.Sub(t.Expires).Abs() < 24*time.Hour
}
