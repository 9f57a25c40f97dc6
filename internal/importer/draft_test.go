package importer

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/seed"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func live(edit func(*cert.Live)) cert.Live {
	l := cert.Live{ID: 11604, Label: "cdn.example.com", Description: "Storefront, EU and US",
		DCVMethod: cert.DNSTxtToken, ValidationType: cert.OV, Authority: cert.DigiCert, Common: "www.example.com",
		Organization: "Example Corp", OrganizationRead: true, Expires: now.AddDate(0, 3, 0)}
	l.SetDomains([]cert.Domain{{Name: "www.example.com", Status: cert.DomainActive}, {Name: "*.example.com", Status: cert.DomainActive},
		{Name: "xn--bcher-kva.example", Status: cert.DomainActive}, {Name: "old.example.com", Status: cert.DomainDelete}})
	if edit != nil {
		edit(&l)
	}
	return l
}

func TestDraftReadsAsIfWrittenByHand(t *testing.T) {
	t.Parallel()
	want := "# yaml-language-server: $schema=" + Schema + `
apiVersion: cpsync/v1
kind: Certificate
metadata:
  id: 11604
spec:
  certificate_label: cdn.example.com
  description: Storefront, EU and US
  auto_renew: false
  dcv_method: DnsTxtToken
  common_name: www.example.com
  domains:
    - www.example.com
    - "*.example.com"
    - bücher.example
expect:
  validation_type: OV
  certificate_authority: DigiCert
  organization: Example Corp
`
	if d := cmp.Diff(want, string(DraftOf(live(nil), cert.Expect{}, nil, Schema).Text)); d != "" {
		t.Error(d)
	}
}

// TestLines: each value beside the line that is written for it.
func TestLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   `description: ""`,
		"no":                 `description: "no"`,
		"NULL":               `description: "NULL"`,
		"0123":               `description: "0123"`,
		"1e3":                `description: "1e3"`,
		"2026-11-22":         `description: "2026-11-22"`,
		"~":                  `description: "~"`,
		"a: b":               `description: "a: b"`,
		"a #b":               `description: "a #b"`,
		" a":                 `description: " a"`,
		"- a":                `description: "- a"`,
		"*a":                 `description: "*a"`,
		"{a}":                `description: "{a}"`,
		`say "hi" \ bye`:     `description: "say \"hi\" \\ bye"`,
		"it's fine":          `description: it's fine`,
		"Bücher für alle":    `description: Bücher für alle`,
		"日本":                 `description: "日本"`,
		"a\u200bb":           `description: "a\u200bb"`,
		"a\u00a0b":           `description: "a\u00a0b"`,
		"\U000e0041":         `description: "\U000e0041"`,
		"one\ntwo\n\n  four": "description: |-\n    one\n    two\n\n      four",
		"one \ntwo":          `description: "one \ntwo"`,
		"\none":              `description: "\none"`,
		"---\n...":           "description: |-\n    ---\n    ...",
		"a\tb":               "# description is not managed: what is live holds a tab.\n  #   \"a\\tb\"",
		"a\u202eb":           "# description is not managed: what is live holds the bidirectional control U+202E.\n  #   \"a\\u202eb\"",
		"a\r\nb":             "# description is not managed: what is live holds a carriage return.\n  #   \"a\\r\\nb\"",
	} {
		got := string(DraftOf(live(func(l *cert.Live) { l.Description = text }), cert.Expect{}, nil, Schema).Text)
		if !strings.Contains(got, "\n  "+want+"\n  auto_renew:") {
			t.Errorf("%q:\n%s", text, got)
		}
	}
}

func TestWhatAManifestMayNotHoldIsLeftOut(t *testing.T) {
	t.Parallel()
	for key, edit := range map[string]func(*cert.Live){
		"spec.certificate_label":       func(l *cert.Live) { l.Label = "two\nlines" },
		"spec.dcv_method":              func(l *cert.Live) { l.DCVMethod = "Pigeon\x07" },
		"spec.domains":                 func(l *cert.Live) { l.Common = "" },
		"expect.validation_type":       func(l *cert.Live) { l.ValidationType = "None" },
		"expect.certificate_authority": func(l *cert.Live) { l.Authority = "" },
		"expect.organization":          func(l *cert.Live) { l.Organization = "\x1b[31m" },
	} {
		d := DraftOf(live(edit), cert.Expect{}, nil, Schema)
		if len(d.LeftOut) != 1 || d.LeftOut[0].Key != key {
			t.Errorf("%s: left out %+v", key, d.LeftOut)
		}
		what, left := strings.CutPrefix(key, "expect.")
		verb := map[bool]string{true: "expected", false: "managed"}[left]
		if what = strings.TrimPrefix(what, "spec."); !strings.Contains(string(d.Text), "# "+what+" is not "+verb+": ") {
			t.Errorf("it is not %s:\n%s", verb, d.Text)
		}
		same(t, d)
	}
	for what, edit := range map[string]func(*cert.Live){
		"a wildcard with EV": func(l *cert.Live) { l.ValidationType = cert.EV },
		"no name at all":     func(l *cert.Live) { l.Domains, l.Common = nil, "" },
		"no host name":       func(l *cert.Live) { l.SetDomains([]cert.Domain{{Name: "192.0.2.1"}}) },
	} {
		d := DraftOf(live(edit), cert.Expect{}, nil, Schema)
		if len(d.LeftOut) != 1 || d.LeftOut[0].Key != "spec.domains" {
			t.Errorf("%s: left out %+v", what, d.LeftOut)
		}
		same(t, d)
	}
}

