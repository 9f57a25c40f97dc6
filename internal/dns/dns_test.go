package dns

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/cert"
)

// servers of example.com, at the addresses of first and second.
const delegation = `
@ NS ns1
@ NS ns2
ns1 A 192.0.2.1
ns2 A 192.0.2.2
`

var (
	txt   = cert.Record{Name: "shop.example.com", Type: "TXT", Value: "token"}
	alias = cert.Record{Name: "_tok.shop.example.com", Type: "CNAME", Value: "dcv.digicert.com"}
)

// both is the answer that both servers of the zone give.
func both(a cert.ServerAnswer) []cert.ServerAnswer {
	one, two := a, a
	one.Server, two.Server = "ns1.example.com", "ns2.example.com"
	return []cert.ServerAnswer{one, two}
}

// TestWhatServersAgreeOn: every server of the zone has the same records, and says the
// same of them.
func TestWhatServersAgreeOn(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	for what, c := range map[string]struct {
		record cert.Record
		zone   string
		want   cert.ServerAnswer
	}{
		"found":                         {txt, `shop TXT "token"`, cert.ServerAnswer{Result: cert.Found}},
		"among others":                  {txt, "shop TXT \"v=spf1 -all\"\nshop TXT \"token\"", cert.ServerAnswer{Result: cert.Found}},
		"in other letters":              {txt, `SHOP TXT "token"`, cert.ServerAnswer{Result: cert.Found}},
		"a value in other letters":      {txt, `shop TXT "TOKEN"`, cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"TOKEN"}}},
		"in two strings":                {txt, `shop TXT "to" "ken"`, cert.ServerAnswer{Result: cert.Found}},
		"in two records":                {txt, "shop TXT \"to\"\nshop TXT \"ken\"", cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"ken", "to"}}},
		"in quotes of its own":          {txt, `shop TXT "\"token\""`, cert.ServerAnswer{Result: cert.OtherValue, Values: []string{`"token"`}}},
		"of many bytes":                 {cert.Record{Name: "shop.example.com", Type: "TXT", Value: long}, `shop TXT "` + long[:255] + `" "` + long[255:] + `"`, cert.ServerAnswer{Result: cert.Found}},
		"of strange bytes":              {cert.Record{Name: "shop.example.com", Type: "TXT", Value: "\"\\\x00\xff\n"}, `shop TXT "\"\\\000\255\010"`, cert.ServerAnswer{Result: cert.Found}},
		"too long for UDP":              {txt, `shop TXT "token"` + "\n" + strings.Repeat(`shop TXT "`+strings.Repeat("y", 250)+"\"\n", 1) + `shop TXT "` + strings.Repeat("z", 250) + `"`, cert.ServerAnswer{Result: cert.Found}},
		"absent":                        {txt, `shop A 192.0.2.9`, cert.ServerAnswer{Result: cert.Absent}},
		"absent above another name":     {txt, `www.shop A 192.0.2.9`, cert.ServerAnswer{Result: cert.Absent}},
		"no such name":                  {txt, `www A 192.0.2.9`, cert.ServerAnswer{Result: cert.NoSuchName}},
		"at the apex":                   {cert.Record{Name: "example.com", Type: "TXT", Value: "token"}, `@ TXT "token"`, cert.ServerAnswer{Result: cert.Found}},
		"over an alias":                 {txt, "shop CNAME a\na CNAME b\nb TXT \"token\"", cert.ServerAnswer{Result: cert.Found, Via: []string{"a.example.com", "b.example.com"}}},
		"over an alias to another zone": {txt, "shop CNAME x.example.net.", cert.ServerAnswer{Result: cert.Found, Via: []string{"x.example.net"}}},
		"over an alias, another value":  {txt, "shop CNAME a\na TXT \"other\"", cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"other"}, Via: []string{"a.example.com"}}},
		"an alias to nothing":           {txt, "shop CNAME x.gone.example.net.", cert.ServerAnswer{Result: cert.NoSuchName, Via: []string{"x.gone.example.net"}}},
		"an alias to somewhere lame":    {txt, "shop CNAME x.broken.example.", cert.ServerAnswer{Result: cert.Failed, Via: []string{"x.broken.example"}, Err: "x.broken.example: " + system + ": it answers SERVFAIL"}},
		"a circle":                      {txt, "shop CNAME a\na CNAME b\nb CNAME shop", cert.ServerAnswer{Result: cert.Looped, Via: []string{"a.example.com", "b.example.com", "shop.example.com"}}},
		"its own alias":                 {txt, "shop CNAME shop", cert.ServerAnswer{Result: cert.Looped, Via: []string{"shop.example.com"}}},
		"aliases without end": {txt, "shop CNAME a0\na0 CNAME a1\na1 CNAME a2\na2 CNAME a3\na3 CNAME a4\na4 CNAME a5\na5 CNAME a6\na6 CNAME a7\na7 CNAME a8\na8 TXT \"token\"",
			cert.ServerAnswer{Result: cert.Looped, Via: []string{"a0.example.com", "a1.example.com", "a2.example.com", "a3.example.com", "a4.example.com", "a5.example.com", "a6.example.com", "a7.example.com", "a8.example.com"}}},

		"CNAME found":               {alias, "_tok.shop CNAME DCV.digicert.com.", cert.ServerAnswer{Result: cert.Found}},
		"CNAME with another target": {alias, "_tok.shop CNAME dcv.example.net.", cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"dcv.example.net"}}},
		"CNAME over another": {alias, "_tok.shop CNAME a\na CNAME dcv.digicert.com.",
			cert.ServerAnswer{Result: cert.Found, Via: []string{"a.example.com"}}},
		"CNAME over another zone":        {alias, "_tok.shop CNAME to.example.net.", cert.ServerAnswer{Result: cert.Found, Via: []string{"to.example.net"}}},
		"CNAME to something unreachable": {alias, "_tok.shop CNAME x.broken.example.", cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"x.broken.example"}}},
		"CNAME in a circle":              {alias, "_tok.shop CNAME a\na CNAME _tok.shop", cert.ServerAnswer{Result: cert.Looped, Via: []string{"a.example.com", "_tok.shop.example.com"}}},
		"no CNAME":                       {alias, "_tok.shop TXT \"dcv.digicert.com\"", cert.ServerAnswer{Result: cert.Absent}},
		"no such CNAME":                  {alias, "", cert.ServerAnswer{Result: cert.NoSuchName}},
		"CNAME with an unknown target": {cert.Record{Name: "_tok.shop.example.com", Type: "CNAME"}, "_tok.shop CNAME a.example.net.",
			cert.ServerAnswer{Result: cert.Present, Values: []string{"a.example.net"}}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			n := newInternet(t)
			z := zoneFrom(t, "example.com.", delegation+c.zone)
			n.serve(first, z.serve)
			n.serve(second, z.serve)
			n.serve(system, resolver(z, zoneFrom(t, "com.", ""), zoneFrom(t, "example.net.", "x TXT \"token\"\nto CNAME dcv.digicert.com.")))
			want := cert.Lookup{Result: c.want.Result, Name: c.record.Name, Zone: "example.com", Servers: both(c.want)}
			if !c.want.Result.Answers() { // the resolver does not know better
				want.Why = "none of the zone's own servers says anything of it"
				want.Servers = append(want.Servers, cert.ServerAnswer{})
				want.Servers[2] = cert.ServerAnswer{Server: system, Result: cert.Failed, Err: "it answers SERVFAIL"}
			}
			if d := cmp.Diff(want, New(n.config()).Check(t.Context(), c.record)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestWhatServersDoNotAgreeOn: the second server does as it likes.
func TestWhatServersDoNotAgreeOn(t *testing.T) {
	t.Parallel()
	good := zoneFrom(t, "example.com.", delegation+`shop TXT "token"`)
	zone := func(text string) dns.HandlerFunc { return zoneFrom(t, "example.com.", delegation+text).serve }
	for what, c := range map[string]struct {
		serve dns.HandlerFunc
		wrap  int // packets that are waited for; 0: as many as come
		want  cert.LookupResult
		says  cert.ServerAnswer
	}{
		"absent":        {serve: zone(`shop A 192.0.2.9`), want: cert.Disagree, says: cert.ServerAnswer{Result: cert.Absent}},
		"other value":   {serve: zone(`shop TXT "old"`), want: cert.Disagree, says: cert.ServerAnswer{Result: cert.OtherValue, Values: []string{"old"}}},
		"no such name":  {serve: zone(``), want: cert.Disagree, says: cert.ServerAnswer{Result: cert.NoSuchName}},
		"SERVFAIL":      {serve: rcode(dns.RcodeServerFailure), want: cert.Found, says: cert.ServerAnswer{Result: cert.Failed, Err: "it answers SERVFAIL"}},
		"REFUSED":       {serve: rcode(dns.RcodeRefused), want: cert.Found, says: cert.ServerAnswer{Result: cert.Failed, Err: "it answers REFUSED"}},
		"unknown error": {serve: rcode(13), want: cert.Found, says: cert.ServerAnswer{Result: cert.Failed, Err: "it answers error 13"}},
		"lame": {serve: changed(good, func(in *dns.Msg) { in.Authoritative = false }), want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: errLame.Error()}},
		"silent": {serve: func(dns.ResponseWriter, *dns.Msg) {}, wrap: -1, want: cert.Found,
			says: cert.ServerAnswer{Result: cert.NoAnswer, Err: "no answer within 1m0s"}},
		"not there": {want: cert.Found, says: cert.ServerAnswer{Result: cert.NoAnswer, Err: "no answer: connection refused"}},
		"answers to other ids": {serve: changed(good, func(in *dns.Msg) { in.Id++ }), wrap: 1, want: cert.Found,
			says: cert.ServerAnswer{Result: cert.NoAnswer, Err: "no answer within 1m0s"}},
		"answers to another name": {serve: changed(good, func(in *dns.Msg) { in.Question[0].Name = "www.example.com." }), want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: errForeign.Error()}},
		"answers to another type": {serve: changed(good, func(in *dns.Msg) { in.Question[0].Qtype = dns.TypeA }), want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: errForeign.Error()}},
		"repeats the question": {serve: changed(good, func(in *dns.Msg) { in.Response = false }), want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: errForeign.Error()}},
		"answers without a question": {serve: changed(good, func(in *dns.Msg) { in.Question = nil }), want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: errForeign.Error()}},
		"lies about another name": {serve: changed(zoneFrom(t, "example.com.", "shop A 192.0.2.9"), func(in *dns.Msg) {
			in.Answer = good.answer(new(dns.Msg).SetQuestion("shop.example.com.", dns.TypeTXT)).Answer
			in.Answer = []dns.RR{dns.Copy(in.Answer[0])}
			in.Answer[0].Header().Name = "evil.example.com."
		}), want: cert.Found, says: cert.ServerAnswer{Result: cert.Failed, Err: errOthers.Error()}},
		"answers in another class": {serve: changed(good, func(in *dns.Msg) {
			in.Answer = []dns.RR{dns.Copy(in.Answer[0])}
			in.Answer[0].Header().Class = dns.ClassCHAOS
		}), want: cert.Found, says: cert.ServerAnswer{Result: cert.Failed, Err: errOthers.Error()}},
		"denies what it shows": {serve: changed(good, func(in *dns.Msg) { in.Rcode = dns.RcodeNameError }), want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: errBoth.Error()}},
		"refers to others": {serve: changed(good, func(in *dns.Msg) {
			in.Answer, in.Ns = nil, []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: "shop.example.com.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "ns.example.net."}}
		}), want: cert.Found, says: cert.ServerAnswer{Result: cert.Failed, Err: errReferral.Error()}},
		"a name that is its own end": {serve: curled, want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: "the answer can't be read: dns: too many compression pointers"}},
		"a header without the rest": {serve: func(w dns.ResponseWriter, q *dns.Msg) {
			raw, _ := new(dns.Msg).SetReply(q).Pack()
			_, _ = w.Write(raw[:14])
		}, want: cert.Found, says: cert.ServerAnswer{Result: cert.Failed, Err: "the answer can't be read: dns: buffer size too small"}},
		"truncated, whatever it is asked over": {serve: changed(good, func(in *dns.Msg) { in.Truncated, in.Answer = true, nil }), want: cert.Found,
			says: cert.ServerAnswer{Result: cert.Failed, Err: "truncated over TCP too"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			n := newInternet(t)
			n.serve(first, good.serve)
			if c.serve != nil {
				n.serve(second, c.serve)
			}
			if c.wrap != 0 {
				n.wrap[second] = impatient(max(c.wrap, 0))
			}
			n.serve(system, resolver(good))
			c.says.Server = "ns2.example.com"
			want := cert.Lookup{Result: c.want, Name: txt.Name, Zone: "example.com",
				Servers: []cert.ServerAnswer{{Server: "ns1.example.com", Result: cert.Found}, c.says}}
			if d := cmp.Diff(want, New(n.config()).Check(t.Context(), txt)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestAZoneIsBelievedAboutItselfAlone: what its servers add about another zone is asked of
// a resolver, which the CA may be one of.
func TestAZoneIsBelievedAboutItselfAlone(t *testing.T) {
	t.Parallel()
	z := zoneFrom(t, "example.com.", delegation+"shop CNAME end.example.net.")
	liar := changed(z, func(in *dns.Msg) {
		in.Answer = append(in.Answer, &dns.TXT{Hdr: dns.RR_Header{Name: "end.example.net.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{"token"}})
	})
	n := newInternet(t)
	n.serve(first, liar)
	n.serve(second, liar)
	n.serve(system, resolver(z, zoneFrom(t, "example.net.", `end TXT "other"`)))
	if got := New(n.config()).Check(t.Context(), txt); got.Result != cert.OtherValue {
		t.Errorf("%+v", got)
	}
}

// TestAddressesOfThisMachineAreNoServers: a zone may name what it likes, and has nobody ask
// this machine or its own wire.
func TestAddressesOfThisMachineAreNoServers(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"A 127.0.0.1", "A 0.0.0.0", "A 169.254.169.254", "A 224.0.0.251", "A 255.255.255.255", "AAAA ::1", "AAAA ::", "AAAA fe80::1", "AAAA ff02::fb", "AAAA ::ffff:127.0.0.1"} {
		z := zoneFrom(t, "example.com.", "@ SOA ns root 1 2 3 4 5\n@ NS ns\nns "+address)
		n := newInternet(t)
		n.serve(system, resolver(z))
		New(n.config()).Check(t.Context(), txt)
		for _, dialed := range n.dials {
			if !strings.Contains(dialed, system) {
				t.Errorf("%s: %s was asked", address, dialed)
			}
		}
	}
}
