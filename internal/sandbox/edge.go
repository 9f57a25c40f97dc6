package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// ErrNotSimulated is returned for the hosts of a certificate whose thumbprint the state file
// gives: nobody can make the certificate that has it.
var ErrNotSimulated = errors.New("the sandbox does not simulate this certificate's edge")

// EdgeRoots returns the CA of the edge, to be trusted by whoever looks at this edge alone.
func EdgeRoots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(world.Authority())
	return pool
}

// EdgeCA returns the same CA as PEM.
func EdgeCA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: world.Authority().Raw})
}

// A site is where a name leads to: a deployment of a certificate, or elsewhere, where another
// certificate is served for it.
type site struct {
	id        int64
	region    int
	elsewhere bool
}

// address is one of the network that is kept for documentation: nobody has it.
func (p site) address() netip.Addr {
	b := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	if p.elsewhere {
		b[5] = 1
	}
	binary.BigEndian.PutUint16(b[6:], uint16(p.region))
	binary.BigEndian.PutUint64(b[8:], uint64(p.id))
	return netip.AddrFrom16(b)
}

// ResolveEdge has the signature of net.Resolver.LookupNetIP. It knows the CDN host of each
// deployment, and each domain, which leads to the first one.
func (s *Server) ResolveEdge(_ context.Context, _, host string) ([]netip.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	for _, byDomain := range []bool{false, true} {
		for i := range s.world.Certificates {
			c := &s.world.Certificates[i]
			p := site{id: c.ID, region: regionOf(c, host)}
			if byDomain && len(c.DeployedAt()) > 0 && covers(c, host) {
				p.region = 0
			}
			if p.region < 0 {
				continue
			}
			if _, ok := c.Served(p.region); !ok {
				err = ErrNotSimulated
				continue
			}
			p.elsewhere = byDomain && len(s.edgeFaults(c.ID, true)) > 0
			return []netip.Addr{p.address()}, nil
		}
	}
	return nil, err
}

// regionOf returns the index of the deployment with a CDN host, -1 when c has none.
func regionOf(c *world.Certificate, host string) int {
	return slices.IndexFunc(c.DeployedAt(), func(d world.Deployment) bool { return strings.EqualFold(d.HexURL, host) })
}

// covers reports whether a host is a domain of c, or one label below a wildcard.
func covers(c *world.Certificate, host string) bool {
	_, parent, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(c.Live(), func(d world.Domain) bool {
		return strings.EqualFold(d.Name, host) || strings.EqualFold(d.Name, "*."+parent)
	})
}

// DialEdge has the signature of net.Dialer.DialContext. It connects to an address that
// ResolveEdge gave, inside this process.
func (s *Server) DialEdge(_ context.Context, network, address string) (net.Conn, error) {
	at, err := netip.ParseAddrPort(address)
	b := at.Addr().As16()
	p := site{int64(binary.BigEndian.Uint64(b[8:])), int(binary.BigEndian.Uint16(b[6:])), b[5] == 1}
	if err != nil || p.address() != at.Addr() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("nothing is simulated at this address")}
	}
	here, there := net.Pipe()
	out := make(chan []byte, 16) // a server writes less often
	go func() {
		for b := range out {
			_, _ = there.Write(b) // the other side may have gone
		}
		_ = there.Close()
	}()
	go s.handshake(unhurriedConn{there, out}, &p)
	return here, nil
}

// mostSilence is how long a connection to a listener may last.
const mostSilence = 10 * time.Second

// ServeEdge answers what connects to a listener, until it is closed. It knows names alone, and
// serves what the last region of their certificate serves.
func (s *Server) ServeEdge(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		timer := time.AfterFunc(mostSilence, func() { _ = conn.Close() })
		go func() { s.handshake(conn, nil); timer.Stop() }()
	}
}

// handshake shows a certificate and waits until the client hangs up. At is nil for any place.
func (s *Server) handshake(raw net.Conn, at *site) {
	conn := &faultyConn{Conn: raw}
	defer conn.Close() //nolint:errcheck // it is over
	c := tls.Server(conn, &tls.Config{
		Time: s.Now, SessionTicketsDisabled: true, MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			h, err := s.greet(hello.ServerName, at)
			if err != nil {
				return nil, err
			}
			conn.half = h.half
			if h.silent {
				_, err := io.Copy(io.Discard, raw)
				return nil, errors.Join(errors.New("silent"), err)
			}
			der, key := h.shows.Sign(h.id)
			return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
		},
	})
	if c.HandshakeContext(context.Background()) == nil {
		_, _ = io.Copy(io.Discard, c) // what comes is not answered
	}
}

type greeting struct {
	id           int64
	shows        world.Made
	before       world.Made // what the CDN served before
	where        world.Deployment
	last         bool // region
	now          time.Time
	silent, half bool
}

func (s *Server) greet(name string, at *site) (greeting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, region := s.servedAt(name, at)
	if c == nil {
		return greeting{}, errors.New("no certificate for this name")
	}
	made, ok := c.Served(region)
	if !ok {
		return greeting{}, ErrNotSimulated
	}
	places := c.DeployedAt()
	g := greeting{id: c.ID, shows: made, before: c.Before(s.world.Clock), where: places[region], last: region == len(places)-1, now: s.world.Clock}
	if at != nil && at.elsewhere {
		g.shows.Issue, g.shows.NotBefore, g.shows.NotAfter = -1, g.now.AddDate(0, -1, 0), g.now.AddDate(0, 2, 0)
		return g, nil
	}
	for _, f := range s.edgeFaults(c.ID, false) {
		kindOf(f).edge(&g, f)
	}
	return g, nil
}

// servedAt returns the certificate for a name at a site, and its region there. A CDN host
// shows its own certificate for a name that it does not know.
func (s *Server) servedAt(name string, at *site) (found *world.Certificate, region int) {
	host := ""
	if at != nil {
		if c := s.world.Find(at.id); c != nil && at.region < len(c.DeployedAt()) {
			found, region = c, at.region
			host = c.DeployedAt()[region].HexURL
		}
	}
	for i := range s.world.Certificates {
		c := &s.world.Certificates[i]
		r := len(c.DeployedAt()) - 1
		if at != nil {
			r = regionOf(c, host)
		}
		if r >= 0 && covers(c, name) && (found == nil || !covers(found, name)) {
			found, region = c, r
		}
	}
	return found, region
}

// edgeFaults returns the faults of the edge that are injected into a handshake of a
// certificate, or into the addresses of its domains.
func (s *Server) edgeFaults(id int64, ofNames bool) []world.Fault {
	return s.inject(func(f world.Fault) bool {
		return kindOf(f).edge != nil && (f.Name == edgeDNS) == ofNames && (f.ID == 0 || f.ID == id)
	})
}

// A faultyConn takes no more than half of what the server says first, where a fault wants it.
type faultyConn struct {
	net.Conn
	half, ended bool
}

func (c *faultyConn) Write(b []byte) (int, error) {
	if c.ended {
		return 0, net.ErrClosed
	}
	if !c.half {
		return c.Conn.Write(b)
	}
	c.ended = true
	n, err := c.Conn.Write(b[:len(b)/2])
	return n, errors.Join(err, net.ErrClosed)
}

// unhurriedConn is the end of a pipe that does not wait until it is read: both sides of a
// handshake may write at once.
type unhurriedConn struct {
	net.Conn
	out chan []byte
}

func (u unhurriedConn) Write(b []byte) (int, error) {
	u.out <- slices.Clone(b)
	return len(b), nil
}

func (u unhurriedConn) Close() error {
	close(u.out)
	return nil
}
