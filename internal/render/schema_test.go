package render_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/report"
)

const schemaFile = "../../schemas/plan.v2.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryDocumentIsOfTheSchema(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for name := range scenarios {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(rendered(t, name, asPlanJSON, render.Style{})))
		if err != nil {
			t.Fatalf("%s: not one document: %v", name, err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		countsAddUp(t, name, scenarios[name]())
	}
}

// inStrictMode compiles all schemas of a directory as strictly as ajv can.
const inStrictMode = `
const Ajv = require("ajv/dist/2020"), fs = require("fs")
const ajv = new Ajv({strict: true}), dir = process.argv[1]
const all = fs.readdirSync(dir).filter(f => f.endsWith(".json")).map(f => JSON.parse(fs.readFileSync(dir + "/" + f)))
all.forEach(s => ajv.addSchema(s))
all.forEach(s => ajv.getSchema(s.$id))
console.log(all.length)
`

// TestSchemasInStrictMode has a second validator compile the schemas: ajv, where node finds it.
func TestSchemasInStrictMode(t *testing.T) {
	t.Parallel()
	ctx := patience.Context(t)
	if err := exec.CommandContext(ctx, "node", "-e", `require("ajv/dist/2020")`).Run(); err != nil {
		t.Skip("node finds no ajv; with npm install --prefix DIR ajv it does, in NODE_PATH=DIR/node_modules")
	}
	files, err := filepath.Glob("../../schemas/*.json")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(ctx, "node", "-e", inStrictMode, "../../schemas").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != strconv.Itoa(len(files)) {
		t.Errorf("%v: %s", err, out)
	}
}

// countsAddUp compares the counts of a report: those of the states make up the
// certificates, in JSON and in metrics, and a group names every certificate without
// operations that needs action.
func countsAddUp(t testing.TB, name string, r report.Report) {
	t.Helper()
	var b bytes.Buffer
	if err := asPlanJSON(&b, r, render.Style{}); err != nil {
		t.Fatal(err)
	}
	var j struct {
		Summary map[string]*int
		Steps   []struct{ ID cert.ID }
		Groups  []struct {
			NextActor string `json:"next_actor"`
			IDs       []cert.ID
		}
	}
	if err := json.Unmarshal(b.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, state := range []string{"errors", "action_required", "changing", "deferred", "withheld", "protected", "up_to_date", "not_evaluated"} {
		if n := j.Summary[state]; n != nil {
			sum += *n
		} else if state != "not_evaluated" || r.Base != nil {
			t.Errorf("%s: the summary does not count %s", name, state)
		}
	}
	if managed := j.Summary["managed"]; managed == nil || *managed != sum || sum != len(j.Steps) {
		t.Errorf("%s: the states make up %d certificates of %d: %s", name, sum, len(j.Steps), b.String()[:1500])
	}
	metered := 0.0
	for series, n := range parsed(t, metrics(t, r)) {
		if strings.HasPrefix(series, "cpsync_certificates{") {
			metered += n
		}
	}
	if int(metered) != sum {
		t.Errorf("%s: the metrics count %v certificates of %d", name, metered, sum)
	}
	asked := map[cert.ID]bool{}
	for _, g := range j.Groups {
		for _, id := range g.IDs {
			asked[id] = asked[id] || g.NextActor == plan.Person.String()
		}
	}
	for _, s := range r.Plan.Steps {
		if want := len(s.Ops) == 0 && s.NeedsAction(); asked[s.Want.ID] != want {
			t.Errorf("%s: a group asks for an action on %s: %v, want %v", name, s.Want.ID, asked[s.Want.ID], want)
		}
	}
}

// A schema that takes anything would pass the test above.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := schema(t)
	good := string(rendered(t, "apply-part", asPlanJSON, render.Style{}))
	for name, edit := range map[string]*strings.Replacer{
		"an unknown outcome":      strings.NewReplacer(`"outcome": "unknown"`, `"outcome": "perhaps"`),
		"a missing member":        strings.NewReplacer(`"digest"`, `"digits"`),
		"an id in quotes":         strings.NewReplacer(`"id": 11604`, `"id": "11604"`),
		"a null list":             strings.NewReplacer(`"errors": []`, `"errors": null`),
		"a local time":            strings.NewReplacer(`09:14:00Z`, `09:14:00+01:00`),
		"an outcome by itself":    strings.NewReplacer(`"attempts"`, `"tries"`),
		"a change without from":   strings.NewReplacer(`"from"`, `"was"`),
		"names without add":       strings.NewReplacer(`"add"`, `"plus"`),
		"a renewal with a body":   strings.NewReplacer(`"kind": "patch"`, `"kind": "renew"`),
		"a patch without a body":  strings.NewReplacer(`"kind": "renew"`, `"kind": "patch"`),
		"another version of form": strings.NewReplacer(`"2.0"`, `"3.0"`),
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(edit.Replace(good)))
		if err != nil {
			t.Fatal(err)
		}
		if edit.Replace(good) == good || s.Validate(doc) == nil {
			t.Errorf("the schema takes %s", name)
		}
	}
}

