package dns

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestAResolverIsAskedWhereTheZoneSaysNothing.
func TestAResolverIsAskedWhereTheZoneSaysNothing(t *testing.T) {
	t.Parallel()
	good := zoneFrom(t, "example.com.", delegation+`shop TXT "token"`)
	for what, c := range map[string]struct {
		system dns.HandlerFunc
		zone   string
		why    string
		last   cert.ServerAnswer
	}{
		"no question gets out": {resolver(good), "example.com", "none of the zone's own servers says anything of it",
			cert.ServerAnswer{Server: system, Result: cert.Found}},
		"the zone's servers have no address": {resolver(zoneFrom(t, "example.com.", "@ NS ns1\nshop TXT \"token\"")), "",
			"the zone's own servers could not be found: none of the 1 servers of example.com has an address",
			cert.ServerAnswer{Server: system, Result: cert.Found}},
		"the zone names this machine, and this wire": {resolver(zoneFrom(t, "example.com.", "@ NS ns1\n@ NS ns2\n@ NS ns3\nns1 A 127.0.0.1\nns1 AAAA ::1\nns2 A 169.254.169.254\nns3 AAAA ::ffff:127.0.0.1\nshop TXT \"token\"")), "",
			"the zone's own servers could not be found: none of the 3 servers of example.com has an address",
			cert.ServerAnswer{Server: system, Result: cert.Found}},
		"the zone names nobody": {resolver(zoneFrom(t, "example.com.", `shop TXT "token"`)), "",
			"the zone's own servers could not be found: example.com names no servers",
			cert.ServerAnswer{Server: system, Result: cert.Found}},
		"the zone is broken": {but(resolver(zoneFrom(t, "com.", "")), "example.com.", dns.RcodeServerFailure), "",
			"the zone's own servers could not be found: " + system + ": it answers SERVFAIL",
			cert.ServerAnswer{Server: system, Result: cert.Failed, Err: "it answers SERVFAIL"}},
		"the resolver knows no zone": {func(w dns.ResponseWriter, q *dns.Msg) { _ = w.WriteMsg(new(dns.Msg).SetReply(q)) }, "",
			"the zone's own servers could not be found: there is no zone above the name",
			cert.ServerAnswer{Server: system, Result: cert.Absent}},
		"the resolver names a zone that is not above it": {func(w dns.ResponseWriter, q *dns.Msg) {
			in := new(dns.Msg).SetReply(q)
			in.Ns = zoneFrom(t, "evil.example.", "").rrs
			_ = w.WriteMsg(in)
		}, "", "the zone's own servers could not be found: there is no zone above the name",
			cert.ServerAnswer{Server: system, Result: cert.Absent}},
		"the resolver is not there": {nil, "", "the zone's own servers could not be found: " + system + ": no answer: connection refused",
			cert.ServerAnswer{Server: system, Result: cert.NoAnswer, Err: "no answer: connection refused"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			n := newInternet(t)
			if c.system != nil {
				n.serve(system, c.system)
			}
			got := New(n.config()).Check(t.Context(), txt)
			if last := got.Servers[len(got.Servers)-1]; got.Zone != c.zone || got.Why != c.why || got.Result != c.last.Result || !cmp.Equal(last, c.last) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// but lets a resolver fail for all of a zone.
func but(h dns.HandlerFunc, apex string, code int) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if dns.IsSubDomain(apex, dns.CanonicalName(q.Question[0].Name)) {
			rcode(code)(w, q)
			return
		}
		h(w, q)
	}
}

// TestAChosenResolverIsTheOnlyOneAsked, and the next one only where the first says nothing.
func TestAChosenResolverIsTheOnlyOneAsked(t *testing.T) {
	t.Parallel()
	z := zoneFrom(t, "example.com.", delegation+`shop TXT "token"`)
	n := newInternet(t)
	n.serve(first, z.serve)
	n.serve(second, rcode(dns.RcodeRefused))
	n.serve(system, resolver(z))
	cfg := n.config()
	cfg.Direct, cfg.Resolvers = false, []string{second, first, system}
	got := New(cfg).Check(t.Context(), txt)
	want := cert.Lookup{Result: cert.Found, Name: txt.Name, Servers: []cert.ServerAnswer{
		{Server: second, Result: cert.Failed, Err: "it answers REFUSED"}, {Server: first, Result: cert.Found}}}
	if d := cmp.Diff(want, got); d != "" || n.asked("udp", system) != 0 {
		t.Error(d, n.dials)
	}
	cfg.Resolvers = nil
	if got := New(cfg).Check(t.Context(), txt); got.Result != cert.NoAnswer {
		t.Errorf("without a resolver: %+v", got)
	}
}

// TestTheOtherNameCounts: the CA takes a TXT record there too.
func TestTheOtherNameCounts(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		zone, name string
		want       cert.LookupResult
	}{
		"there alone":        {`_dnsauth.shop TXT "token"`, "_dnsauth.shop.example.com", cert.Found},
		"there too":          {"shop TXT \"token\"\n_dnsauth.shop TXT \"token\"", "shop.example.com", cert.Found},
		"an old one there":   {"shop TXT \"v=spf1 -all\"\n_dnsauth.shop TXT \"old\"", "shop.example.com", cert.OtherValue},
		"an old one instead": {"shop TXT \"old\"\n_dnsauth.shop TXT \"token\"", "_dnsauth.shop.example.com", cert.Found},
	} {
		n := newInternet(t)
		n.serve(system, resolver(zoneFrom(t, "example.com.", c.zone)))
		cfg := n.config()
		cfg.Direct = false
		if got := New(cfg).Check(t.Context(), txt); got.Result != c.want || got.Name != c.name {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// TestATruncatedAnswerIsAskedForOverTCP, and one that does not come there is no answer.
func TestATruncatedAnswerIsAskedForOverTCP(t *testing.T) {
	t.Parallel()
	z := zoneFrom(t, "example.com.", `shop TXT "token"`+"\n"+`shop TXT "`+strings.Repeat("y", 250)+"\"\n"+`shop TXT "`+strings.Repeat("z", 250)+`"`)
	n := newInternet(t)
	n.serve(system, z.serve)
	cfg := n.config()
	cfg.Direct = false
	c := New(cfg)
	if got := c.Check(t.Context(), txt); got.Result != cert.Found || n.asked("tcp", system) != 1 || c.Queries() != 2 {
		t.Errorf("%+v after %v", got, n.dials)
	}
	cfg.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if network == "tcp" {
			address = "nobody:53"
		}
		return n.dial(ctx, network, address)
	}
	want := []cert.ServerAnswer{{Server: system, Result: cert.NoAnswer, Err: "truncated over UDP; over TCP no answer: connection refused"}}
	if d := cmp.Diff(want, New(cfg).Check(t.Context(), txt).Servers); d != "" {
		t.Error(d)
	}
}

// TestNoMoreQueriesThanAllowed, and what is not asked says so.
func TestNoMoreQueriesThanAllowed(t *testing.T) {
	t.Parallel()
	z := zoneFrom(t, "example.com.", delegation)
	n := newInternet(t)
	n.serve(first, z.serve)
	n.serve(second, z.serve)
	n.serve(system, resolver(z))
	for most := range 12 {
		cfg := n.config()
		cfg.MaxQueries = most
		n.dials = nil
		c := New(cfg)
		var last cert.Lookup
		for i := range 10 {
			last = c.Check(t.Context(), cert.Record{Name: fmt.Sprintf("h%d.example.com", i), Type: "TXT", Value: "token"})
		}
		if len(n.dials) != most || c.Queries() != most || last.Result != cert.NotAsked {
			t.Errorf("%d of %d queries, %+v", len(n.dials), most, last)
		}
	}
}

// TestWhenTheTimeIsUp: what is not asked any more is no question, and says so; nor has a server been silent that had
// less time than a question has.
func TestWhenTheTimeIsUp(t *testing.T) {
	t.Parallel()
	n := newInternet(t)
	n.serve(system, func(dns.ResponseWriter, *dns.Msg) {})
	cfg := n.config()
	cfg.Direct, cfg.Timeout = false, time.Minute
	for left, want := range map[time.Duration]cert.ServerAnswer{
		0:                     {Server: system, Result: cert.NotAsked, Err: "there was no time left"},
		20 * time.Millisecond: {Server: system, Result: cert.NoAnswer, Err: "no answer before the time for DNS was over"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), left)
		c := New(cfg)
		if got := c.Check(ctx, txt); !cmp.Equal(got.Servers, []cert.ServerAnswer{want}) || c.Queries() != len(n.dials) {
			t.Errorf("%s left: %+v, %d questions", left, got, c.Queries())
		}
		cancel()
		n.dials = nil
	}
}

// TestASilentServerIsGivenUp: whoever never answered is not asked for ever.
func TestASilentServerIsGivenUp(t *testing.T) {
	t.Parallel()
	z := zoneFrom(t, "example.com.", delegation)
	n := newInternet(t)
	n.serve(first, z.serve)
	n.serve(second, func(dns.ResponseWriter, *dns.Msg) {})
	n.wrap[second] = impatient(0)
	n.serve(system, resolver(z))
	c := New(n.config())
	for i := range mostSilences + 4 {
		r := cert.Record{Name: fmt.Sprintf("h%d.example.com", i), Type: "TXT", Value: "token"}
		if got := c.Check(t.Context(), r); len(got.Servers) != 2 || got.Servers[1].Result != cert.NoAnswer {
			t.Errorf("%+v", got)
		}
	}
	if n.asked("udp", second) != 2*mostSilences {
		t.Errorf("asked %d times", n.asked("udp", second))
	}
}

// TestSilenceAboutSomeNamesIsNotDeath: a resolver that waits in vain for the servers of
// some names still knows of others.
func TestSilenceAboutSomeNamesIsNotDeath(t *testing.T) {
	t.Parallel()
	z := zoneFrom(t, "example.com.", `ok TXT "token"`)
	n := newInternet(t)
	answers := resolver(z)
	n.serve(system, func(w dns.ResponseWriter, q *dns.Msg) {
		if strings.HasPrefix(q.Question[0].Name, "ok.") {
			answers(w, q)
		}
	})
	n.wrap[system] = func(c net.Conn) net.Conn {
		return &unless{impatience{c.(*net.UDPConn), 0}, []byte("\x02ok\x07example")}
	}
	cfg := n.config()
	cfg.Direct = false
	c := New(cfg)
	ok := cert.Record{Name: "ok.example.com", Type: "TXT", Value: "token"}
	for i := range 3 * mostSilences {
		if i == mostSilences/2 {
			if got := c.Check(t.Context(), ok); got.Result != cert.Found {
				t.Errorf("%+v", got)
			}
		}
		c.Check(t.Context(), cert.Record{Name: fmt.Sprintf("h%d.example.com", i), Type: "TXT", Value: "token"})
	}
	if got := c.Check(t.Context(), ok); got.Result != cert.Found {
		t.Errorf("%+v", got)
	}
}

// unless is silent but for questions that hold some bytes.
type unless struct {
	impatience
	holds []byte
}

func (u *unless) Write(p []byte) (int, error) {
	if bytes.Contains(p, u.holds) {
		u.left = 1
	}
	return u.impatience.Write(p)
}

// TestTheRunEndsWhileAServerIsSilent: nobody waits for it, and it is not called silent.
func TestTheRunEndsWhileAServerIsSilent(t *testing.T) {
	t.Parallel()
	n := newInternet(t)
	ctx, cancel := context.WithCancel(t.Context())
	n.serve(system, func(dns.ResponseWriter, *dns.Msg) { cancel() })
	cfg := n.config()
	cfg.Timeout = time.Hour
	c := New(cfg)
	if got := c.Check(ctx, txt); got.Result != cert.NotAsked { // its zone was asked for
		t.Errorf("%+v", got)
	}
	known, _ := c.known.Load(system)
	if known.(*health).silences.Load() > 0 {
		t.Error("the server is called silent")
	}
}

// TestSideBySide finds a zone once, however many ask for it.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	z := zoneFrom(t, "example.com.", delegation)
	n := newInternet(t)
	n.serve(first, z.serve)
	n.serve(second, z.serve)
	n.serve(system, resolver(z))
	c := New(n.config())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			r := cert.Record{Name: fmt.Sprintf("h%d.example.com", i), Type: "TXT", Value: "token"}
			if got := c.Check(t.Context(), r); got.Result != cert.NoSuchName || len(got.Servers) != 2 {
				t.Errorf("%+v", got)
			}
		})
	}
	all.Wait()
	const soa, other, servers, found = 1, 1, 2, 3
	if got, want := c.Queries(), 20*(soa+servers)+20*(soa+servers)*other+found; got != want {
		t.Errorf("%d queries, want %d", got, want)
	}
}

// TestNamesThatCannotBeAskedFor reach nobody.
func TestNamesThatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	n := newInternet(t)
	for _, name := range []string{"", ".", "a..example", "a b.example", "é.example", "a\n.example", `a\.b.example`, strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 130) + "example"} {
		if got := New(n.config()).Check(t.Context(), cert.Record{Name: name, Type: "TXT", Value: "x"}); got.Result != cert.Failed || len(n.dials) > 0 {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

// TestTwoOtherValuesAreADisagreement.
func TestTwoOtherValuesAreADisagreement(t *testing.T) {
	t.Parallel()
	n := newInternet(t)
	for address, value := range map[string]string{first: "one", second: "two", system: "one"} {
		z := zoneFrom(t, "example.com.", delegation+`shop TXT "`+value+`"`)
		n.serve(address, z.serve)
	}
	if got := New(n.config()).Check(t.Context(), txt); got.Result != cert.Disagree || got.Servers[0].Values[0] != "one" || got.Servers[1].Values[0] != "two" {
		t.Errorf("%+v", got)
	}
}
