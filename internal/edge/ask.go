package edge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// ask is one handshake, before and after it.
type ask struct {
	target int
	look   cert.EdgeLook
	host   string // whose addresses are asked; "" when there is nothing to ask
	made   bool   // the name was made up below a wildcard
	tried  bool   // a connection was attempted
	linked bool   // and came about
	leaf   *x509.Certificate
	rest   []*x509.Certificate // that came with it
}

// asksOf lists the handshakes for a target: each domain at each CDN host, then each at its own
// address.
func asksOf(cfg Config, target int, t Target, most int) []*ask {
	names := serverNames(t.Domains)
	names = names[:min(len(names), most)]
	switch {
	case len(t.Deployments) == 0:
		return []*ask{{target: target, look: notChecked("the API names no deployment")}}
	case len(names) == 0:
		return []*ask{{target: target, look: notChecked("none of its domains can be asked for")}}
	}
	var all []*ask
	for _, d := range t.Deployments {
		if !isHost(d.Host) {
			l := notChecked("the API's CDN host is no host name")
			if d.Host == "" {
				l = notChecked("the API names no CDN host yet")
			}
			l.At = cert.EdgeHost{Region: d.Region, Platform: d.Platform}
			all = append(all, &ask{target: target, look: l})
			continue
		}
		for _, name := range names {
			all = append(all, &ask{target: target, host: d.Host, look: cert.EdgeLook{Domain: name, At: d}})
		}
	}
	if cfg.Connect != "" {
		return all
	}
	for _, name := range names {
		all = append(all, &ask{target: target, host: name, made: !slices.Contains(t.Domains, name), look: cert.EdgeLook{Domain: name, Visitor: true}})
	}
	return all
}

func notChecked(why string) cert.EdgeLook {
	return cert.EdgeLook{Finding: cert.EdgeNotChecked, Why: why}
}

// serverNames returns a name to ask for, for each domain: a wildcard's is one below it,
// which is no domain of the list already.
func serverNames(domains []string) []string {
	var names []string
	for _, d := range domains {
		if below, wild := strings.CutPrefix(d, "*."); wild {
			d = "www." + below
		}
		if isHost(d) && !slices.Contains(names, d) {
			names = append(names, d)
		}
	}
	return names
}

var (
	label   = `[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?`
	hostRow = regexp.MustCompile(`^` + label + `(?:\.` + label + `)+$`)
)

// isHost reports whether a text is a host name, and no address, URL or anything else.
func isHost(text string) bool {
	_, err := netip.ParseAddr(text)
	return err != nil && len(text) <= 253 && hostRow.MatchString(text)
}

// run connects and shakes hands.
func (a *ask) run(ctx context.Context, cfg Config) {
	if a.host == "" {
		return
	}
	if ctx.Err() != nil {
		a.look.Finding, a.look.Why = cert.EdgeNotChecked, "the time for looking at the edge was up"
		return
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	conn, err := a.connect(ctx, cfg)
	if a.linked = err == nil; a.linked {
		err = a.shakeHands(ctx, conn)
	}
	if err == nil {
		return
	}
	a.look.Finding, a.look.Why = cert.EdgeNoAnswer, reason(err)
	var refused Refusal
	var dns *net.DNSError
	switch {
	case errors.As(err, &refused):
		a.look.Finding, a.tried = cert.EdgeNotChecked, false
	case a.made && errors.As(err, &dns) && dns.IsNotFound:
		a.look.Finding, a.look.Why, a.tried = cert.EdgeNotChecked, "no such host: the name was made up below a wildcard", false
	case whole.Err() != nil:
		a.look.Finding, a.look.Why = cert.EdgeNotChecked, "the time for looking at the edge was up"
	case ctx.Err() != nil:
		a.look.Why = "no answer in " + cfg.Timeout.String()
	}
}

// Refusal is why a host is not asked. Resolve may return one.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// connect tries the addresses of the host, one after the other.
func (a *ask) connect(ctx context.Context, cfg Config) (net.Conn, error) {
	if cfg.Connect != "" {
		a.tried = true
		return cfg.Dial(ctx, "tcp", cfg.Connect)
	}
	addresses, err := cfg.Resolve(ctx, "ip", a.host)
	if err != nil {
		a.tried = true
		return nil, err
	}
	if !cfg.Inside {
		if addresses = slices.DeleteFunc(addresses, inside); len(addresses) == 0 {
			return nil, Refusal("its name leads to a loopback or private address, which is not asked")
		}
	}
	a.tried = true
	for _, address := range addresses[:min(len(addresses), 3)] {
		var conn net.Conn
		if conn, err = cfg.Dial(ctx, "tcp", net.JoinHostPort(address.Unmap().String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

var shared = netip.MustParsePrefix("100.64.0.0/10") // of carriers, RFC 6598

// inside reports whether an address belongs to this machine or a private network.
func inside(a netip.Addr) bool {
	a = a.Unmap()
	return !a.IsGlobalUnicast() || a.IsPrivate() || shared.Contains(a)
}

// shakeHands takes the certificate and hangs up: nothing is sent after the handshake. The
// chain is judged later, by the clock of the run.
func (a *ask) shakeHands(ctx context.Context, conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	c := tls.Client(conn, &tls.Config{ServerName: a.look.Domain, InsecureSkipVerify: true}) //nolint:gosec // judged by the caller
	if err := c.HandshakeContext(ctx); err != nil {
		return err
	}
	chain := c.ConnectionState().PeerCertificates
	a.leaf, a.rest = chain[0], chain[1:]
	return nil
}

// reason is the part of an error that says what happened, without addresses.
func reason(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host"
	case errors.As(err, &dns):
		return "its name could not be looked up"
	case errors.As(err, &op) && op.Err != nil && op.Op == "dial":
		return innermost(op.Err).Error()
	default:
		return innermost(err).Error()
	}
}

func innermost(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}
