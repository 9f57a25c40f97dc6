package manifest

import (
	"strings"
	"testing"
)

// TestTakes: what a key can't hold is said, and what it can hold is read back.
func TestTakes(t *testing.T) {
	t.Parallel()
	for path, texts := range map[string]map[string]string{
		"spec.certificate_label":       {"shop": "", "no": "", " ": "blank", "a\nb": "line break", "a\tb": "tab", "\xff": "UTF-8"},
		"spec.description":             {"": "", "a\nb": "", "a\x00": "U+0000"},
		"spec.dcv_method":              {"Email": "", "email": "email"},
		"spec.domains":                 {"*.example.com": "", "192.0.2.1": "IP", "a b.example": "can't be"},
		"expect.validation_type":       {"OV": "", "None": "None"},
		"expect.certificate_authority": {"DigiCert": "", "": "can't be"},
		"expect.organization":          {"Example Corp": "", "": "blank"},
	} {
		for text, want := range texts {
			got := WhyNot(path, text)
			if (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%s %q: %q, want %q", path, text, got, want)
			}
		}
	}
}

func TestParseReadsAsLoadDoes(t *testing.T) {
	t.Parallel()
	specs, problems := Parse("certs/a.yaml", []byte("apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 7}\n"), Defaults{})
	if len(problems) > 0 || len(specs) != 1 || specs[0].Name != "a" || specs[0].Place("metadata.id").File != "certs/a.yaml" {
		t.Error(specs, problems)
	}
	if _, problems := Parse("certs/a.yaml", []byte("apiVersion: cpsync/v2\n"), Defaults{}); len(problems) != 1 {
		t.Error(problems)
	}
}

func TestLeads(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{"testdata": true, "testdata/nowhere": false, "text.go": true} {
		if got := HasManifests(onDisk(t, path), path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
