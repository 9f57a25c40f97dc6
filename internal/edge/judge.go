package edge

import (
	"bytes"
	"cmp"
	"crypto/sha1" //nolint:gosec // a fingerprint to compare, not a signature
	"crypto/x509"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// judge says how what was served compares with what the API names. comparable says that
// thumbprints are, and cdn is what CDN hosts serve for the same domain.
func (a *ask) judge(cfg Config, t Target, comparable bool, cdn [][]byte) {
	if a.leaf == nil {
		return
	}
	l := &a.look
	l.Leaf = &cert.EdgeLeaf{Thumbprint: thumbprint(a.leaf), Issuer: cmp.Or(a.leaf.Issuer.CommonName, a.leaf.Issuer.String()), Begins: a.leaf.NotBefore.UTC(), Expires: a.leaf.NotAfter.UTC()}
	l.Leaf.Earlier = slices.Contains(t.Earlier, l.Leaf.Thumbprint) && l.Leaf.Thumbprint != t.Thumbprint
	switch {
	case cfg.Now().After(a.leaf.NotAfter):
		l.Finding = cert.EdgeExpired
	case l.Visitor && len(cdn) > 0 && !slices.ContainsFunc(cdn, func(raw []byte) bool { return bytes.Equal(raw, a.leaf.Raw) }):
		l.Finding = cert.EdgeElsewhere
	case a.leaf.VerifyHostname(l.Domain) != nil:
		l.Finding = cert.EdgeNotCovered
	case !isSame(t, a.leaf, comparable):
		l.Finding = cert.EdgeOther
	default:
		l.Finding, l.Why = cert.EdgeServed, ""
		if why := a.untrusted(cfg); why != "" {
			l.Finding, l.Why = cert.EdgeUntrusted, why
		}
	}
}

// untrusted returns why the chain is not trusted; "" when it is.
func (a *ask) untrusted(cfg Config) string {
	between := x509.NewCertPool()
	for _, c := range a.rest {
		between.AddCert(c)
	}
	_, err := a.leaf.Verify(x509.VerifyOptions{Roots: cfg.Roots, Intermediates: between, CurrentTime: cfg.Now()})
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &unknown) && len(a.rest) == 0:
		return "the server sends no intermediate certificate"
	case errors.As(err, &unknown):
		return "no authority that is trusted here signed it"
	default:
		return strings.TrimPrefix(err.Error(), "x509: ")
	}
}

var fingerprint = regexp.MustCompile(`^[0-9A-F]{40}$`)

// hasForm reports whether a thumbprint of the API has the form that its documents show. One
// in another form equals nothing.
func hasForm(api string) bool { return fingerprint.MatchString(api) }

// matches reports whether the thumbprint of what was served is one that the API names, or did.
func (a *ask) matches(t Target) bool {
	return a.leaf != nil && (sameThumbprint(t.Thumbprint, a.leaf) || slices.Contains(t.Earlier, thumbprint(a.leaf)))
}

func sameThumbprint(api string, leaf *x509.Certificate) bool {
	return hasForm(api) && api == thumbprint(leaf)
}

func thumbprint(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw) //nolint:gosec // see the import
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// isSame reports whether the served certificate is the one that the API names. Where
// thumbprints can't be compared, the day of its expiry decides.
func isSame(t Target, leaf *x509.Certificate, comparable bool) bool {
	if comparable && hasForm(t.Thumbprint) {
		return sameThumbprint(t.Thumbprint, leaf)
	}
	return leaf.NotAfter.Sub(t.Expires).Abs() < 24*time.Hour
}
