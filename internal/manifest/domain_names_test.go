package manifest

import (
	"errors"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestDomainNamesHaveOneForm holds the names that manifests give to the form they
// are compared in, which is its own normal form.
func TestDomainNamesHaveOneForm(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"CDN.Example.com.":              "cdn.example.com",
		"*.example.com":                 "*.example.com",
		"1.example":                     "1.example",
		"bücher.example":                "xn--bcher-kva.example",
		"BÜCHER.example":                "xn--bcher-kva.example",
		"XN--BCHER-KVA.example":         "xn--bcher-kva.example",
		"e\u0301cole.example":           "xn--cole-9oa.example",
		"faß.de":                        "xn--fa-hia.de",
		"*.例え.jp":                       "*.xn--r8jz45g.jp",
		"a。b.example":                   "a.b.example",
		strings.Repeat("a", 63) + ".de": strings.Repeat("a", 63) + ".de",
	} {
		got, err := cert.NormalizeName(written)
		if err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", written, got, err, want)
		}
		if again, err := cert.NormalizeName(got); again != got || err != nil {
			t.Errorf("%q is not its own form: %q, %v", got, again, err)
		}
	}
}

func TestWhatIsNoDomainName(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]error{
		"":                               cert.ErrNameEmpty,
		".":                              cert.ErrNameEmpty,
		"192.0.2.1":                      cert.ErrNameIP,
		"192.0.2.1.":                     cert.ErrNameIP,
		"１.２.３.４":                        cert.ErrNameIP,
		"10.0.0.256":                     cert.ErrNameIP,
		"*.192.0.2.1":                    cert.ErrNameIP,
		"[2001:db8::1]":                  cert.ErrNameIP,
		"localhost":                      cert.ErrNameSingle,
		"例え":                             cert.ErrNameSingle,
		"*.com":                          cert.ErrNameSingle,
		"a..example":                     cert.ErrNameLabel,
		".example.com":                   cert.ErrNameLabel,
		"a.example..":                    cert.ErrNameLabel,
		"*":                              cert.ErrNameWildcard,
		"*.*.example.com":                cert.ErrNameWildcard,
		"www.*.example.com":              cert.ErrNameWildcard,
		"w*.example.com":                 cert.ErrNameWildcard,
		"a_b.example":                    cert.ErrNameChars,
		"-a.example":                     cert.ErrNameChars,
		"https://a.example":              cert.ErrNameChars,
		"a.example:443":                  cert.ErrNameChars,
		"a.example\n":                    cert.ErrNameChars,
		"\u202ea.example":                cert.ErrNameChars,
		"xn--a.example":                  cert.ErrNameChars,
		strings.Repeat("a", 64) + ".de":  cert.ErrNameLong,
		strings.Repeat("a.", 126) + "de": cert.ErrNameLong,
	} {
		if got, err := cert.NormalizeName(written); !errors.Is(err, want) {
			t.Errorf("%q is %q, %v; want %v", written, got, err, want)
		}
	}
}
