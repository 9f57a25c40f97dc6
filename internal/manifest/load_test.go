package manifest

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// loadOne loads the text as cdn.yaml and returns its only manifest.
func loadOne(t *testing.T, text string) cert.Spec {
	t.Helper()
	specs, problems := Load(files(map[string]string{"cdn.yaml": text}), []string{"cdn.yaml"})
	if len(specs) != 1 || len(problems) > 0 {
		t.Fatalf("got %d specs and problems\n%s", len(specs), print(problems))
	}
	return specs[0]
}

func compare(t *testing.T, want, got cert.Spec) {
	t.Helper()
	want.At, got.At = nil, nil
	unexported := cmp.AllowUnexported(cert.Opt[string]{}, cert.Opt[bool]{}, cert.Opt[cert.DCVMethod]{},
		cert.Opt[cert.Domains]{}, cert.Opt[cert.ValidationType]{}, cert.Opt[cert.Authority]{},
		cert.Opt[time.Duration]{}, cert.Opt[time.Time]{})
	if d := cmp.Diff(want, got, unexported); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	compare(t, cert.Spec{
		ID: 11604, Name: "cdn", Tags: map[string]string{"team": "web"},
		Patch: cert.Patch{Label: cert.Some("cdn.example.com"),
			Description: cert.Some("Storefront, EU and US"),
			AutoRenew:   cert.Some(false),
			DCVMethod:   cert.Some(cert.DNSTxtToken),
			Domains: cert.Some(cert.Domains{
				Common: "cdn.example.com", Names: []string{"cdn.example.com", "www.example.com"}})},
		Expect: cert.Expect{
			ValidationType: cert.Some(cert.OV),
			Authority:      cert.Some(cert.DigiCert),
			Organization:   cert.Some("Example Corp"),
		},
		Policy: cert.Policy{
			RenewBefore:          cert.Some(30 * day),
			RenewIfExpiresBefore: cert.Some(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)),
			RenewIfThumbprint:    []string{"0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"},
			RetriggerUntil:       cert.Some(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)),
			RemoveDomains:        []string{"old.example.com"},
			Protect:              []cert.Edit{cert.EditLabel},
		},
	}, loadOne(t, string(text)))
}

func TestAbsentIsNotManaged(t *testing.T) {
	t.Parallel()
	compare(t, cert.Spec{ID: 5, Name: "cdn"}, loadOne(t, legal(5)))
}

func TestValuesAreNormalized(t *testing.T) {
	t.Parallel()
	compare(t, cert.Spec{
		ID: 5, Name: "cdn", Tags: map[string]string{"on": "0123", "empty": ""},
		Patch: cert.Patch{Description: cert.Some("one\ntwo"),
			Domains: cert.Some(cert.Domains{Common: "xn--bcher-kva.example",
				Names: []string{"*.example.com", "a.example.com", "xn--bcher-kva.example"}})},
		Policy: cert.Policy{
			RenewBefore:       cert.Some(14 * day),
			RetriggerUntil:    cert.Some(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)),
			RemoveDomains:     []string{"b.example.com", "c.example.com"},
			Protect:           []cert.Edit{cert.EditDescription, cert.EditLabel},
			AllowUndocumented: []cert.Edit{cert.EditAutoRenew, cert.EditRetrigger},
			Accept:            []cert.Code{cert.Expiring, cert.LongLabel},
			RenewIfThumbprint: []string{"0A1B2C3D4E5F60718293A4B5C6D7E8F901234567", "FF112233445566778899AABBCCDDEEFF00112233"},
		},
	}, loadOne(t, strings.ReplaceAll(`apiVersion: cpsync/v1
kind: "Certificate"
metadata: {id: 5, tags: {"on": "0123", empty: ""}}
spec:
  description: "one\ntwo \n\n"
  common_name: BÜCHER.example.
  domains: [bücher.example, A.example.com, "*.Example.com"]
policy:
  renew_before: 2w
  retrigger_until: "2026-12-31"
  renew_if_thumbprint: ["ff:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33", 0a1B2C3D4E5F60718293A4B5C6D7E8F901234567]
  remove_domains: [c.example.com., B.example.com]
  protect: [certificate_label, description]
  allow_undocumented: [retrigger, auto_renew]
  accept: [long-label, expiring]
`, "\n", "\r\n")))
}

func TestEmptyDescriptionIsManaged(t *testing.T) {
	t.Parallel()
	compare(t, cert.Spec{ID: 5, Name: "cdn", Patch: cert.Patch{Description: cert.Some("")}},
		loadOne(t, legal(5)+"spec: {description: \"\"}\n"))
}

