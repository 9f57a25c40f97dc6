package importer

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ label, common, want string }{
		"a label that is a name":     {"cdn.example.com", "", "cdn.example.com"},
		"capitals and spaces":        {"My Shop  (EU)", "", "my-shop-eu"},
		"a path":                     {"../../etc/passwd", "", "etc-passwd"},
		"a hidden name":              {".env", "", "env"},
		"a wildcard":                 {"*.example.com", "", "example.com"},
		"dots alone":                 {"....", "www.example.com", "www.example.com"},
		"nothing that can be a name": {"日本", "", "request-7"},
		"letters that would be lost": {"Été", "www.example.com", "www.example.com"},
		"letters of others":          {"Bücher", "", "b-cher"},
		"300 characters":             {strings.Repeat("a", 300), "", strings.Repeat("a", 80) + "-7"},
		"cut at a dot":               {strings.Repeat("a", 79) + ".b", "", strings.Repeat("a", 79) + "-7"},
		"a device of Windows":        {"con", "", "request-7"},
		"a device with an ending":    {"NUL.example.com", "", "request-7"},
		"one that is taken":          {"Taken", "", "taken-7"},
	} {
		var n Names
		n.Take("TAKEN")
		if got := n.For(cert.Live{ID: 7, Label: c.label, Common: c.common}); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

// TestNamesAreSafeAndTheirOwn, also where case does not count.
func TestNamesAreSafeAndTheirOwn(t *testing.T) {
	t.Parallel()
	safe := regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)
	t.Logf("from -seed %d", firstSeed())
	r := rand.New(rand.NewPCG(firstSeed(), 2))
	var n Names
	seen := map[string]bool{}
	for id := range cert.ID(3000) {
		name := n.For(cert.Live{ID: id + 1, Label: hostile(r), Common: hostile(r)})
		if seen[name] || !safe.MatchString(name) || len(name) > 100 {
			t.Fatalf("%q", name)
		}
		seen[name] = true
	}
}
