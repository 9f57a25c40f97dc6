package render_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const schemaDoc = "../../docs/interfaces.md"

// TestDocumentOfTheSchema holds docs/interfaces.md to the schema. With -update it writes
// the tables.
func TestDocumentOfTheSchema(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(schemaDoc)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "-update -->\n", "<!-- end -->\n"
	head, rest, found := strings.Cut(string(data), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("the document has lost its marks")
	}
	want := head + begin + schemaTables(t) + end + tail
	if *update {
		if err := os.WriteFile(schemaDoc, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("the document does not tell what the schema says; rewrite it with -update:\n%s", diff)
	}
}

// object is what the tables take from a schema.
type object struct {
	Description string
	Type        any
	Ref         string `json:"$ref"`
	Enum        []any
	Items       *object
	AnyOf       []object
	OneOf       []object
	Properties  map[string]object
	Defs        map[string]object `json:"$defs"`
}

// schemaTables writes a table for the document and for each object it is made of.
func schemaTables(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var s object
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	memberTable(&b, "the document", s)
	for _, name := range slices.Sorted(maps.Keys(s.Defs)) {
		if d := s.Defs[name]; len(d.Properties) > 0 {
			memberTable(&b, name, d)
		}
	}
	return b.String()
}

func memberTable(b *strings.Builder, name string, s object) {
	fmt.Fprintf(b, "\n### %s\n\n", name)
	if s.Description != "" {
		fmt.Fprintf(b, "%s\n\n", s.Description)
	}
	b.WriteString("| member | is | meaning |\n|---|---|---|\n")
	for _, member := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[member]
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", member, kindOf(p), p.Description)
	}
}

// kindOf says what a value is: its type, the object it refers to, or its words.
func kindOf(s object) string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, w := range s.Enum {
			words[i] = fmt.Sprintf("`%v`", w)
		}
		return strings.ReplaceAll(strings.Join(words, ", "), "`<nil>`", "null")
	case s.Items != nil:
		return "list of " + kindOf(*s.Items)
	case len(s.AnyOf)+len(s.OneOf) > 0:
		var kinds []string
		for _, o := range slices.Concat(s.AnyOf, s.OneOf) {
			kinds = append(kinds, kindOf(o))
		}
		return strings.Join(slices.Compact(kinds), " or ")
	case len(s.Properties) > 0:
		return "object of " + strings.Join(slices.Sorted(maps.Keys(s.Properties)), ", ")
	}
	if types, ok := s.Type.([]any); ok {
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(types), " ", " or "), "[]")
	}
	return fmt.Sprint(s.Type)
}
