package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/schemas"
)

// TestInterfacesAreDocumented makes the tables of docs/interfaces.md from the schemas, the
// metrics that a run writes, and the help, and compares. With -update it writes them.
func TestInterfacesAreDocumented(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/interfaces.md", "-update -->\n", "<!-- end -->\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(data), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("the document has lost its marks")
	}
	want := head + begin + interfaces(t) + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("the tables are not those of the program; write them with -update:\n%s", diff)
	}
}

func interfaces(t *testing.T) string {
	t.Helper()
	plan, validation := schemaOf(t, "plan"), schemaOf(t, "validate")
	var b strings.Builder
	for _, s := range []struct{ title, name string }{
		{"The plan", "plan"}, {"The explanation", "explain"}, {"The list", "list"}, {"The validation", "validate"},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n`cpsync schema %s` prints the schema.\n", s.title, s.name)
		memberTables(&b, schemaOf(t, s.name))
	}
	b.WriteString("\n## Codes and rules\n")
	wordTable(&b, "Codes of warnings", "`code` of a warning; `policy.accept` of a manifest names them.", plan.Defs["warning"].Properties["code"])
	wordTable(&b, "Codes of errors", "`code` in `errors`, and `code` of a line of the JSON log.", plan.Defs["problem"].Properties["code"])
	wordTable(&b, "Rules of changes that are not sent", "`rule` of an entry in `withheld`.", plan.Defs["withheld"].Properties["rule"])
	wordTable(&b, "Rules of manifests", "They stand in brackets at the end of a problem, and are `rule` of `cpsync validate --format json`.",
		validation.Defs["problem"].Properties["rule"])
	metricTable(t, &b)
	flagTable(t, &b)
	return b.String()
}

// schemaObject is what the tables take from a schema.
type schemaObject struct {
	Description string
	Type        any
	Const       *string
	Ref         string `json:"$ref"`
	Enum        []any
	Items       *schemaObject
	AnyOf       []schemaObject
	OneOf       []schemaObject
	Properties  map[string]schemaObject
	Defs        map[string]schemaObject `json:"$defs"`
}

func schemaOf(t *testing.T, name string) schemaObject {
	t.Helper()
	data, err := schemas.Files.ReadFile(schemas.Named()[name])
	if err != nil {
		t.Fatal(err)
	}
	var s schemaObject
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// memberTables writes a table for the document and for each object that it is made of.
func memberTables(b *strings.Builder, s schemaObject) {
	table := func(o schemaObject) {
		if o.Description != "" {
			fmt.Fprintf(b, "%s\n\n", o.Description)
		}
		b.WriteString("| member | is | meaning |\n|---|---|---|\n")
		for _, member := range slices.Sorted(maps.Keys(o.Properties)) {
			p := o.Properties[member]
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", member, kindOf(p), p.Description)
		}
	}
	b.WriteString("\n")
	table(s)
	for _, name := range slices.Sorted(maps.Keys(s.Defs)) {
		if d := s.Defs[name]; len(d.Properties) > 0 {
			fmt.Fprintf(b, "\n### %s\n\n", name)
			table(d)
		}
	}
}

// kindOf says what a value is: its type, the object it refers to, or its words.
func kindOf(s schemaObject) string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case len(s.described()) > 0:
		return "a word, listed below"
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

// described returns the words of an enumeration in which each has its meaning.
func (s schemaObject) described() map[string]string {
	words := map[string]string{}
	for _, o := range s.OneOf {
		if o.Const != nil {
			words[*o.Const] = o.Description
		}
	}
	return words
}

func wordTable(b *strings.Builder, title, about string, s schemaObject) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n| word | meaning |\n|---|---|\n", title, about)
	words := s.described()
	for _, w := range slices.Sorted(maps.Keys(words)) {
		fmt.Fprintf(b, "| `%s` | %s |\n", w, words[w])
	}
}

// metricTable lists what `cpsync metrics` writes, with the labels that tell series apart.
func metricTable(t *testing.T, b *strings.Builder) {
	t.Helper()
	out, code := inProcess(t, "metrics", "--check-edge", "--sandbox", exampleAccount(t), "../../examples/certificates")
	if code != cli.OK {
		t.Fatal(out)
	}
	b.WriteString("\n## Metrics\n\nAll are gauges. [monitoring.md](monitoring.md) says how to read and alert on them.\n\n| metric | labels | meaning |\n|---|---|---|\n")
	for _, m := range regexp.MustCompile(`(?m)^# HELP (\S+) (.*)$`).FindAllStringSubmatch(out, -1) {
		labels, values := []string{}, map[string][]string{}
		for _, series := range regexp.MustCompile(`(?m)^`+m[1]+`\{(.*)\} `).FindAllStringSubmatch(out, -1) {
			for _, l := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(series[1], -1) {
				if !slices.Contains(labels, l[1]) {
					labels = append(labels, l[1])
				}
				if value := "`" + l[2] + "`"; slices.Contains([]string{"state", "kind", "phase"}, l[1]) && !slices.Contains(values[l[1]], value) {
					values[l[1]] = append(values[l[1]], value)
				}
			}
		}
		for i, l := range labels {
			labels[i] = "`" + l + "`"
			if words := values[l]; words != nil {
				labels[i] += ": " + strings.Join(words, ", ")
			}
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", m[1], strings.Join(labels, "; "), m[2])
	}
}

// flagTable lists the flags of all commands as the help of each describes them.
func flagTable(t *testing.T, b *strings.Builder) {
	t.Helper()
	type flag struct{ name, about string }
	users := map[flag][]string{}
	for _, c := range commands() {
		if c.Short == "" || c.Name == "" {
			continue // for shells; the main command is plan
		}
		lines := regexp.MustCompile(`(?m)^(?:  -\w, |      )(--[a-z-]+(?: [A-Z]\S*|\[=[A-Z]\S*)?)(.*(?:\n {20,}\S.*)*)`)
		for _, m := range lines.FindAllStringSubmatch(cli.HelpOf(commands(), c), -1) {
			f := flag{m[1], strings.Join(strings.Fields(m[2]), " ")}
			users[f] = append(users[f], c.Name)
		}
	}
	b.WriteString("\n## Flags\n\n`cpsync PATH...` is `cpsync plan PATH...`.\n\n| flag | of the commands | meaning |\n|---|---|---|\n")
	for _, f := range slices.SortedFunc(maps.Keys(users), func(a, b flag) int { return strings.Compare(a.name+a.about, b.name+b.about) }) {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.name, strings.Join(users[f], ", "), strings.ReplaceAll(f.about, "|", `\|`))
	}
}

