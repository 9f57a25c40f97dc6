package render_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// explained is what a run would say of a pair.
func explained(p plan.Pair, control ...cert.DomainValidation) report.Explanation {
	all := plan.Build(plan.Account{Pairs: []plan.Pair{p}}, now, options())
	s := all.Steps[0]
	return report.Explanation{Common: report.Common{Version: report.Version{Name: "cpsync", Version: "1.0.0"}, Target: "api.vdms.io",
		API: options().API, Now: now, Requests: report.Requests{Reads: 4}}, Asked: "shop", Step: s, Managed: p.Want.At != nil, Life: view.LifeOf(p.Have, now), Next: view.WhoActs(s, now),
		Renewal: s.Renewal(now), Outlooks: s.Outlooks(now, options()),
		DCV: control, DCVRead: control != nil}
}

// waits is a request that waits for domain control.
func waits() plan.Pair {
	have := inStatus(live(11607, "", "shop.example.com", "www.shop.example.com"),
		cert.StatusDomainControlValidation, cert.OrderPending, cert.DomainAwaitingCertificateAuthority)
	have.RequiresAttention = true
	return plan.Pair{Want: cert.Spec{ID: 11607, Name: "shop"}, Have: have, Found: true}
}

// explanations are the golden files, by name.
var explanations = map[string]func() report.Explanation{
	"explain-records": func() report.Explanation {
		return explained(waits(),
			cert.DomainValidation{Names: []string{"shop.example.com"}, Method: cert.DNSTxtToken, Inferred: true,
				Records: []cert.Record{{Name: "shop.example.com", Type: "TXT", Value: `one "token"`}}},
			cert.DomainValidation{Names: []string{"*.a-name-so-long-that-a-value-moves-below.shop.example.com"}, Method: cert.DNSCnameToken, Inferred: true,
				Records: []cert.Record{
					{Name: "_token.a-name-so-long-that-a-value-moves-below.shop.example.com", Type: "CNAME", Value: "dcv.digicert.com"},
					{Name: "_token.other.example", Type: "CNAME"},
				}})
	},
	"explain-mail": func() report.Explanation {
		return explained(waits(), cert.DomainValidation{Names: []string{"shop.example.com"}, Method: cert.Email,
			Emails: []string{"admin@shop.example.com", "hostmaster@shop.example.com"}})
	},
	"explain-not-yet": func() report.Explanation {
		return explained(waits(), cert.DomainValidation{Names: []string{"shop.example.com"}, Method: cert.DNSTxtToken})
	},
	"explain-hostile": func() report.Explanation {
		p := waits()
		p.Have.Label, p.Have.Common, p.Have.ErrorMessage = "\x1b[31mred", "", "one\ntwo\u202e"
		p.Have.Organization, p.Have.ModifiedBy, p.Have.Deployments = "\x1b[1mCorp", "user \u202e", []cert.EdgeHost{{Region: "\x07", Host: "a\nb"}}
		return explained(p, cert.DomainValidation{Names: []string{"\x07.example.com"}, Method: "Pig\x1beon", Inferred: true,
			Records: []cert.Record{{Name: "a\nb;\u202e.example.com", Type: "TXT", Value: "\x1b\"\\é" + strings.Repeat("x", 260)}}})
	},
	"explain-sends": func() report.Explanation {
		p := pair(spec(11612, "certs/a.yaml"), live(11612, "2027-02-18", "img.example.com", "a-rather-long-name-of-a-host.example.com"))
		p.Have.Deployments = []cert.EdgeHost{{Region: "GlobalStandard", Platform: "HttpLarge", Host: "cs901.wpc.example-cdn.net"}, {Region: "GlobalStandard", Platform: "HttpSmall"}}
		p.Have.Organization, p.Have.ModifiedBy = "Example Corp", "user 501"
		p.Want.Description = cert.Some("Pictures")
		p.Want.Domains = cert.Some(cert.Domains{Common: "img.example.com",
			Names: []string{"a-rather-long-name-of-a-host.example.com", "api.img.example.com", "img.example.com"}})
		return explained(p)
	},
	"explain-deleted": func() report.Explanation {
		return explained(plan.Pair{Want: cert.Spec{ID: 7}, Found: true,
			Have: inStatus(live(7, "2027-02-18", "old.example.com"), cert.StatusDeleted, cert.NoOrder, cert.DomainDelete)})
	},
	"explain-nothing": func() report.Explanation {
		return report.Explanation{Asked: "shop", Common: report.Common{Failure: &report.Failure{Code: "not-found", Message: `nothing is called "shop"`}}}
	},
}

func explanationText(t *testing.T, e report.Explanation, format func(*bytes.Buffer, report.Explanation) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := format(&b, e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asText(b *bytes.Buffer, e report.Explanation) error {
	return text.Explanation(b, e, render.Style{})
}

func asJSON(b *bytes.Buffer, e report.Explanation) error { return jsonplan.Explanation(b, e) }

func TestExplanationsAreAsGolden(t *testing.T) {
	t.Parallel()
	for name, e := range explanations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".txt", explanationText(t, e(), asText))
			if slices.Contains([]string{"explain-records", "explain-sends", "explain-nothing"}, name) {
				golden(t, name+".json", explanationText(t, e(), asJSON))
			}
		})
	}
}