func TestPlacesCountCharacters(t *testing.T) {
	t.Parallel()
	s := loadOne(t, "\ufeff# über\n---\n"+legal(5)+
		"spec: {description: über, common_name: b.example, domains: [ü.example, c.example, b.example]}\n"+
		"policy:\n  remove_domains: [z.example, y.example]\n")
	for path, want := range map[string]cert.Pos{
		"":                      {File: "cdn.yaml", Line: 3, Column: 1},
		"not.there":             {File: "cdn.yaml", Line: 3, Column: 1},
		"metadata.id":           {File: "cdn.yaml", Line: 5, Column: 12},
		"spec.common_name":      {File: "cdn.yaml", Line: 6, Column: 27},
		"spec.domains":          {File: "cdn.yaml", Line: 6, Column: 51},
		"policy.remove_domains": {File: "cdn.yaml", Line: 8, Column: 3},
	} {
		if got := s.Place(path); got != want {
			t.Errorf("%q is at %+v, want %+v", path, got, want)
		}
	}
}

func TestProblemsOfAllFilesComeInOrder(t *testing.T) {
	t.Parallel()
	fsys := files(map[string]string{
		"x/a.yaml": "a: [\n---\n" + legal(1) + "spec: {color: red, auto_renew: maybe}\n",
		"x/b.yaml": legal(1) + "wibble: 1\n",
		"w/c.yaml": "metadata: {name: b}\n" + strings.Replace(legal(2), "metadata: {id: 2}\n", "", 1),
		"w/a.yaml": legal(3),
	})
	want := `b.yaml:3:12: the id 1 is taken by the manifest at x/a.yaml:5:12 [duplicate-id]
	Give each request one manifest: correct the id, or make the two one.
b.yaml:4:1: unknown key "wibble" [unknown-key]
	The keys here are apiVersion, kind, metadata, spec, expect, policy.
`
	_, problems := Load(fsys, []string{"missing", "x", "w"})
	got := print(problems)
	if !strings.Contains(got, want) {
		t.Errorf("want among them\n%s\ngot\n%s", want, got)
	}
	var places []string
	for _, p := range problems {
		places = append(places, p.At.File)
	}
	order := []string{"missing", "x/a.yaml", "x/a.yaml", "x/a.yaml", "x/b.yaml", "x/b.yaml", "w/c.yaml", "w/c.yaml"}
	if d := cmp.Diff(order, places); d != "" {
		t.Errorf("order of files (-want +got):\n%s\n%s", d, got)
	}
}

func TestOneNameInTwoFiles(t *testing.T) {
	t.Parallel()
	fsys := files(map[string]string{"eu/cdn.yaml": legal(1), "us/cdn.yaml": legal(2)})
	want := "cdn.yaml:1:1: the name \"cdn\" is taken by the manifest at eu/cdn.yaml:1:1 [duplicate-name]\n" +
		"\tAdd another metadata.name to one of them.\n"
	if d := cmp.Diff(want, loaded(fsys, "eu", "us")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestEveryOtherCodeIsListed: the codes are too many to repeat beside a guess.
func TestEveryOtherCodeIsListed(t *testing.T) {
	t.Parallel()
	got := loaded(files(map[string]string{"a.yaml": legal(1) + "policy: {accept: [nonsense]}\n"}), "a.yaml")
	for _, c := range cert.Codes {
		if !strings.Contains(got, string(c)) {
			t.Errorf("%s is not in %s", c, got)
		}
	}
}

func TestEveryWordOfTheServerIsTaken(t *testing.T) {
	t.Parallel()
	words := map[string][]string{
		"spec: {dcv_method: ":              texts(cert.DCVMethods),
		"expect: {validation_type: ":       texts(cert.ValidationTypes),
		"expect: {certificate_authority: ": texts(cert.Authorities),
	}
	for before, all := range words {
		for _, w := range all {
			loadOne(t, legal(5)+before+w+"}\n")
		}
	}
	for _, e := range cert.Edits() {
		loadOne(t, legal(5)+"policy: {protect: ["+e.String()+"]}\n")
	}
	for _, c := range cert.Codes {
		loadOne(t, legal(5)+"policy: {accept: ["+string(c)+"]}\n")
	}
}

// TestReadersThatDisagree: of the tag "!" the tree shows nothing, and the decoder
// takes the number behind it for text.
func TestReadersThatDisagree(t *testing.T) {
	t.Parallel()
	got := loaded(files(map[string]string{"a.yaml": strings.Replace(legal(1), "1}", "! 1}", 1)}), "a.yaml")
	want := "a.yaml:3:12: readers of YAML disagree about metadata.id [ambiguous-yaml]\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestLongValuesAreCut keeps a message from repeating a file.
func TestLongValuesAreCut(t *testing.T) {
	t.Parallel()
	text := legal(1) + "policy: {renew_before: " + strings.Repeat("ü", 1000) + "}\n"
	got := loaded(files(map[string]string{"a.yaml": text}), "a.yaml")
	if len(got) > 400 || !strings.Contains(got, `üü"…`) {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
