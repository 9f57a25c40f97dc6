package world

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Made is a certificate of the simulated CA: what it says, and where it is served. It
// follows from these words alone, so that a state file needs no keys.
type Made struct {
	Issue      int       `json:"issue"`
	Names      []string  `json:"names"`
	NotBefore  time.Time `json:"not_before"`
	NotAfter   time.Time `json:"not_after"`
	Thumbprint string    `json:"thumbprint"`     // its SHA-1 (cps-api, section 4.1)
	Regions    int       `json:"regions"`        // how many deployments serve it, the first ones of the list
	Since      time.Time `json:"since,omitzero"` // when the last one of them began
}

// ThumbprintMade in a state file asks for a made certificate in the place of an invented one.
const ThumbprintMade = "made"

var authorityKey = sync.OnceValue(func() ed25519.PrivateKey { return keyOf("the CA") })

func keyOf(owner string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("sandbox key of " + owner))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Authority returns the certificate of the simulated CA. Its key follows from this program,
// so nothing but a simulation may trust it.
var Authority = sync.OnceValue(func() *x509.Certificate {
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Sandbox CA"},
		NotBefore: time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: never,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	c, err := x509.ParseCertificate(signed(ca, ca, authorityKey()))
	if err != nil {
		panic("sandbox: the CA cannot read its certificate: " + err.Error())
	}
	return c
})

func signed(c, ca *x509.Certificate, key ed25519.PrivateKey) []byte {
	der, err := x509.CreateCertificate(bytes.NewReader(nil), c, ca, key.Public(), authorityKey())
	if err != nil {
		panic("sandbox: a certificate cannot be signed: " + err.Error())
	}
	return der
}

// leaf is a certificate in DER and its key.
type leaf struct {
	der []byte
	key ed25519.PrivateKey
}

// leaves are functions that return what was signed, by the words that it follows from: each handshake asks again.
var leaves sync.Map

// Sign returns m as a certificate of request id in DER, with its key.
func (m Made) Sign(id int64) ([]byte, ed25519.PrivateKey) {
	words := fmt.Sprintf("%d %d %d %d %q", id, m.Issue, m.NotBefore.Unix(), m.NotAfter.Unix(), m.Names)
	once, _ := leaves.LoadOrStore(words, sync.OnceValue(func() leaf { return m.newLeaf(id) }))
	l := once.(func() leaf)()
	return l.der, l.key
}

func (m Made) newLeaf(id int64) leaf {
	owner := fmt.Sprintf("certificate %d, issue %d", id, m.Issue)
	key, serial := keyOf(owner), sha256.Sum256([]byte(owner))
	c := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial[:12]),
		Subject:      pkix.Name{CommonName: fmt.Sprintf("Certificate %d", id)},
		NotBefore:    m.NotBefore, NotAfter: m.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range m.Names {
		if hostName.MatchString(name) { // nothing else can stand in a certificate
			c.DNSNames = append(c.DNSNames, name)
		}
	}
	return leaf{signed(c, Authority(), key), key}
}

var hostName = regexp.MustCompile(`^[a-zA-Z0-9_*-]+(\.[a-zA-Z0-9_-]+)*$`)

// make lets the CA sign what c has now, and gives c its thumbprint. What was made before is
// served in the regions that the new one has not reached.
func (c *Certificate) make(from time.Time, regions int) {
	m := Made{Issue: c.Issues, NotBefore: from.Truncate(time.Second), NotAfter: c.Expires, Regions: regions, Since: from}
	for _, d := range c.Live() {
		m.Names = append(m.Names, d.Name)
	}
	der, _ := m.Sign(c.ID)
	m.Thumbprint = fmt.Sprintf("%X", sha1.Sum(der))
	c.Thumbprint = &m.Thumbprint
	c.Made = append(slices.Clone(c.Made[max(0, len(c.Made)-1):]), m)
}

// newest returns the made certificate that the API names, nil when that is none of the
// simulated CA.
func (c *Certificate) newest() *Made {
	if len(c.Made) == 0 || c.Thumbprint == nil || *c.Thumbprint != c.Made[len(c.Made)-1].Thumbprint {
		return nil
	}
	return &c.Made[len(c.Made)-1]
}

// Served returns what the region with this index in DeployedAt serves; ok is false where
// that was not made here.
func (c *Certificate) Served(region int) (m Made, ok bool) {
	n := c.newest()
	switch {
	case n != nil && region < n.Regions:
		return *n, true
	case n != nil && len(c.Made) > 1:
		return c.Made[len(c.Made)-2], true
	}
	return m, false
}

// Before returns the certificate that the newest one replaces, or one that could have been.
func (c *Certificate) Before(now time.Time) Made {
	if len(c.Made) > 1 {
		return c.Made[len(c.Made)-2]
	}
	m := *c.newest()
	m.Issue, m.NotBefore, m.NotAfter = m.Issue-1, m.NotBefore.Add(-100*day), now.Truncate(day).Add(9*day)
	return m
}

// places are the deployments of c once it is deployed everywhere: those that the file lists,
// or else a usual one.
func (c *Certificate) places() []Deployment {
	if len(c.Deployments) > 0 {
		return append([]Deployment{}, c.Deployments...)
	}
	return []Deployment{{"GlobalPremiumPlusAsia", "HttpLarge", fmt.Sprintf("cs%d.wpc.sandbox.example-cdn.net", c.ID)}}
}

// DeployedAt returns the deployments that the API names: none before a first certificate is
// deployed, then one more with each region that serves it.
func (c *Certificate) DeployedAt() []Deployment {
	n, status := c.newest(), c.State().Status
	switch {
	case !c.Issued():
		return []Deployment{}
	case n != nil && n.Issue == 1 && status != "Deleted":
		return c.places()[:min(n.Regions, len(c.places()))]
	case len(c.Deployments) == 0 && in(status, "Deployment", "Deleted"):
		return []Deployment{}
	}
	return c.places()
}

func (w *World) reachRegion(c *Certificate) {
	c.Made = slices.Clone(c.Made)
	n := c.newest()
	n.Regions, n.Since = n.Regions+1, w.Clock
}