// same checks what every draft has to be: one manifest that the strict reader takes,
// that differs in nothing from what is live, and that asks a plan for nothing.
func same(t *testing.T, d Draft) {
	t.Helper()
	specs, problems := manifest.Parse("certs/a.yaml", d.Text, manifest.Defaults{})
	if len(problems) > 0 || len(specs) != 1 {
		t.Fatalf("%d manifests, %+v, of\n%s", len(specs), problems, d.Text)
	}
	if changes := diff.Fields(specs[0].Patch, d.Live); len(changes) > 0 {
		t.Fatalf("%+v, of\n%s", changes, d.Text)
	}
	p := plan.Build(plan.Account{Pairs: []plan.Pair{{Want: specs[0], Have: d.Live, Found: true}}, Complete: true}, now, plan.Options{})
	if cert.PhaseOf(d.Live, now) != cert.Deleted && !p.Steps[0].Agrees() {
		t.Fatalf("%+v, of\n%s", p.Steps[0], d.Text)
	}
	for line := range strings.Lines(string(d.Text)) {
		comment := strings.Contains(line, "#")
		if comment && strings.HasPrefix(line, "  #") && strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' && r != '\n' }) {
			t.Fatalf("a comment that is not plain: %q", line)
		}
	}
}

// pieces are what hostile texts are made of.
var pieces = []string{
	"a", "B", "no", "~", "null", "0", "1e3", "0x1f", ".inf", "2026-11-22", "12:30:45", "=", "<<", "!", "!!str", "&a", "*a",
	"|", ">", "-", "---", "...", "%", "@", "`", "'", `"`, `\`, "#", " #", ": ", ":", "?", "[", "]", "{", "}", ",",
	" ", "  ", "\n", "\n\n", "\r", "\t", "\x00", "\x07", "\x1b[31m", "\x7f", "\u0085", "\u00a0", "\u00ad", "\u0301", "\u034f",
	"\u115f", "\u200b", "\u200d", "\u202e", "\u2028", "\u2066", "\u3164", "\ufe0f", "\ufeff", "\ufffd", "\uffff", "\ue000",
	"é", "ß", "Ǆ", "ﬁ", "ı", "日本", "עברית", "😀", "\U000e0041", "\U0010ffff", "\xff", "example.com", "key: value",
}

func hostile(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(7) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// hostileLive keeps to what a cert.Live promises and to nothing else.
func hostileLive(r *rand.Rand) cert.Live {
	l := cert.Live{ID: cert.ID(1 + r.IntN(1e6)), Label: hostile(r), AutoRenew: r.IntN(2) == 0,
		Description:    strings.TrimRightFunc(hostile(r), unicode.IsSpace),
		DCVMethod:      oneOf(r, append(cert.DCVMethods, cert.DCVMethod(hostile(r)))...),
		ValidationType: oneOf(r, append(cert.ValidationTypes, cert.ValidationType(hostile(r)))...),
		Authority:      oneOf(r, append(cert.Authorities, cert.Authority(hostile(r)))...),
		Organization:   hostile(r), OrganizationRead: true}
	var names []cert.Domain
	for range r.IntN(5) {
		name := cert.LooseName(hostile(r) + oneOf(r, "", ".example.com", "a.example.com", "b.bücher.example"))
		names = append(names, cert.Domain{Name: name, Status: oneOf(r, cert.DomainActive, cert.DomainPendingReissue, cert.DomainPendingDelete)})
	}
	l.SetDomains(names)
	if live := l.Names(); len(live) > 0 && r.IntN(8) > 0 {
		l.Common = oneOf(r, live...)
	}
	return l
}

func oneOf[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

var firstSeed = seed.Flag()

// TestEveryDraftPlansToNothing, whatever labels, descriptions and names hold.
func TestEveryDraftPlansToNothing(t *testing.T) {
	t.Parallel()
	t.Logf("from -seed %d", firstSeed())
	r := rand.New(rand.NewPCG(firstSeed(), 1))
	for range 4000 {
		same(t, DraftOf(hostileLive(r), cert.Expect{}, nil, Schema))
	}
}

// FuzzDraft: the same for what a fuzzer thinks of.
func FuzzDraft(f *testing.F) {
	for _, p := range pieces {
		f.Add(p, p, p)
	}
	f.Fuzz(func(t *testing.T, label, description, name string) {
		if len(label)+len(description)+len(name) > 10_000 {
			return
		}
		l := cert.Live{ID: 7, Label: label, Description: strings.TrimRightFunc(description, unicode.IsSpace),
			ValidationType: cert.DV, Common: cert.LooseName(name)}
		l.SetDomains([]cert.Domain{{Name: cert.LooseName(name), Status: cert.DomainActive}, {Name: "www.example.com", Status: cert.DomainActive}})
		d := DraftOf(l, cert.Expect{}, nil, Schema)
		same(t, d)
		if !utf8.Valid(d.Text) {
			t.Errorf("not UTF-8: %q", d.Text)
		}
	})
}
