package sandbox

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two regions, and a made certificate that was issued before the clock.
const inTwoRegions = `{"id": 11604, "certificate_label": "shop", "auto_renew": true, "expiration_date": "2027-03-01T00:00:00Z",
	"thumbprint": "made", "validates_after": "1h",
	"domains": [{"name": "shop.example.com"}, {"name": "*.shop.example.com"}],
	"deployments": [
		{"delivery_region": "GlobalStandard", "platform": "HttpLarge", "hex_url": "cs1.example-cdn.net"},
		{"delivery_region": "NorthAmericaAndEurope", "platform": "HttpLarge", "hex_url": "cs2.example-cdn.net"}]}`

// patient ends with the test, and after a minute.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// look is a handshake with a host, for a name. It returns what is served.
func look(t *testing.T, s *Server, host, name string) (*x509.Certificate, error) {
	t.Helper()
	addresses, err := s.ResolveEdge(patient(t), "ip", host)
	if err != nil {
		return nil, err
	}
	conn, err := s.DialEdge(patient(t), "tcp", net.JoinHostPort(addresses[0].String(), "443"))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	c := tls.Client(conn, &tls.Config{ServerName: name, RootCAs: EdgeRoots(), Time: s.Now})
	if err := c.HandshakeContext(patient(t)); err != nil {
		return nil, err
	}
	return c.ConnectionState().PeerCertificates[0], nil
}

func fingerprint(c *x509.Certificate) string { return fmt.Sprintf("%X", sha1.Sum(c.Raw)) }

// seen says in a word what a host serves, compared with what the API names now.
func seen(t *testing.T, s *Server, host string) string {
	t.Helper()
	leaf, err := look(t, s, host, "shop.example.com")
	var none *net.DNSError
	switch {
	case errors.Is(err, ErrNotSimulated):
		return "not simulated"
	case errors.As(err, &none):
		return "no host"
	case err != nil:
		t.Fatal(err)
	}
	if c, _ := s.Certificate(11604); fingerprint(leaf) != *c.Thumbprint {
		return "other until " + leaf.NotAfter.Format(time.DateOnly)
	}
	return "served"
}

func everywhere(t *testing.T, s *Server) string {
	t.Helper()
	return seen(t, s, "cs1.example-cdn.net") + ", " + seen(t, s, "cs2.example-cdn.net") + ", " + seen(t, s, "shop.example.com")
}

// regions are those that the API names.
func regions(t *testing.T, c *caller) string {
	t.Helper()
	var names []string
	for _, d := range decoded(t, c.do(200, "GET", "/certificates/11604", ""))["deployments"].([]any) {
		names = append(names, d.(map[string]any)["delivery_region"].(string))
	}
	return strings.Join(names, ", ")
}

func TestTheEdgeFollowsARenewal(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, inTwoRegions))
	c := call(t, s)
	both := "GlobalStandard, NorthAmericaAndEurope"
	for _, step := range []struct {
		name, now, edge string
	}{
		{"before", "2026-11-22T12:00:00Z", "served, served, served"},
		{"ordered", "2026-12-31T02:00:00Z", "served, served, served"},
		{"deployed in one region", "2026-12-31T04:01:00Z", "served, other until 2027-03-01, served"},
		{"deployed in all", "2026-12-31T05:01:00Z", "served, served, served"},
	} {
		now, err := time.Parse(time.RFC3339, step.now)
		if err != nil {
			t.Fatal(err)
		}
		s.SetClock(now)
		if got := everywhere(t, s); got != step.edge {
			t.Errorf("%s: %s, want %s", step.name, got, step.edge)
		}
		if got := regions(t, c); got != both {
			t.Errorf("%s: the API names %s", step.name, got)
		}
	}
	if s.Orders(11604) != 1 {
		t.Error("nothing was renewed")
	}
}

func TestAFirstCertificateReachesOneRegionAfterTheOther(t *testing.T) {
	t.Parallel()
	first := strings.NewReplacer(`"expiration_date": "2027-03-01T00:00:00Z",`, "", `"thumbprint": "made",`, "").Replace(inTwoRegions)
	s := New(worldOf(t, first))
	c := call(t, s)
	for _, step := range []struct {
		advance       time.Duration
		regions, edge string
	}{
		{0, "", "no host, no host, no host"},
		{2 * time.Hour, "", "no host, no host, no host"}, // issued
		{3 * time.Hour, "GlobalStandard", "served, no host, served"},
		{time.Hour, "GlobalStandard, NorthAmericaAndEurope", "served, served, served"},
	} {
		s.Advance(step.advance)
		if names, edge := regions(t, c), everywhere(t, s); names != step.regions || edge != step.edge {
			t.Errorf("at %s: the API names %q, the edge %q, want %q and %q", s.Now(), names, edge, step.regions, step.edge)
		}
	}
}

// TestAGivenThumbprintHasNoEdge, until the sandbox issues the next one.
func TestAGivenThumbprintHasNoEdge(t *testing.T) {
	t.Parallel()
	given := strings.Replace(inTwoRegions, "made", "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567", 1)
	s := New(worldOf(t, given))
	if got := everywhere(t, s); got != "not simulated, not simulated, not simulated" {
		t.Error(got)
	}
	s.SetClock(time.Date(2026, 12, 31, 4, 1, 0, 0, time.UTC))
	if got := everywhere(t, s); got != "served, not simulated, served" {
		t.Error(got)
	}
	if got := regions(t, call(t, s)); got != "GlobalStandard, NorthAmericaAndEurope" {
		t.Error(got)
	}
}

