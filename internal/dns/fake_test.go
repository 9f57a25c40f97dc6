package dns

import (
	"context"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/cpsync/cpsync/internal/patience"
)

// internet is DNS on loopback: real servers, each at an address that only the dialer of
// the test knows. Nothing else can be reached.
type internet struct {
	t     *testing.T
	hosts map[string]string                  // addresses as the program knows them, and where they are
	wrap  map[string]func(net.Conn) net.Conn // what is done to a connection, by address

	mu    sync.Mutex
	dials []string // network and address
}

func newInternet(t *testing.T) *internet {
	return &internet{t: t, hosts: map[string]string{}, wrap: map[string]func(net.Conn) net.Conn{}}
}

// serve answers at an address, over UDP and TCP.
func (n *internet) serve(address string, h dns.HandlerFunc) {
	n.t.Helper()
	packets, stream := listen(n.t)
	n.hosts[address] = stream.Addr().String()
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: h}, {Listener: stream, Handler: h}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() { _ = s.ActivateAndServe() }()
		patience.For(n.t, "a name server to start", started)
		n.t.Cleanup(func() { _ = s.Shutdown() })
	}
}

// listen opens one port for both protocols.
func listen(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 20 {
		stream, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if packets, err := net.ListenPacket("udp", stream.Addr().String()); err == nil {
			return packets, stream
		}
		_ = stream.Close()
	}
	t.Fatal("no port is free for both protocols")
	return nil, nil
}

// dial reaches the servers of the test and nothing else.
func (n *internet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dials = append(n.dials, network+" "+address)
	n.mu.Unlock()
	at, known := n.hosts[address]
	if !known {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, at)
	if wrap := n.wrap[address]; wrap != nil && err == nil {
		conn = wrap(conn)
	}
	return conn, err
}

// asked counts the connections to an address.
func (n *internet) asked(network, address string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := 0
	for _, d := range n.dials {
		if d == network+" "+address {
			count++
		}
	}
	return count
}

// impatient waits for so many packets, and then for nothing: silence without its time.
func impatient(packets int) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn {
		if u, ok := c.(*net.UDPConn); ok {
			return &impatience{u, packets}
		}
		return c
	}
}

type impatience struct {
	*net.UDPConn
	left int
}

func (i *impatience) Read(p []byte) (int, error) {
	if i.left--; i.left < 0 {
		return 0, &net.OpError{Op: "read", Net: "udp", Err: os.ErrDeadlineExceeded}
	}
	return i.UDPConn.Read(p)
}

// zone is what its servers know.
type zone struct {
	apex string
	rrs  []dns.RR
}

// zoneOf reads a zone file; the apex gets its SOA record.
func zoneFrom(t *testing.T, apex, text string) zone {
	t.Helper()
	z := zone{apex: apex}
	p := dns.NewZoneParser(strings.NewReader("@ 60 IN SOA ns."+apex+" root."+apex+" 1 2 3 4 5\n"+text+"\n"), apex, "")
	p.SetDefaultTTL(60)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		z.rrs = append(z.rrs, rr)
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return z
}

// answer is that of a server of the zone.
func (z zone) answer(q *dns.Msg) *dns.Msg {
	in := new(dns.Msg).SetReply(q)
	in.Authoritative = true
	at, kind := dns.CanonicalName(q.Question[0].Name), q.Question[0].Qtype
	for range 20 {
		exists, alias := false, ""
		for _, rr := range z.rrs {
			owner := dns.CanonicalName(rr.Header().Name)
			exists = exists || dns.IsSubDomain(at, owner)
			if owner != at {
				continue
			}
			if cname, ok := rr.(*dns.CNAME); ok && kind != dns.TypeCNAME {
				alias = dns.CanonicalName(cname.Target)
			}
			if rr.Header().Rrtype == kind || alias != "" {
				in.Answer = append(in.Answer, rr)
			}
		}
		if alias == "" {
			if !exists {
				in.Rcode = dns.RcodeNameError
			}
			break
		}
		if at = alias; !dns.IsSubDomain(z.apex, at) {
			break
		}
	}
	if len(in.Answer) == 0 {
		in.Ns = z.rrs[:1]
	}
	return in
}

func (z zone) serve(w dns.ResponseWriter, q *dns.Msg) { reply(w, z.answer(q)) }

// reply sends what fits, and says so where it did not.
func reply(w dns.ResponseWriter, in *dns.Msg) {
	if _, packet := w.RemoteAddr().(*net.UDPAddr); packet {
		in.Truncate(dns.MinMsgSize)
	}
	_ = w.WriteMsg(in)
}

// resolver answers from all zones, over aliases.
func resolver(zones ...zone) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		in := new(dns.Msg).SetReply(q)
		in.RecursionAvailable = true
		at := q.Question[0]
		for range 20 {
			best := zone{}
			for _, z := range zones {
				if dns.IsSubDomain(z.apex, dns.CanonicalName(at.Name)) && len(z.apex) > len(best.apex) {
					best = z
				}
			}
			if best.apex == "" {
				in.Rcode = dns.RcodeServerFailure
				break
			}
			part := best.answer(&dns.Msg{Question: []dns.Question{at}})
			in.Answer, in.Ns, in.Rcode = append(in.Answer, part.Answer...), part.Ns, part.Rcode
			last, alias := dns.CanonicalName(at.Name), ""
			for range 20 {
				_, next := read(part, last, at.Qtype)
				if next == "" || at.Qtype == dns.TypeCNAME {
					break
				}
				last, alias = next, next
			}
			if alias == "" || dns.IsSubDomain(best.apex, alias) {
				break
			}
			at.Name = alias
		}
		reply(w, in)
	}
}

// rcode answers everything with an error.
func rcode(code int) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) { _ = w.WriteMsg(new(dns.Msg).SetRcode(q, code)) }
}

// changed lets a change be made to every answer.
func changed(z zone, change func(in *dns.Msg)) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		in := z.answer(q)
		change(in)
		_ = w.WriteMsg(in)
	}
}

// curled sends a name that is its own end.
func curled(w dns.ResponseWriter, q *dns.Msg) {
	in := new(dns.Msg).SetReply(q)
	in.Authoritative = true
	raw, err := in.Pack()
	if err != nil {
		panic(err)
	}
	at := len(raw)
	raw[7] = 1 // one answer
	raw = append(raw, 0xC0|byte(at>>8), byte(at), 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, 'x')
	_, _ = w.Write(raw)
}

const (
	system = "198.51.100.53:53" // the resolver
	first  = "192.0.2.1:53"
	second = "192.0.2.2:53"
)

// config asks the zone's own servers. Nobody has to wait for it: silence is simulated.
func (n *internet) config() Config {
	return Config{Resolvers: []string{system}, Direct: true, Dial: n.dial, Timeout: time.Minute, MaxQueries: 200}
}
