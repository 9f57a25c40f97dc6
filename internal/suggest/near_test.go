package suggest

import (
	"strings"
	"testing"
)

func TestNearMisses(t *testing.T) {
	t.Parallel()
	words := []string{"certificate_label", "description", "auto_renew", "dcv_method", "id", "DV", "OV"}
	for written, want := range map[string]string{
		"descripton":              "description",
		"desciprtion":             "description",
		"AutoRenew":               "auto_renew",
		"auto-renew":              "auto_renew",
		"DCV_METHOD":              "dcv_method",
		"certificate-lable":       "certificate_label",
		"ID":                      "id",
		"dv":                      "DV",
		"if":                      "",
		"QV":                      "",
		"":                        "",
		"wibble":                  "",
		"label":                   "certificate_label",
		"desc":                    "description",
		"method_of":               "",
		"déscription":             "description",
		strings.Repeat("x", 1000): "",
	} {
		if got, _ := Near(written, words); got != want {
			t.Errorf("near %q is %q, want %q", written, got, want)
		}
	}
}

func TestEditsCountsSlips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"abc", "ab", 1}, {"abc", "abxc", 1}, {"abc", "axc", 1},
		{"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ü", "u", 1},
	} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("edits(%q, %q) is %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
