// Package cert holds the nouns of cpsync: the server's words, the phases of a certificate request, what a
// manifest wants and what the server has. It does no I/O and imports nothing else of cpsync.
//
// "Source: cps-api" in a comment names the project's sheet of API facts, and the
// section of it that a rule was taken from.
package cert

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// ID is the number the server gave a certificate request. It is positive and never changes.
type ID int64

// ErrID is what ParseID returns for anything but a plain decimal number.
var ErrID = errors.New("an id is a positive whole number in plain decimal digits")

// ParseID reads an id written in decimal digits alone: no sign, no leading zero,
// no point, exponent or underscore. Any other spelling is ErrID.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0, ErrID
	}
	return ID(n), nil
}

// String returns the id in decimal.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// What can become of a request to the server, for code to match with errors.Is.
// The client's own errors carry the words for people.
var (
	// ErrNotSent: nothing reached the server; the same call can be made again.
	ErrNotSent = errors.New("nothing was sent")
	// ErrRefused: the server answered 4xx; it did nothing.
	ErrRefused = errors.New("the server refused")
	// ErrOnlyThisRequest: 400, 404, 409 or 422. The reason concerns the request of the call
	// alone, and says nothing about others.
	ErrOnlyThisRequest = errors.New("the server refused this request")
	// ErrNoAnswer: the call was sent and no readable answer came. Only a reading can
	// tell whether it took effect.
	ErrNoAnswer = errors.New("sent, and the answer was lost")
	// ErrNotFound: 404. The request does not exist, or the credentials may not see it.
	ErrNotFound = errors.New("no such request")
	// ErrUnauthorized: 401 or 403, or the token service refused the credentials.
	ErrUnauthorized = errors.New("not authorized")
	// ErrRetryLater: 401 or 429. It did nothing, if the server keeps to its word; an order
	// is sent again only when a reading agrees.
	ErrRetryLater = errors.New("to be sent again later")
	// ErrMalformed: the answer about one request has a form that this version can't read.
	ErrMalformed = errors.New("the answer has an unknown form")
	// ErrOtherID: the server answered with another request than the one asked for.
	ErrOtherID = errors.New("the answer is about another request")
)

// Opt is a value that may be left out. Absent means "not managed": neither
// compared nor sent. Absent differs from false and from "".
//
// With the JSON option omitzero a present false or "" is written and an absent value is not.
type Opt[T any] struct {
	value T
	set   bool
}

// Some returns a present value.
func Some[T any](v T) Opt[T] { return Opt[T]{value: v, set: true} }

// Get returns the value and whether it is present.
func (o Opt[T]) Get() (T, bool) { return o.value, o.set }

// Or returns the value, or def when it is absent.
func (o Opt[T]) Or(def T) T {
	if o.set {
		return o.value
	}
	return def
}

// IsSet reports whether the value is present.
func (o Opt[T]) IsSet() bool { return o.set }

// IsZero reports whether the value is absent. It is what omitzero asks.
func (o Opt[T]) IsZero() bool { return !o.set }

// MarshalJSON writes the value. An absent value is null; with omitzero it never gets here.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value and makes it present.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &o.value); err != nil {
		return err
	}
	o.set = true
	return nil
}

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
	name = strings.TrimSuffix(name, ".")
	host := strings.TrimPrefix(name, "*.")
	ascii := host
	if !isOrdinary(host) {
		var err error
		if ascii, err = mapName(host); err != nil {
			return "", err
		}
	}
	ascii = name[:len(name)-len(host)] + ascii
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
	host := strings.TrimPrefix(name, "*.")
	unicode, err := idna.Punycode.ToUnicode(host)
	if err != nil || unicode == host {
		return name
	}
	return name[:len(name)-len(host)] + unicode + " (" + name + ")"
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
