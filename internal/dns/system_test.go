package dns

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1:53", "192.0.2.1:5353": "192.0.2.1:5353", "dns.example": "dns.example:53", "dns.example:54": "dns.example:54",
		"2001:db8::1": "[2001:db8::1]:53", "[2001:db8::1]:54": "[2001:db8::1]:54", "::1": "[::1]:53",
		"": "", ":53": "", "a:0": "", "a:65536": "", "a:http": "", "a:": "", "a b": "", "https://a": "", "a:1:2": "", "[::1]": "[::1]:53", "[::1": "", "[]": "", "x]": "", "a/b": "", "\x1b": "",
	} {
		got, err := Address(text)
		if got != want || (err == nil) == (want == "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestSystem(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	for text, want := range map[string][]string{
		"# a\nsearch example.com\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n": {"192.0.2.1:53", "[2001:db8::1]:53"},
		"": nil, "search example.com\n": nil,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := System(file); !slices.Equal(got, want) || (err == nil) == (want == nil) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := System(file + "x"); err == nil {
		t.Error("a file that is not there has servers")
	}
}
