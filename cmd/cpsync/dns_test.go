package main

import (
	"net"
	"strings"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"
)

// serveDNS answers from a zone file, over UDP, until the story ends.
func serveDNS(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: dns FILE")
	}
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	ts.Check(err)
	started := make(chan struct{})
	s := &dns.Server{PacketConn: packets, Handler: fromZone(ts.ReadFile(args[0])), NotifyStartedFunc: func() { close(started) }}
	ended := make(chan error, 1)
	go func() { ended <- s.ActivateAndServe() }()
	select {
	case <-started:
	case err := <-ended:
		ts.Fatalf("the name server ended: %v", err)
	}
	ts.Defer(func() { _ = s.Shutdown() })
	ts.Setenv("DNS", packets.LocalAddr().String())
}

// fromZone is a server that knows the records of a zone file and nothing else.
func fromZone(text string) dns.HandlerFunc {
	var all []dns.RR
	p := dns.NewZoneParser(strings.NewReader(text), ".", "")
	p.SetDefaultTTL(60)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		all = append(all, rr)
	}
	if err := p.Err(); err != nil {
		panic(err)
	}
	return func(w dns.ResponseWriter, q *dns.Msg) {
		in, asked, exists := new(dns.Msg).SetReply(q), q.Question[0], false
		in.Authoritative = true
		for _, rr := range all {
			here := dns.CanonicalName(rr.Header().Name) == dns.CanonicalName(asked.Name)
			exists = exists || here
			if kind := rr.Header().Rrtype; here && (kind == asked.Qtype || kind == dns.TypeCNAME) {
				in.Answer = append(in.Answer, rr)
			}
		}
		if !exists {
			in.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(in)
	}
}
