// Package dns asks DNS for records, and says what each server answers: the zone's own
// servers where they can be found, else a resolver. It decides nothing about
// certificates and believes no answer further than it goes. It starts no goroutine; it
// may be used by several.
package dns

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
)

// Config is where questions go, and how many.
type Config struct {
	Resolvers  []string // HOST:PORT, in the order they are asked
	Direct     bool     // ask the servers of the record's zone, found with the resolvers
	Dial       func(ctx context.Context, network, address string) (net.Conn, error)
	Timeout    time.Duration // for one question and its answer
	MaxQueries int           // of all records together
}

// Checker looks records up.
type Checker struct {
	cfg   Config
	asked atomic.Int64
	zones sync.Map // of functions that return the servers of a zone, by name
	known sync.Map // of *health, by address of a server
}

// New returns a checker that has asked nothing yet.
func New(cfg Config) *Checker { return &Checker{cfg: cfg} }

// Queries counts the questions asked so far.
func (c *Checker) Queries() int { return min(int(c.asked.Load()), c.cfg.MaxQueries) }

// Check looks a record up: at its name, and where it is not there at another name at
// which the CA takes it.
func (c *Checker) Check(ctx context.Context, r cert.Record) cert.Lookup {
	l := c.lookup(ctx, r, r.Name)
	if other := r.Elsewhere(); other != "" && l.Result.Answers() && l.Result != cert.Found {
		if o := c.lookup(ctx, r, other); o.Result == cert.Found {
			return o
		}
	}
	return l
}

// lookup asks for a record at a name: every server of the zone, and a resolver where none
// of them says anything, as behind a wall that lets no question out.
func (c *Checker) lookup(ctx context.Context, r cert.Record, host string) cert.Lookup {
	l := cert.Lookup{Name: host}
	if !isHost(host) {
		l.Result, l.Why = cert.Failed, "the name is none that can be asked for"
		return l
	}
	q := questionOf(r, host)
	if c.cfg.Direct { // every server of the zone
		zone, servers, err := c.servers(ctx, q.name)
		if err != nil {
			l.Why = "the zone's own servers could not be found: " + err.Error()
		}
		l.Zone = name(zone)
		for _, s := range servers {
			l.Servers = append(l.Servers, c.opinion(ctx, s, q))
		}
	}
	if l.Result = agreed(l.Servers); l.Result.Answers() {
		return l
	}
	if len(l.Servers) > 0 {
		l.Why = "none of the zone's own servers says anything of it"
	}
	for _, address := range c.cfg.Resolvers { // until one says something
		a := c.opinion(ctx, server{name: address, address: address, resolver: true}, q)
		l.Servers = append(l.Servers, a)
		if a.Result.Answers() {
			break
		}
	}
	l.Result = agreed(l.Servers)
	return l
}

// agreed is what those servers say that say something; where none does, why.
func agreed(all []cert.ServerAnswer) cert.LookupResult {
	answers := slices.DeleteFunc(slices.Clone(all), func(a cert.ServerAnswer) bool { return !a.Result.Answers() })
	switch {
	case slices.ContainsFunc(answers, func(a cert.ServerAnswer) bool {
		return a.Result != answers[0].Result || !slices.Equal(a.Values, answers[0].Values)
	}):
		return cert.Disagree
	case len(answers) > 0:
		return answers[0].Result
	case len(all) > 0:
		return all[len(all)-1].Result
	default:
		return cert.NoAnswer
	}
}

// port is where servers listen.
const port = "53"

// System returns the resolvers that a file like /etc/resolv.conf names, in its order.
func System(file string) ([]string, error) {
	c, err := dns.ClientConfigFromFile(file)
	if err != nil {
		return nil, err
	}
	if len(c.Servers) == 0 {
		return nil, fmt.Errorf("%s names no server", file)
	}
	for i, s := range c.Servers {
		c.Servers[i] = net.JoinHostPort(s, port)
	}
	return c.Servers, nil
}

// Address returns the HOST:PORT of a server that was named as HOST, [HOST] or HOST:PORT.
func Address(text string) (string, error) {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text += ":" + port
	}
	host, at, err := net.SplitHostPort(text)
	if ip := net.ParseIP(text); err != nil || ip != nil {
		host, at = text, port
	}
	if n, err := strconv.ParseUint(at, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("%q is no port", at)
	}
	if net.ParseIP(host) == nil && !isHost(host) {
		return "", fmt.Errorf("%q is no address and no name", host)
	}
	return net.JoinHostPort(host, at), nil
}
