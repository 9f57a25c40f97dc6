package cert_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

func TestNormalizeName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	tests := map[string]struct {
		in, want string
		err      error
	}{
		"a plain name stays":                   {in: "www.example.com", want: "www.example.com"},
		"upper case becomes lower case":        {in: "WWW.Example.COM", want: "www.example.com"},
		"a trailing dot goes":                  {in: "www.example.com.", want: "www.example.com"},
		"an IDN becomes ASCII":                 {in: "bücher.example", want: "xn--bcher-kva.example"},
		"an IDN in upper case too":             {in: "BÜCHER.example", want: "xn--bcher-kva.example"},
		"an IDN in decomposed form too":        {in: "bu\u0308cher.example", want: "xn--bcher-kva.example"},
		"its ASCII form stays":                 {in: "XN--BCHER-KVA.example", want: "xn--bcher-kva.example"},
		"sharp s is not two s":                 {in: "straße.example", want: "xn--strae-oqa.example"},
		"a wildcard as the first label":        {in: "*.Example.com", want: "*.example.com"},
		"a wildcard before an IDN":             {in: "*.bücher.example", want: "*.xn--bcher-kva.example"},
		"an ideographic full stop is a dot":    {in: "www。example。com", want: "www.example.com"},
		"a label of 63 characters":             {in: long + ".com", want: long + ".com"},
		"digits and dashes":                    {in: "a-1.2x.example.com", want: "a-1.2x.example.com"},
		"nothing":                              {in: "", err: cert.ErrNameEmpty},
		"a dot alone":                          {in: ".", err: cert.ErrNameEmpty},
		"a wildcard of nothing":                {in: "*.", err: cert.ErrNameWildcard},
		"a star alone":                         {in: "*", err: cert.ErrNameWildcard},
		"a wildcard of a single label":         {in: "*.com", err: cert.ErrNameSingle},
		"a star in the middle":                 {in: "a.*.com", err: cert.ErrNameWildcard},
		"a star as part of a label":            {in: "w*.example.com", err: cert.ErrNameWildcard},
		"two stars":                            {in: "*.*.example.com", err: cert.ErrNameWildcard},
		"a star that is not ASCII":             {in: "＊.example.com", err: cert.ErrNameChars},
		"a single label":                       {in: "localhost", err: cert.ErrNameSingle},
		"a single label that is an IDN":        {in: "bücher", err: cert.ErrNameSingle},
		"two dots in a row":                    {in: "a..example.com", err: cert.ErrNameLabel},
		"a dot in front":                       {in: ".example.com", err: cert.ErrNameLabel},
		"two dots behind":                      {in: "example.com..", err: cert.ErrNameLabel},
		"an IPv4 address":                      {in: "192.0.2.1", err: cert.ErrNameIP},
		"an IPv4 address with a dot behind":    {in: "192.0.2.1.", err: cert.ErrNameIP},
		"an IPv4 address in full-width digits": {in: "１９２.０.２.１", err: cert.ErrNameIP},
		"an IPv6 address":                      {in: "2001:db8::1", err: cert.ErrNameIP},
		"an IPv6 address in brackets":          {in: "[2001:db8::1]", err: cert.ErrNameIP},
		"a label of 64 characters":             {in: long + "a.com", err: cert.ErrNameLong},
		"254 characters":                       {in: strings.Repeat(long+".", 3) + strings.Repeat("a", 58) + ".com", err: cert.ErrNameLong},
		"a space":                              {in: "a b.example.com", err: cert.ErrNameChars},
		"an underscore":                        {in: "_acme.example.com", err: cert.ErrNameChars},
		"a URL":                                {in: "https://example.com", err: cert.ErrNameChars},
		"a port":                               {in: "example.com:443", err: cert.ErrNameChars},
		"a dash in front":                      {in: "-a.example.com", err: cert.ErrNameChars},
		"a control character":                  {in: "a\x1b.example.com", err: cert.ErrNameChars},
		"a text direction that turns":          {in: "a\u202e.example.com", err: cert.ErrNameChars},
		"bytes that are no text":               {in: "0.0\xff0", err: cert.ErrNameChars},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := cert.NormalizeName(tt.in)
			if got != tt.want && tt.err == nil || !errors.Is(err, tt.err) {
				t.Errorf("NormalizeName(%q) = %q, %v; want %q, %v", tt.in, got, err, tt.want, tt.err)
			}
		})
	}
}

func TestLooseNameKeepsWhatIsNoName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"a name is normalized":                    {"BÜCHER.example.", "xn--bcher-kva.example"},
		"a single label comes back in lower case": {"LocalHost.", "localhost"},
		"an underscore stays":                     {"_ACME.example.com", "_acme.example.com"},
		"an address stays":                        {"192.0.2.1", "192.0.2.1"},
		"nothing stays nothing":                   {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cert.LooseName(tt.in); got != tt.want {
				t.Errorf("LooseName(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestDisplayNameShowsBothForms(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"a plain name":        {"www.example.com", "www.example.com"},
		"an IDN":              {"xn--bcher-kva.example", "bücher.example (xn--bcher-kva.example)"},
		"a wildcard":          {"*.xn--bcher-kva.example", "*.bücher.example (*.xn--bcher-kva.example)"},
		"an IDN that is none": {"xn--\x00.example", "xn--\x00.example"},
		"nothing":             {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cert.DisplayName(tt.in); got != tt.want {
				t.Errorf("DisplayName(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// FuzzNormalizeName: the one form of a name is a fixed point, and no spelling of a
// name has another one. In upper case a name takes the long way, so the short one can't
// come to something else.
func FuzzNormalizeName(f *testing.F) {
	for _, s := range []string{"www.example.com", "*.BÜCHER.example.", "straße.example", "www。example。com",
		"xn--bcher-kva.example", "192.0.2.1", "a..b", "*", "İstanbul.example", "ﬁ.example", "xn--a.example", "0.0\xff0",
		"a-b.c1.2x", "1.2.3.4", "ab--c.example", "a-.example", "a_b.example", strings.Repeat("a", 64) + ".de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		name, err := cert.NormalizeName(in)
		loose := cert.LooseName(in)
		if again := cert.LooseName(loose); err == nil && again != loose {
			t.Errorf("LooseName(%q) = %q, and of that %q", in, loose, again)
		}
		_ = cert.DisplayName(in)
		if err != nil {
			return
		}
		if loose != name {
			t.Errorf("LooseName(%q) = %q, NormalizeName %q", in, loose, name)
		}
		for _, spelling := range []string{name, name + ".", strings.ToUpper(name), strings.TrimSuffix(in, ".") + "."} {
			if again, err := cert.NormalizeName(spelling); err != nil || again != name {
				t.Errorf("%q is %q, but its spelling %q is %q, %v", in, name, spelling, again, err)
			}
		}
		unicode, _, _ := strings.Cut(cert.DisplayName(name), " (")
		if again, err := cert.NormalizeName(unicode); err != nil || again != name {
			t.Errorf("%q is shown as %q, which is %q, %v", name, unicode, again, err)
		}
	})
}
