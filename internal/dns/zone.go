package dns

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
)

// server is whom to ask.
type server struct {
	name, address string
	resolver      bool   // else it must know by itself
	zone          string // all that it is believed about, canonical; "" for everything
}

// knows reports whether what the server says of a name is worth anything: what the servers
// of one zone add about another, a resolver throws away too.
func (s server) knows(name string) bool { return s.zone == "" || dns.IsSubDomain(s.zone, name) }

// mostServers is how many servers of a zone are asked, the first by name.
const mostServers = 6

// servers returns the zone that a name is in, and its own servers, by name, which are looked for once.
func (c *Checker) servers(ctx context.Context, host string) (zone string, all []server, err error) {
	if zone, err = c.zoneOf(ctx, host); err != nil {
		return "", nil, err
	}
	known, _ := c.zones.LoadOrStore(zone, sync.OnceValues(func() ([]server, error) { return c.serversOf(ctx, zone) }))
	if all, err = known.(func() ([]server, error))(); err != nil {
		return "", nil, err
	}
	return zone, all, nil
}

// zoneOf goes up from a name to the zone that holds it. An error may be that of a zone
// that an alias leads to; but the zone of a whole top-level domain is not that of a name
// below it whose own zone fails.
func (c *Checker) zoneOf(ctx context.Context, host string) (string, error) {
	var failed error
	for _, i := range dns.Split(host) {
		at := host[i:]
		if failed != nil && (kindOf(failed) != cert.Failed || dns.CountLabel(at) == 1) {
			return "", failed
		}
		in, err := c.recurse(ctx, at, dns.TypeSOA)
		if err != nil {
			failed = err
		} else if zone := authority(in, at); zone != "" && zone != "." {
			return zone, nil
		}
	}
	return "", cmp.Or(failed, errNoZone)
}

// authority returns the owner of the record that every zone begins with, where it can be
// that of a name: in the answer itself, or beside an answer that there is none.
func authority(in *dns.Msg, at string) string {
	if _, alias := read(in, at, dns.TypeSOA); alias != "" {
		return "" // what else there is belongs to where it leads
	}
	for _, rr := range slices.Concat(in.Answer, in.Ns) {
		if owner := dns.CanonicalName(rr.Header().Name); rr.Header().Rrtype == dns.TypeSOA && dns.IsSubDomain(owner, at) {
			return owner
		}
	}
	return ""
}

// serversOf returns the servers that a zone names, with an address of each.
func (c *Checker) serversOf(ctx context.Context, zone string) ([]server, error) {
	in, err := c.recurse(ctx, zone, dns.TypeNS)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, rr := range in.Answer {
		if ns, ok := rr.(*dns.NS); ok && dns.CanonicalName(ns.Hdr.Name) == zone {
			names = append(names, dns.CanonicalName(ns.Ns))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var all []server
	for _, n := range names[:min(len(names), mostServers)] {
		if address, ok := c.lookupAddress(ctx, n); ok {
			all = append(all, server{name: name(n), address: net.JoinHostPort(address.String(), port), zone: zone})
		}
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%s names no servers", name(zone))
	case len(all) == 0:
		return nil, fmt.Errorf("none of the %d servers of %s has an address", len(names), name(zone))
	}
	return all, nil
}

// lookupAddress returns where a server can be reached. A zone may name what it likes, so that
// an address of this machine or of its own wire is none.
func (c *Checker) lookupAddress(ctx context.Context, host string) (netip.Addr, bool) {
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		in, err := c.recurse(ctx, host, kind)
		if err != nil {
			continue
		}
		for _, rr := range in.Answer {
			var ip net.IP
			switch rr := rr.(type) {
			case *dns.A:
				ip = rr.A
			case *dns.AAAA:
				ip = rr.AAAA
			}
			if a, ok := netip.AddrFromSlice(ip); ok && a.IsGlobalUnicast() {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}

// recurse asks one resolver after the other until one has an answer.
func (c *Checker) recurse(ctx context.Context, name string, kind uint16) (in *dns.Msg, err error) {
	err = errNoResolver
	for _, address := range c.cfg.Resolvers {
		if in, err = c.ask(ctx, address, name, kind, true); err == nil {
			return in, nil
		}
		err = fmt.Errorf("%s: %w", address, err)
	}
	return nil, err
}