// wordsOf lists the words of an enum, up to the first value that has none.
func wordsOf[T interface {
	~uint8
	String() string
}](T) (all []string) {
	defer func() { _ = recover() }()
	for v := T(0); ; v++ {
		all = append(all, v.String())
	}
}

func stringsOf[T ~string](words []T) (all []string) {
	for _, w := range words {
		all = append(all, string(w))
	}
	return all
}

// rules are the constants of type Rule, and one for each phase.
func rules(t *testing.T) (all []string) {
	src, err := parser.ParseFile(token.NewFileSet(), "../plan/rules.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(src, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if id, typed := v.Type.(*ast.Ident); typed && id.Name == "Rule" {
			word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, word)
		}
		return true
	})
	for p := range cert.NumPhases {
		all = append(all, string(plan.PhaseRule(cert.Phase(p))))
	}
	return all
}

func TestWordsOfGoAndSchemaAreEqual(t *testing.T) {
	t.Parallel()
	step := "$defs.step.properties."
	for path, want := range map[string][]string{
		step + "phase_from.properties.status":                          append(stringsOf(cert.Statuses), "unknown"),
		step + "phase_from.properties.order":                           append(stringsOf(cert.OrderStatuses), "unknown"),
		step + "phase_from.properties.domains.items.properties.status": append(stringsOf(cert.DomainStatuses), "unknown"),
		"properties.mode":                      {"plan", "apply"},
		"$defs.field":                          wordsOf(cert.Edit(0)),
		"$defs.step.properties.phase":          wordsOf(cert.Phase(0)),
		"$defs.operation.properties.kind":      wordsOf(plan.Kind(0)),
		"$defs.operation.properties.outcome":   wordsOf(report.Result(0)),
		"$defs.operation.properties.by":        wordsOf(report.By(0)),
		"$defs.withheld.properties.verdict":    wordsOf(plan.Verdict(0)),
		"$defs.withheld.properties.rule":       rules(t),
		"$defs.withheld.properties.next_actor": wordsOf(plan.Actor(0)),
		"$defs.warning.properties.code":        stringsOf(cert.Codes),
		"$defs.wait.properties.result":         wordsOf(report.WaitEnd(0)),
	} {
		got := enum(t, path)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Go +schema):\n%s", path, diff)
		}
	}
}

// TestSchemaHasEachMemberOfABody: what a PATCH can send.
func TestSchemaHasEachMemberOfABody(t *testing.T) {
	t.Parallel()
	var want []string
	for _, f := range cert.Fields {
		want = append(want, f.Edit.String())
	}
	slices.Sort(want)
	body := node(t, "$defs.operation.properties.body.properties")
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(body))); diff != "" {
		t.Errorf("body (-Go +schema):\n%s", diff)
	}
}

// node reads an object in the schema.
func node(t *testing.T, path string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var at map[string]any
	if err := json.Unmarshal(data, &at); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Split(path, ".") {
		at, _ = at[key].(map[string]any)
	}
	return at
}

// enum reads the words of an enum in the schema, with their meaning or without; null is not one.
func enum(t *testing.T, path string) []string {
	t.Helper()
	var words []string
	at := node(t, path)
	list, _ := at["enum"].([]any)
	described, _ := at["oneOf"].([]any)
	for _, w := range described {
		if w := w.(map[string]any); w["description"] != nil {
			list = append(list, w["const"])
		}
	}
	for _, w := range list {
		if s, ok := w.(string); ok {
			words = append(words, s)
		}
	}
	return words
}