// TestCommandsRepeatTheirFlags: a command to paste has the flags of the plan which that
// command takes and would repeat itself, and no others.
func TestCommandsRepeatTheirFlags(t *testing.T) {
	t.Parallel()
	all := commands()
	repeated := func(c cli.Command) (flags []string) {
		for _, m := range regexp.MustCompile(`(?m)^(?:  -\w, |      )(--[a-z-]+)`).FindAllStringSubmatch(cli.HelpOf(all, c), -1) {
			for _, value := range []string{"1", "1h"} { // one of them is a value of the flag
				if a, _ := cli.Parse(all, c, []string{m[1], value}, func(string) string { return "" }); a.Shared().Repeat != nil {
					flags = append(flags, m[1], "V")
					break
				}
			}
		}
		return flags
	}
	ofPlan := repeated(all[0])
	for _, c := range all {
		if path := "cpsync --apply ./" + c.Name; c.Name != "" && words.Again(nil, []string{c.Name}, "--apply") != path {
			t.Errorf("a path with the name of the command %s is taken for it", c.Name)
		}
		if slices.Contains([]string{"", "plan", "metrics", "report"}, c.Name) || c.Short == "" {
			continue // it makes a plan, and repeats all; or it is for shells
		}
		takes := repeated(c)
		want := "cpsync " + c.Name
		for flag := range slices.Chunk(ofPlan, 2) {
			if slices.Contains(takes, flag[0]) {
				want += " " + flag[0] + " V"
			}
		}
		if got := words.Again(ofPlan, nil, c.Name); got != want {
			t.Errorf("the list of flags in package words:\n%s\nthe flags of the command:\n%s", got, want)
		}
	}
}

// TestCodesAndRulesAreThoseOfTheSchema finds the codes of errors and the rules of manifests
// where the program names them, and compares.
func TestCodesAndRulesAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	codes, rules := map[string]string{"manifest": "", "run": "", "other-domains": ""}, map[string]string{}
	for _, dir := range []string{"cmd/cpsync", "internal/cli", "internal/run", "internal/plan", "internal/comment"} {
		eachNode(t, dir, func(n ast.Node) { errorCode(n, codes) })
	}
	eachNode(t, "internal/manifest", func(n ast.Node) { manifestRule(n, rules) })
	for _, test := range []struct {
		name      string
		have      map[string]string
		described map[string]string
	}{
		{"codes of errors", codes, schemaOf(t, "plan").Defs["problem"].Properties["code"].described()},
		{"rules of manifests", rules, schemaOf(t, "validate").Defs["problem"].Properties["rule"].described()},
	} {
		want, got := slices.Sorted(maps.Keys(test.have)), slices.Sorted(maps.Keys(test.described))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-program +schema):\n%s", test.name, diff)
		}
	}
}

func eachNode(t *testing.T, dir string, visit func(ast.Node)) {
	t.Helper()
	files, err := filepath.Glob("../../" + dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			visit(n)
			return true
		})
	}
}

// errorCode notes the code that a node gives an error.
func errorCode(n ast.Node, codes map[string]string) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "code") {
			noteText(codes, n.Value)
		}
	case *ast.FuncDecl:
		if n.Name.Name != "Code" && !strings.HasPrefix(n.Name.Name, "diagnose") {
			return
		}
		ast.Inspect(n, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
				noteText(codes, r.Results[0])
			}
			return true
		})
	case *ast.ValueSpec:
		if n.Names[0].Name != "failures" {
			return
		}
		for _, row := range n.Values[0].(*ast.CompositeLit).Elts {
			noteText(codes, row.(*ast.CompositeLit).Elts[1])
		}
	}
}

// manifestRule notes the rule that a node gives a problem.
func manifestRule(n ast.Node, rules map[string]string) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Rule" {
			noteText(rules, n.Value)
		}
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if at, ok := map[string]int{"fault": 2, "report": 1, "problemOf": 1, "duplicate": 1}[name]; ok && len(n.Args) > at+1 {
			noteText(rules, n.Args[at])
		}
	case *ast.ValueSpec:
		if list, ok := n.Values, n.Names[0].Name; len(list) == 1 && strings.HasSuffix(strings.ToLower(ok), "rules") {
			for _, row := range list[0].(*ast.CompositeLit).Elts {
				noteText(rules, row.(*ast.CompositeLit).Elts[0])
			}
		}
	}
}

func noteText(texts map[string]string, n ast.Expr) {
	if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
		text, _ := strconv.Unquote(l.Value)
		texts[text] = ""
	}
}
