package cert

import (
	"regexp"
	"slices"
	"strings"
)

// A thumbprint is the SHA-1 or the SHA-256 of a certificate, in hexadecimal digits.
// Source: cps-api, section 4.2: 40 digits, which is inferred.
var thumbprint = regexp.MustCompile(`^(([0-9A-Fa-f]:?){40}|([0-9A-Fa-f]:?){64})$`)

// NormalizeThumbprint returns the form that thumbprints are compared in: upper case,
// without the colons that some tools write. ok is false when it is no thumbprint.
func NormalizeThumbprint(written string) (normal string, ok bool) {
	return strings.ToUpper(strings.ReplaceAll(written, ":", "")), thumbprint.MatchString(written)
}

// RenewsNow reports whether the policy asks for a renewal of the certificate with this
// thumbprint at once, whatever else is true of it.
func (p Policy) RenewsNow(live string) bool {
	if len(p.RenewIfThumbprint) == 0 {
		return false
	}
	normal, _ := NormalizeThumbprint(live)
	return slices.Contains(p.RenewIfThumbprint, normal)
}