// TestMadeCertificatesFollowFromTheState: two servers make the same ones, and a stored state
// keeps what is served.
func TestMadeCertificatesFollowFromTheState(t *testing.T) {
	t.Parallel()
	one, other := New(worldOf(t, inTwoRegions)), New(worldOf(t, inTwoRegions))
	if a, b := encoded(one), encoded(other); string(a) != string(b) {
		t.Errorf("two worlds from one text:\n%s\n%s", a, b)
	}
	one.SetClock(time.Date(2026, 12, 31, 4, 1, 0, 0, time.UTC))
	again := New(parsed(t, string(encoded(one))))
	if got, want := everywhere(t, again), everywhere(t, one); got != want || !strings.Contains(got, "other") {
		t.Errorf("stored and read again: %s, want %s", got, want)
	}
}

func TestNamesOfTheEdge(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, inTwoRegions))
	if _, err := look(t, s, "www.shop.example.com", "www.shop.example.com"); err != nil {
		t.Errorf("a name below a wildcard: %v", err)
	}
	var wrong x509.HostnameError
	if _, err := look(t, s, "cs1.example-cdn.net", "elsewhere.example.com"); !errors.As(err, &wrong) {
		t.Errorf("a name that the host does not know: %v", err)
	}
	var none *net.DNSError
	if _, err := look(t, s, "elsewhere.example.com", "elsewhere.example.com"); !errors.As(err, &none) || !none.IsNotFound {
		t.Errorf("a name that nobody has: %v", err)
	}
	for _, address := range []string{"192.0.2.1:443", "[2001:db8:2::1]:443", "nonsense"} {
		if conn, err := s.DialEdge(patient(t), "tcp", address); err == nil {
			conn.Close()
			t.Errorf("connected to %s", address)
		}
	}
}

func TestFaultsOfTheEdge(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"edge-old":        "other until 2026-12-01, other until 2026-12-01, other until 2026-12-01",
		"edge-behind":     "served, other until 2026-12-01, served",
		"edge-old::1":     "other until 2026-12-01, served, served",
		"edge-old:edge:1": "other until 2026-12-01, served, served",
		"edge-behind:edge:always:what=GlobalStandard": "other until 2026-12-01, served, other until 2026-12-01",
		"edge-old:edge:always:id=11605":               "served, served, served",
		"edge-dns-elsewhere":                          "served, served, other until 2027-01-22",
		"status-503:any:always":                       "served, served, served",
	} {
		s := New(worldOf(t, inTwoRegions))
		f, err := ParseFault(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		s.AddFault(f)
		if got := everywhere(t, s); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"edge-old:list", "status-503:edge"} {
		if _, err := ParseFault(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestFaultsThatEndTheHandshake(t *testing.T) {
	t.Parallel()
	var wrong x509.HostnameError
	var invalid x509.CertificateInvalidError
	for name, is := range map[string]func(error) bool{
		"edge-wrong-name": func(err error) bool { return errors.As(err, &wrong) },
		"edge-expired":    func(err error) bool { return errors.As(err, &invalid) && invalid.Reason == x509.Expired },
		"edge-half":       func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) },
	} {
		s := New(worldOf(t, inTwoRegions))
		s.AddFault(Fault{Name: name})
		if _, err := look(t, s, "cs1.example-cdn.net", "shop.example.com"); !is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSilence: the server reads what comes, and says nothing until the client goes.
func TestSilence(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, inTwoRegions))
	s.AddFault(Fault{Name: "edge-silent"})
	var hello recorder
	_ = tls.Client(&hello, &tls.Config{ServerName: "shop.example.com"}).HandshakeContext(patient(t))
	here, there := net.Pipe()
	_ = here.SetDeadline(time.Now().Add(time.Minute))
	ended := make(chan struct{})
	go func() { s.handshake(there, nil); close(ended) }()
	for _, text := range []string{hello.String(), "is anybody there?"} { // an answer would have to be read first
		if _, err := io.WriteString(here, text); err != nil {
			t.Fatal(err)
		}
	}
	here.Close()
	select {
	case <-ended:
	case <-patient(t).Done():
		t.Fatal("the server did not see that the client went")
	}
}

// recorder is a connection that keeps what is written, and answers nothing.
type recorder struct {
	net.Conn
	bytes.Buffer
}

func (r *recorder) Read([]byte) (int, error)         { return 0, io.EOF }
func (r *recorder) Write(b []byte) (int, error)      { return r.Buffer.Write(b) }
func (r *recorder) Close() error                     { return nil }
func (r *recorder) SetWriteDeadline(time.Time) error { return nil }

// TestOpenSSL looks with a client that was written elsewhere.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	s := New(worldOf(t, inTwoRegions))
	s.SetClock(time.Now())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go s.ServeEdge(l) //nolint:errcheck // ends with the listener
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, EdgeCA(), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"shop.example.com": "Verification: OK", "www.shop.example.com": "Verification: OK", "elsewhere.example.com": "no peer certificate available",
	} {
		cmd := exec.CommandContext(patient(t), openssl, "s_client", "-connect", l.Addr().String(), "-servername", name,
			"-verify_hostname", name, "-CAfile", ca)
		out, _ := cmd.CombinedOutput() // its exit code is not of the verification
		if !strings.Contains(string(out), want) {
			t.Errorf("%s: no %q in\n%s", name, want, out)
		}
	}
}
