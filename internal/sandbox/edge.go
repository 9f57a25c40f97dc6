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

// EdgeRoots returns the CA of the edge. Only who looks at this edge may trust it.
func EdgeRoots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(world.Authority())
	return pool
}

// EdgeCA returns the same CA as PEM.
func EdgeCA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: world.Authority().Raw})
}

// A site is what an address leads to: a deployment of a certificate, or, elsewhere, a server that is not the
// CDN's and serves another certificate.
type site struct {
	id        int64 // of the certificate
	region    int   // index of the deployment
	elsewhere bool
}

// address returns an IPv6 address that stands for the site; siteAt reads it. It is in 2001:db8::/32, which is
// reserved for documentation, so that no host has it.
func (s site) address() netip.Addr {
	b := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	if s.elsewhere {
		b[5] = 1
	}
	binary.BigEndian.PutUint16(b[6:], uint16(s.region))
	binary.BigEndian.PutUint64(b[8:], uint64(s.id))
	return netip.AddrFrom16(b)
}

// siteAt returns the site of an address; ok is false if it has none.
func siteAt(address netip.Addr) (s site, ok bool) {
	b := address.As16()
	s = site{int64(binary.BigEndian.Uint64(b[8:])), int(binary.BigEndian.Uint16(b[6:])), b[5] == 1}
	return s, s.address() == address
}

// ResolveEdge returns the address of a host, as net.Resolver.LookupNetIP does. It looks among the CDN hosts of
// all certificates first, then among their domains. A domain leads to the first deployment.
func (s *Server) ResolveEdge(_ context.Context, _, host string) ([]netip.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	for _, byDomain := range []bool{false, true} {
		for i := range s.world.Certificates {
			c := &s.world.Certificates[i]
			region := regionOf(c, host)
			if byDomain {
				region = -1
				if len(c.DeployedAt()) > 0 && covers(c, host) {
					region = 0
				}
			}
			if region < 0 {
				continue
			}
			if _, ok := c.Served(region); !ok {
				err = ErrNotSimulated // unless another certificate has the host
				continue
			}
			found := site{c.ID, region, byDomain && len(s.edgeFaults(c.ID, true)) > 0}
			return []netip.Addr{found.address()}, nil
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

// DialEdge connects to an address that ResolveEdge returned, as net.Dialer.DialContext does. The connection stays
// inside this process.
func (s *Server) DialEdge(_ context.Context, network, address string) (net.Conn, error) {
	at, err := netip.ParseAddrPort(address)
	found, ok := site{}, false
	if err == nil {
		found, ok = siteAt(at.Addr())
	}
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("nothing is simulated at this address")}
	}
	here, there := net.Pipe()
	go s.handshake(newUnhurriedConn(there), &found)
	return here, nil
}

// longestConnection is how long a connection to a listener may last. The fault edge-silent never ends one by itself.
const longestConnection = 10 * time.Second

// ServeEdge serves a listener until it is closed. Who connects to it has looked up no address, so there is no site:
// the client gets the certificate that the last region serves for the name it asks for. A new one arrives there last.
func (s *Server) ServeEdge(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		timer := time.AfterFunc(longestConnection, func() { _ = conn.Close() })
		go func() { s.handshake(conn, nil); timer.Stop() }()
	}
}

// handshake shows the certificate of a site and waits until the client hangs up. at is nil if the connection has
// no site.
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

// greeting is how the server answers in a handshake. The faults of the edge, in fault.go, change it.
type greeting struct {
	id     int64 // of the certificate
	shows  world.Made
	silent bool // there is no answer
	half   bool // the connection ends in the middle

	// What a fault may want to know.
	before world.Made // what the CDN served before
	where  world.Deployment
	last   bool // where is the last region
	now    time.Time
}

// greet returns the greeting for a name at a site, with the faults that are active.
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
	if at != nil && at.elsewhere { // a certificate of the same names. Issue -1 is that of no order
		g.shows.Issue, g.shows.NotBefore, g.shows.NotAfter = -1, g.now.AddDate(0, -1, 0), g.now.AddDate(0, 2, 0)
		return g, nil
	}
	for _, f := range s.edgeFaults(c.ID, false) {
		kindOf(f).edge(&g, f)
	}
	return g, nil
}

// servedAt returns the certificate that a server shows for a name, and its region there; nil if it has none.
// Without a site every certificate with the name counts, in its last region. The server of a site has a CDN host,
// which several certificates can share: it shows the one of the site if that has the name, else the first other one
// that has it, else that of the site all the same.
func (s *Server) servedAt(name string, at *site) (found *world.Certificate, region int) {
	regionHere := func(c *world.Certificate) int { return len(c.DeployedAt()) - 1 }
	if at != nil {
		c := s.world.Find(at.id)
		if c == nil || at.region >= len(c.DeployedAt()) { // it was deleted since the address was looked up
			return nil, 0
		}
		if covers(c, name) {
			return c, at.region
		}
		found, region = c, at.region
		host := c.DeployedAt()[region].HexURL
		regionHere = func(c *world.Certificate) int { return regionOf(c, host) }
	}
	for i := range s.world.Certificates {
		c := &s.world.Certificates[i]
		if r := regionHere(c); r >= 0 && covers(c, name) {
			return c, r
		}
	}
	return found, region
}

// edgeFaults returns the faults of the edge that are injected into a certificate: into the addresses of its
// domains, which is edgeDNS, or into a handshake, which are all others.
func (s *Server) edgeFaults(id int64, addresses bool) []world.Fault {
	return s.inject(func(f world.Fault) bool {
		return kindOf(f).edge != nil && addresses == (f.Name == edgeDNS) && (f.ID == 0 || f.ID == id)
	})
}

// A faultyConn with half set refuses to write any more after half of the first write.
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

// unhurriedConn is the server's end of a pipe. Its writes do not wait for the reader, because both sides of a
// handshake may write at once, and then each would wait for the other.
type unhurriedConn struct {
	net.Conn
	out chan []byte // to the goroutine that writes
}

// newUnhurriedConn closes the pipe once all is written that came before Close.
func newUnhurriedConn(pipe net.Conn) unhurriedConn {
	u := unhurriedConn{pipe, make(chan []byte, 16)} // a server makes fewer writes
	go func() {
		for b := range u.out {
			_, _ = pipe.Write(b) // the other side may have gone
		}
		_ = pipe.Close()
	}()
	return u
}

func (u unhurriedConn) Write(b []byte) (int, error) {
	u.out <- slices.Clone(b)
	return len(b), nil
}

func (u unhurriedConn) Close() error {
	close(u.out)
	return nil
}
