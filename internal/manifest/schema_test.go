package manifest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cpsync/cpsync/internal/cert"
)

// schemaFiles are the schemas by kind of document.
var schemaFiles = map[string]string{
	"Certificate": "../../schemas/certificate.v1.schema.json",
	"Defaults":    "../../schemas/defaults.v1.schema.json",
}

func schemaDocument(t *testing.T, kind string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(schemaFiles[kind])
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

func compileSchema(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	doc := schemaDocument(t, kind)
	id := doc["$id"].(string)
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEachFieldHasItsKey: what can be edited can be written.
func TestEachFieldHasItsKey(t *testing.T) {
	t.Parallel()
	keys := SpecFields()
	for _, f := range cert.Fields {
		if !slices.ContainsFunc(keys, func(k cert.Field) bool { return k.Edit == f.Edit }) {
			t.Errorf("spec.%s is no key of kinds", f.Edit)
		}
	}
}

// TestSchemaAndTableAgree says of each key, in either, the same in both.
func TestSchemaAndTableAgree(t *testing.T) {
	t.Parallel()
	if len(kinds) != len(schemaFiles) {
		t.Errorf("%d kinds and %d schemas", len(kinds), len(schemaFiles))
	}
	for kind := range kinds {
		table, schema := map[string]fact{}, map[string]fact{}
		tableFacts(table, kinds[kind], "")
		schemaFacts(t, schema, schemaDocument(t, kind), "", true)
		if d := cmp.Diff(table, schema); d != "" {
			t.Errorf("%s (-table +schema):\n%s", kind, d)
		}
	}
}

// fact is what both the table and the schema say of a key.
type fact struct {
	Type, Entry string // as JSON Schema calls them
	Words       string
	Required    bool
	Filled      bool
}

func jsonType(k *kind) string {
	switch k {
	case mappingKind, tagsKind:
		return "object"
	case listKind:
		return "array"
	case flagKind:
		return "boolean"
	case idKind:
		return "integer"
	default:
		return "string"
	}
}

func tableFacts(facts map[string]fact, k key, path string) {
	f := fact{Type: jsonType(k.kind), Words: strings.Join(k.words, " "), Required: k.required || path == "", Filled: k.filled}
	if k.kind == listKind {
		f.Entry = jsonType(k.entry)
	}
	facts[path] = f
	for _, sub := range k.keys {
		tableFacts(facts, sub, join(path, sub.name))
	}
}

func schemaFacts(t *testing.T, facts map[string]fact, s map[string]any, path string, required bool) {
	t.Helper()
	f := fact{Type: s["type"].(string), Words: words(s), Required: required}
	pattern, _ := s["pattern"].(string)
	f.Filled = s["minItems"] != nil || strings.Contains(pattern, `[^\s`)
	if items, ok := s["items"].(map[string]any); ok {
		f.Entry, f.Words = items["type"].(string), words(items)
	}
	facts[path] = f
	if s["description"] == nil {
		t.Errorf("%q has no description", path)
	}
	properties, ok := s["properties"].(map[string]any)
	if ok && s["additionalProperties"] != false {
		t.Errorf("%q takes keys that are not listed", path)
	}
	must, _ := s["required"].([]any)
	for name, sub := range properties {
		schemaFacts(t, facts, sub.(map[string]any), join(path, name), contains(must, name))
	}
}

func words(s map[string]any) string {
	if c, ok := s["const"].(string); ok {
		return c
	}
	all, _ := s["enum"].([]any)
	described, _ := s["oneOf"].([]any)
	var texts []string
	for _, w := range all {
		texts = append(texts, w.(string))
	}
	for _, w := range described { // a word with its meaning
		if w := w.(map[string]any); w["description"] != nil {
			texts = append(texts, w["const"].(string))
		}
	}
	return strings.Join(texts, " ")
}

func contains(list []any, name string) bool {
	for _, e := range list {
		if e == name {
			return true
		}
	}
	return false
}

// TestExamplesLoadAndFitTheSchema keeps manifests that people copy from going bad.
func TestExamplesLoadAndFitTheSchema(t *testing.T) {
	t.Parallel()
	schemas := map[string]*jsonschema.Schema{"Certificate": compileSchema(t, "Certificate"), "Defaults": compileSchema(t, "Defaults")}
	for _, dir := range []string{"testdata/good", "testdata/inherit", "../../examples/certificates"} {
		if _, err := os.Stat(dir); err != nil {
			t.Logf("%s is not there", dir)
			continue
		}
		if specs, problems := Load(onDisk(t, dir), []string{dir}); len(specs) == 0 {
			t.Errorf("%s does not load:\n%s", dir, print(problems))
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && isYAML(path) {
				fits(t, schemas[kindIn(path)], path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func fits(t *testing.T, schema *jsonschema.Schema, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range independent(t, data) {
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSchemaRefusesWhatGoRefuses, as far as a schema can.
func TestSchemaRefusesWhatGoRefuses(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "Certificate")
	cases := []string{
		"spec: {domains: []}", "spec: {domains: [a.example]}", "spec: {common_name: a.example}",
		"spec: {auto_renew: true}\npolicy: {renew_before: 30d}", "spec: {certificate_label: ''}",
		"expect: {validation_type: DV, organization: x}", "expect: {validation_type: QV}",
		"policy: {renew_before: 30}", "policy: {renew_if_expires_before: 2027-02-30}", "policy: {retrigger_until: 1.1.2027}",
		"spec: {common_name: https://a.example/, domains: [https://a.example/]}", "spec: {common_name: 10.0.0.1, domains: [10.0.0.1]}",
		"spec: {common_name: '*.*.example', domains: ['*.*.example']}", "spec: {common_name: 'a*.example.com', domains: ['a*.example.com']}",
		"spec: {common_name: '2001:db8::1', domains: ['2001:db8::1']}", "spec: {common_name: localhost, domains: [localhost]}",
		"spec: {common_name: a..example, domains: [a..example]}", "spec: {common_name: a_b.example, domains: [a_b.example]}",
		"spec: {common_name: a.example/x, domains: [a.example/x]}", "spec: {common_name: a@b.example, domains: [a@b.example]}",
		"spec: {certificate_label: \"a\\tb\"}", "spec: {certificate_label: \"a\\u202eb\"}", "spec: {description: \"a\\u0007b\"}", "spec: {certificate_label: ' '}",
		"policy: {remove_domains: [a.example]}", "spec: {auto_renew: false}\npolicy: {remove_domains: [a.example]}",
		"policy: {protect: [renew], renew_before: 30d}", "expect: {validation_type: EV}\nspec: {common_name: a.example, domains: [a.example, '*.a.example']}",
		"policy: {renew_before: 0d}", "policy: {renew_before: 61d}", "policy: {renew_before: 1441h}", "policy: {renew_before: 9w}",
		"policy: {renew_before: 1439m}", "policy: {renew_before: 86401m}", "policy: {renew_before: 86399s}", "policy: {renew_before: 5184001s}", "policy: {renew_before: 23h}",
		"policy: {renew_if_expires_before: 2100-02-29}", "policy: {retrigger_until: 2027-04-31}",
		"policy: {protect: [domains, retrigger], allow_undocumented: [dcv_method, retrigger]}",
		"policy: {renew_if_thumbprint: [ab12]}", "policy: {protect: [label]}", "policy: {accept: [long-label, long-label]}", "spec: {renew_before: 30d}", "spec: null",
	}
	for _, e := range cert.Edits() {
		cases = append(cases, "policy: {protect: ["+e.String()+"], allow_undocumented: ["+e.String()+"]}")
	}
	for _, rest := range cases {
		text := legal(1) + rest + "\n"
		if got := loaded(files(map[string]string{"a.yaml": text}), "a.yaml"); got == "a" {
			t.Errorf("Go takes %s", rest)
		}
		if err := schema.Validate(independent(t, []byte(text))[0]); err == nil {
			t.Errorf("the schema takes %s", rest)
		}
	}
}

// TestSchemaTakesWhatGoTakes: an editor marks nothing that is right.
func TestSchemaTakesWhatGoTakes(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "Certificate")
	for _, rest := range []string{
		"spec: {common_name: '*.EXAMPLE.com.', domains: ['*.EXAMPLE.com.']}", "spec: {common_name: bücher.example, domains: [bücher.example]}",
		"spec: {common_name: 例え。jp, domains: [例え。jp]}", "spec: {common_name: xn--bcher-kva.example, domains: [xn--bcher-kva.example]}",
		"spec: {common_name: 1.2.example, domains: [1.2.example]}", "spec: {common_name: a.4you, domains: [a.4you]}",
		"spec: {certificate_label: Ärger & Söhne}", "spec: {description: \"two\\nlines\"}", "spec: {description: ''}",
		"policy: {renew_before: 1d}", "policy: {renew_before: 060d}", "policy: {renew_before: 8w}", "policy: {renew_before: 24h}", "policy: {renew_before: 1440h}",
		"policy: {renew_before: 1440m}", "policy: {renew_before: 86400m}", "policy: {renew_before: 86400s}", "policy: {renew_before: 5184000s}", "policy: {renew_before: 999999s}",
		"policy: {renew_if_expires_before: 2028-02-29}", "policy: {retrigger_until: 2000-02-29}",
		"spec: {common_name: a.example, domains: [a.example]}\npolicy: {remove_domains: [b.example]}",
		"policy: {protect: [renew]}", "policy: {protect: [domains], renew_before: 30d}", "policy: {protect: [renew], allow_undocumented: [retrigger]}", "spec: {auto_renew: true}\npolicy: {retrigger_until: 2027-01-01}",
		"expect: {validation_type: OV, organization: X}\nspec: {common_name: '*.a.example', domains: ['*.a.example']}",
	} {
		text := legal(1) + rest + "\n"
		if _, problems := Load(files(map[string]string{"a.yaml": text}), []string{"a.yaml"}); len(problems) > 0 {
			t.Errorf("Go refuses %s: %s", rest, print(problems))
		}
		if err := schema.Validate(independent(t, []byte(text))[0]); err != nil {
			t.Errorf("the schema refuses %s: %v", rest, err)
		}
	}
}

// TestSchemaOfDefaultsRefusesWhatGoRefuses, as far as a schema can.
func TestSchemaOfDefaultsRefusesWhatGoRefuses(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "Defaults")
	for _, rest := range []string{
		"spec: {auto_renew: true}", "metadata: {id: 1}", "policy: {remove_domains: [a.example]}", "policy: {allow_undocumented: [renew]}",
		"policy: {renew_if_thumbprint: [0A1B2C3D4E5F60718293A4B5C6D7E8F901234567]}",
		"policy: {accept: [other-domains]}", "policy: {domains_within: []}", "policy: {domains_within: ['*.a.example']}",
		"expect: {validation_type: DV, organization: x}", "policy: {protect: [label]}", "tags: {'a b': c}", "tags: null",
	} {
		text := "apiVersion: cpsync/v1\nkind: Defaults\n" + rest + "\n"
		if _, problems := Load(files(map[string]string{"a.yaml": legal(1), DefaultsFile: text}), []string{"."}); len(problems) == 0 {
			t.Errorf("Go takes %s", rest)
		}
		if err := schema.Validate(independent(t, []byte(text))[0]); err == nil {
			t.Errorf("the schema takes %s", rest)
		}
	}
}