// TestExplanationsAreNarrowAndClean: what is wider is there to be copied whole.
func TestExplanationsAreNarrowAndClean(t *testing.T) {
	t.Parallel()
	for name, e := range explanations {
		for _, width := range []int{40, 80} {
			var b bytes.Buffer
			if err := text.Explanation(&b, e(), render.Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if words.Clean(line) != line {
					t.Errorf("%s: %q", name, line)
				}
				if record := strings.Contains(line, " IN ") || strings.Contains(line, "xxx") ||
					strings.Contains(line, "TYPE   VALUE") || strings.Contains(line, `{"name":`); width == 80 && utf8.RuneCountInString(line) > width && !record {
					t.Errorf("%s: %d columns: %s", name, utf8.RuneCountInString(line), line)
				}
			}
		}
	}
}

// TestEveryPhaseIsExplained, and drawn within 80 columns.
func TestEveryPhaseIsExplained(t *testing.T) {
	t.Parallel()
	for _, p := range phases() {
		e := explained(p)
		text := string(explanationText(t, e, asText))
		if marks := strings.Count(text, "^"); e.Life.At >= 0 && marks != utf8.RuneCountInString(e.Life.Stops[e.Life.At]) {
			t.Errorf("%s is marked %d times:\n%s", e.Step.Phase, marks, text)
		}
		validExplanation(t, explanationText(t, e, asJSON))
	}
}

func TestEveryExplanationIsOfTheSchema(t *testing.T) {
	t.Parallel()
	for _, e := range explanations {
		validExplanation(t, explanationText(t, e(), asJSON))
	}
}

// TestRenewersOfGoAndSchemaAreEqual: a word of one is a word of the other.
func TestRenewersOfGoAndSchemaAreEqual(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../schemas/explain.v2.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, w := range wordsOf(plan.RenewalKind(0)) {
		words = append(words, `"`+w+`"`)
	}
	if list := `"enum": [` + strings.Join(words, ", ") + `]`; !strings.Contains(string(text), list) {
		t.Errorf("the schema does not hold %s", list)
	}
}

// TestEveryValidationIsOfTheSchema has a value of every member.
func TestEveryValidationIsOfTheSchema(t *testing.T) {
	t.Parallel()
	at := cert.Pos{File: "certs/a.yaml", Line: 7, Column: 3}
	want := spec(1, "certs/a.yaml")
	for _, v := range []report.Validation{
		{},
		{Problems: []report.Problem{{At: at, Rule: "unknown-key", Message: "unknown key \"x\"", Hint: "Delete it."}}, Warnings: []report.Problem{{Message: "skipped"}}},
		{Manifests: 2, Notes: []report.Note{{Spec: want, Warning: plan.Warning{Code: cert.SameLabel, Text: "two", At: at, Also: at}}},
			Effective: &report.Effective{Spec: want, Keys: []report.Key{{Path: "metadata.id", Value: "1", At: at}, {Path: "policy.renew_before", Value: "30d", Idle: "auto_renew is on", At: at}}}},
	} {
		var doc bytes.Buffer
		if err := jsonplan.Validation(&doc, v); err != nil {
			t.Fatal(err)
		}
		valid(t, "validate.v2.schema.json", doc.Bytes())
	}
}

func validExplanation(t *testing.T, text []byte) {
	t.Helper()
	valid(t, "explain.v2.schema.json", text)
}

// valid reports what of a document is not as the schema has it.
func valid(t *testing.T, schema string, text []byte) {
	t.Helper()
	once, _ := compiled.LoadOrStore(schema, sync.OnceValues(func() (*jsonschema.Schema, error) {
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		c.UseLoader(neighbours{})
		return c.Compile(home + schema)
	}))
	s, err := once.(func() (*jsonschema.Schema, error))()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// compiled are functions that return a schema, by its file: each is compiled once.
var compiled sync.Map

const home = "https://raw.githubusercontent.com/cpsync/cpsync/main/schemas/"

// neighbours finds the published schemas in this repository.
type neighbours struct{}

func (neighbours) Load(url string) (any, error) {
	name, ok := strings.CutPrefix(url, home)
	if !ok {
		return nil, errors.New(url + " is none of ours")
	}
	text, err := os.ReadFile("../../schemas/" + name)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

func TestAdoptionsAreAsGolden(t *testing.T) {
	t.Parallel()
	file := func(l cert.Live, why ...string) report.Imported {
		return report.Imported{Live: l, File: "certs/" + l.Label + ".yaml", LeftOut: why}
	}
	many := report.Import{Dir: "certs", Target: "api.vdms.io", Now: now, Known: 2, Requests: report.Requests{Reads: 3}}
	for id := range cert.ID(30) {
		many.Written = append(many.Written, file(live(id+1, "2027-02-18", "a.example.com")))
	}
	many.Written[28].LeftOut = []string{"spec.description, which holds a tab"}
	some := report.Import{Dir: "certs", Target: "api.vdms.io", Now: now, Deleted: 1, Rejected: 2, Expired: 3,
		Written:  []report.Imported{file(live(1, "2027-02-18", "a.example.com"))},
		Problems: []report.Problem{{Message: "request 7: there is no such request in this account"}},
		Failure:  &report.Failure{Message: "writing certs/b.yaml: no space left on device"}}
	differs := some
	differs.Problems, differs.Failure = nil, nil
	differs.Differs = []plan.Step{explanations["explain-sends"]().Step, explanations["explain-deleted"]().Step}
	for name, a := range map[string]report.Import{
		"import-many.txt": many, "import-some.txt": some, "import-differs.txt": differs,
		"import-none.txt": {Dir: "certs", Target: "api.vdms.io", Known: 400},
	} {
		var b bytes.Buffer
		if err := text.Import(&b, a, render.Style{}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		if a.Good() != slices.Contains([]string{"import-many.txt", "import-none.txt"}, name) {
			t.Errorf("%s: good is %v", name, a.Good())
		}
	}
}
