package words

import (
	"strings"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"golang.org/x/text/unicode/norm"
)

// FromTo writes both values of a change. Where the two look alike and are not, what is
// not ASCII is written as an escape, so that the difference can be seen.
func FromTo(c diff.Change) (from, to string) {
	from, to = Value(c.Edit, c.From), Value(c.Edit, c.To)
	if LookAlike(c.From, c.To) {
		return inASCII(from), inASCII(to)
	}
	return from, to
}

// LookAlike reports whether two different texts look the same to a reader.
func LookAlike(a, b string) bool { return a != b && skeleton(a) == skeleton(b) }

// skeleton writes a text with plain characters where others look like them.
func skeleton(s string) string {
	return strings.Map(func(r rune) rune {
		switch plain, known := lookalikes[r]; {
		case known:
			return plain
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r):
			return '-'
		default:
			return r
		}
	}, norm.NFKC.String(s))
}

// lookalikes are the letters of other scripts, and the marks, that most fonts draw like
// one of ASCII. Source: Unicode confusables, as far as names of companies need it.
var lookalikes = pairs(
	"аеорсухіјѕһԁԛԝѵӏАВЕЅІЈКМНОРСТУХԌԚԜ", "aeopcyxijshdqwvlABESIJKMHOPCTYXGQW", // Cyrillic
	"αινορυχϲΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "aivopuxcABEZHIKMNOPTYXC", // Greek
	"ıɡɑ", "iga", // Latin beyond ASCII
	"‘’ʼʹ′＇“”″−˗․ǃ∕⁄", "''''''\"\"\"--.!//",
)

func pairs(sets ...string) map[rune]rune {
	all := map[rune]rune{}
	for i := 0; i < len(sets); i += 2 {
		plain := []rune(sets[i+1])
		for j, r := range []rune(sets[i]) {
			all[r] = plain[j]
		}
	}
	return all
}

// inASCII escapes what is not ASCII.
func inASCII(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > unicode.MaxASCII {
			b.WriteString(Escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Value writes a single value: free text in quotes, the API's own words without.
func Value(e cert.Edit, v string) string {
	switch {
	case e == cert.EditAutoRenew, e == cert.EditDCVMethod && v != "":
		return v
	default:
		return Quote(v)
	}
}

func CommonName(c diff.Change) string {
	return "common name " + CommonNameFrom(c) + " -> " + cert.DisplayName(c.CommonTo)
}

// CommonNameFrom is the live common name, or says that the request does not mark just one.
func CommonNameFrom(c diff.Change) string {
	if c.CommonFrom == "" {
		return "(no single one)"
	}
	return cert.DisplayName(c.CommonFrom)
}
