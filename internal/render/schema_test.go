package render_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cpsync/cpsync/internal/cert"
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

func TestWordsOfGoAndSchemaAreEqual(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, c := range cert.Codes {
		codes = append(codes, string(c))
	}
	var rules []string
	for _, r := range plan.Rules() {
		rules = append(rules, string(r))
	}
	for path, want := range map[string][]string{
		"properties.mode":                      {"plan", "apply"},
		"$defs.field":                          wordsOf(cert.Edit(0)),
		"$defs.step.properties.phase":          wordsOf(cert.Phase(0)),
		"$defs.operation.properties.kind":      wordsOf(plan.Kind(0)),
		"$defs.operation.properties.outcome":   wordsOf(report.Result(0)),
		"$defs.operation.properties.by":        wordsOf(report.By(0)),
		"$defs.withheld.properties.verdict":    wordsOf(plan.Verdict(0)),
		"$defs.withheld.properties.rule":       rules,
		"$defs.withheld.properties.next_actor": wordsOf(plan.Actor(0)),
		"$defs.warning.properties.code":        codes,
		"$defs.wait.properties.ended":          wordsOf(report.WaitEnd(0)),
	} {
		got := enum(t, path)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Go +schema):\n%s", path, diff)
		}
	}
}

// enum reads the words of an enum in the schema; null is not one.
func enum(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var node map[string]any
	if err := json.Unmarshal(data, &node); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Split(path, ".") {
		node, _ = node[key].(map[string]any)
	}
	var words []string
	list, _ := node["enum"].([]any)
	for _, w := range list {
		if s, ok := w.(string); ok {
			words = append(words, s)
		}
	}
	return words
}
