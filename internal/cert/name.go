package cert

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Why a name was refused. CheckName wraps none of them: they are compared by identity.
var (
	ErrNameEmpty    = errors.New("the name is empty")
	ErrNameIP       = errors.New("an IP address is not a domain name")
	ErrNameSingle   = errors.New("a single label is not a public name; write the full name")
	ErrNameLabel    = errors.New("the name has an empty label (two dots in a row, or a dot in front)")
	ErrNameWildcard = errors.New(`"*" may only be the whole first label, as in *.example.com`)
	ErrNameLong     = errors.New("a name has at most 253 characters and a label at most 63")
	ErrNameChars    = errors.New("the name holds characters that no host name can hold")
)

// toASCII maps a name the way browsers do, and refuses what host names can't hold.
var toASCII = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true))

// NormalizeName returns name in lower-case ASCII, without a trailing dot. It is
// the one form that manifests and answers are compared in.
func NormalizeName(name string) (string, error) {
	bare := strings.TrimSuffix(name, ".")
	ascii, wildcard := strings.CutPrefix(bare, "*.")
	if !isOrdinary(ascii) {
		var err error
		if ascii, err = mapName(ascii); err != nil {
			return "", err
		}
	}
	if wildcard {
		ascii = "*." + ascii
	}
	return ascii, checkLength(ascii)
}

// isOrdinary reports whether a host is plainly one, and its own normal form: most are,
// and mapping each of a hundred thousand would cost more than everything else.
func isOrdinary(host string) bool {
	labels, letters := 0, false
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || label[0] == '-' || strings.HasSuffix(label, "-") || strings.Contains(label, "--") {
			return false
		}
		labels, letters = labels+1, false
		for i := range len(label) {
			switch c := label[i]; {
			case c >= 'a' && c <= 'z':
				letters = true
			case c != '-' && (c < '0' || c > '9'):
				return false
			}
		}
	}
	return labels > 1 && letters // of the last label: an address ends in a number
}

func mapName(host string) (string, error) {
	if err := checkHost(host); err != nil {
		return "", err
	}
	ascii, err := toASCII.ToASCII(host)
	if err != nil {
		return "", ErrNameChars
	}
	// The one form of a name is its own; what is not UTF-8 has none.
	if again, err := toASCII.ToASCII(ascii); err != nil || again != ascii {
		return "", ErrNameChars
	}
	// The mapping turns other full stops into dots, so look again.
	return ascii, checkHost(ascii)
}

// LooseName is NormalizeName for what the server answers: a name that is not one
// comes back in lower case, so that it can still be shown and compared.
func LooseName(name string) string {
	if n, err := NormalizeName(name); err == nil {
		return n
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// DisplayName returns the name in Unicode when that differs from its ASCII form,
// as "bücher.example (xn--bcher-kva.example)", else the name itself.
func DisplayName(name string) string {
	host, wildcard := strings.CutPrefix(name, "*.")
	unicode, err := idna.Punycode.ToUnicode(host)
	if err != nil || unicode == host {
		return name
	}
	if wildcard {
		unicode = "*." + unicode
	}
	return unicode + " (" + name + ")"
}

func checkHost(host string) error {
	if host == "" {
		return ErrNameEmpty
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ErrNameIP
	}
	if strings.Contains(host, "*") {
		return ErrNameWildcard
	}
	labels := strings.Split(host, ".")
	if slices.Contains(labels, "") {
		return ErrNameLabel
	}
	// Another full stop of Unicode becomes a dot only when the name is mapped.
	if ascii := strings.IndexFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) < 0; ascii && len(labels) == 1 {
		return ErrNameSingle
	}
	// No top-level domain is a number: 10.0.0.256 is a slip in an address.
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return ErrNameIP
	}
	return nil
}

func checkLength(ascii string) error {
	if len(ascii) > 253 {
		return ErrNameLong
	}
	for l := range strings.SplitSeq(ascii, ".") {
		if len(l) > 63 {
			return ErrNameLong
		}
	}
	return nil
}

// IsWithin reports whether a name, or all that a wildcard stands for, is one of the domains or below one.
func IsWithin(name string, domains []string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return name == d || strings.HasSuffix(name, "."+d) })
}
