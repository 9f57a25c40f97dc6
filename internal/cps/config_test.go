package cps

import "testing"

// TestOneAPIHasOneAddress, however it is written. What is no URL stays as it is, and so does what tells two APIs
// apart: the port, the case of the path, a query.
func TestOneAPIHasOneAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://api.vdms.io/sec/cps":        "https://api.vdms.io/sec/cps",
		"https://api.vdms.io/sec/cps/":       "https://api.vdms.io/sec/cps",
		"HTTPS://API.vdms.io.:443/sec//cps/": "https://api.vdms.io/sec/cps",
		"https://api.vdms.io:8443/sec/cps":   "https://api.vdms.io:8443/sec/cps",
		"http://127.0.0.1:80":                "http://127.0.0.1",
		"http://[::1]:8080/sec/cps":          "http://[::1]:8080/sec/cps",
		"https://api.vdms.io/SEC/cps":        "https://api.vdms.io/SEC/cps",
		"https://a:b@api.vdms.io/?page=1#x":  "https://a:b@api.vdms.io?page=1#x",
		"api.vdms.io/sec/cps":                "api.vdms.io/sec/cps",
		"https://%zz":                        "https://%zz",
		"":                                   "",
	} {
		if got := Address(text); got != want {
			t.Errorf("Address(%q) is %q, want %q", text, got, want)
		}
		if got := Address(want); got != want {
			t.Errorf("Address(%q) is %q: an address is its own", want, got)
		}
	}
}
