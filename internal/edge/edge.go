// Package edge looks at the certificates that the CDN serves. A TLS handshake with the
// CDN host of each deployment, and one with the domain's own address, show what visitors
// get; nothing is sent after a handshake. What is found decides no write.
package edge

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"slices"
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
			a.look.Finding, a.look.Why = cert.EdgeNotChecked, "no CDN host answered"
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
