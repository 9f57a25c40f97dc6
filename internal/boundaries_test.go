// Package internal_test keeps the borders between the packages true, by reading
// their source.
package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/cpsync/cpsync/"

// border is what one package may import of ours, and why nothing more.
type border struct {
	may []string
	why string
}

// borders is the complete list of edges; see ARCHITECTURE.md. cmd may import all.
var borders = map[string]border{
	"internal/cert":     {nil, "it holds the words, and imports nothing of ours"},
	"internal/diff":     {list("cert"), "it compares; it does not judge"},
	"internal/overlap":  {list("cert"), "it looks at manifests alone"},
	"internal/plan":     {list("cert", "diff", "overlap"), "it decides from values; edges, writers and outcomes come after it"},
	"internal/report":   {list("cert", "diff", "plan", "plan/view"), "it holds values and does nothing"},
	"internal/apply":    {list("cert", "plan", "report"), "it declares the client it uses, and neither compares nor prints"},
	"internal/wait":     {list("cert", "plan", "report"), "it looks at what was written, and neither writes, compares nor prints"},
	"internal/render":   {list("plan", "report", "render/words", "render/layout", "render/text", "render/markdown", "render/jsonplan"), "it is the table of the formats"},
	"internal/manifest": {list("cert", "parallel", "report", "shell", "suggest"), "it reads files, and knows nothing of plans or HTTP"},
	"internal/importer": {list("cert", "manifest"), "it writes manifests, and what those may hold is known to their reader"},
	"internal/cps":      {list("cert", "parallel"), "it speaks to the API, and knows nothing of plans or manifests"},
	"internal/dns":      {list("cert"), "it asks DNS, and knows nothing of plans"},
	"internal/edge":     {list("cert", "parallel"), "it looks at what is served, and decides nothing"},
	"internal/journal":  {list("cert", "plan", "jsontext", "platform"), "it keeps a journal, and decides nothing"},
	"internal/account":  {list("cert", "cps", "plan", "report"), "it reads what is live, as plan.Needs says, and decides nothing"},
	"internal/revision": {nil, "it gives the files of a commit to whoever reads files"},
	"internal/github":   {nil, "it speaks to GitHub, and knows nothing of plans"},
	"internal/comment":  {list("github", "jsontext", "render/markdown", "render/words"), "it keeps a saved page in place, and decides nothing about certificates"},
	"internal/sandbox":  {list("sandbox/world"), "it shares no type, constant or rule with the client or the plan"},
	"internal/jsontext": {nil, "it reads text for whoever knows what it is about"},
	"internal/parallel": {nil, "it knows no work"},
	"internal/shell":    {nil, "it knows no command"},
	"internal/suggest":  {nil, "it knows no word itself"},
	"internal/platform": {nil, "it knows operating systems alone"},
	"internal/fleet":    {nil, "it writes text for whoever reads manifests or a sandbox's state"},

	"internal/run": {list("account", "apply", "cert", "comment", "cps", "diff", "dns", "edge", "importer", "journal", "jsontext", "manifest", "plan", "plan/view", "render/words", "report", "revision", "suggest", "wait"),
		"it is one run, as values and functions: it has no flags and writes to no stream"},
	"internal/cli": {list("account", "cert", "comment", "cps", "dns", "edge", "github", "manifest", "plan", "plan/view", "platform", "render", "render/words", "render/layout", "render/annotate", "render/openmetrics", "report", "revision", "run", "sandbox", "shell", "suggest", "wait"),
		"it is the command line, and decides nothing about certificates"},

	"internal/explore":  {nil, "it is nothing but tests, which may import everything"},
	"internal/release":  {nil, "it is nothing but tests of scripts and archives"},
	"internal/actions":  {nil, "it is nothing but tests, and imports nothing"},
	"internal/guards":   {nil, "it is nothing but tests, and imports nothing"},
	"internal/promtest": {nil, "it is nothing but tests, in a module of its own"},
	"internal/patience": {nil, "it is for tests, and knows nothing of what they test"},
	"internal/seed":     {nil, "it is for tests, and knows nothing of what they test"},

	"internal/plan/view": {list("cert", "diff", "plan"), "it answers what readers ask of a plan, and decides nothing"},

	"internal/render/words":       {list("cert", "diff", "plan", "plan/view", "report", "shell"), "it says what others decided, and knows no format"},
	"internal/render/layout":      {list("render/words"), "it breaks lines, and knows no report"},
	"internal/render/text":        {list("cert", "diff", "plan", "plan/view", "report", "render/words", "render/layout"), format},
	"internal/render/markdown":    {list("cert", "diff", "plan", "plan/view", "report", "render/words", "render/layout"), format},
	"internal/render/jsonplan":    {list("cert", "diff", "plan", "plan/view", "report", "render/words"), format},
	"internal/render/html":        {list("cert", "diff", "plan", "plan/view", "report", "render/words"), format},
	"internal/render/openmetrics": {list("cert", "plan", "plan/view", "report", "render/words"), format},
	"internal/render/annotate":    {list("cert", "plan", "plan/view", "report", "render/words"), format},

	"internal/sandbox/world":     {nil, "it simulates certificates, and knows nothing of requests"},
	"internal/github/githubtest": {nil, "it is a GitHub for tests, and shares nothing with the client"},
}

// format is why no format imports another.
const format = "a format writes what others decided, and what it shares with another stands in render/words"

func list(names ...string) []string {
	for i := range names {
		names[i] = "internal/" + names[i]
	}
	return names
}

// ofTests are packages that only tests import.
var ofTests = list("patience", "seed", "github/githubtest")

// pure packages touch nothing outside: their results depend on their arguments alone.
var pure = list("cert", "diff", "overlap", "plan", "plan/view", "report", "sandbox/world")

var impure = []string{"os", "net", "net/http", "log", "io/fs"}

// homes says where each module of others may be imported. A trap has one home.
var homes = map[string][]string{
	"sigs.k8s.io/yaml":         list("manifest"),
	"go.yaml.in/yaml/v3":       list("manifest"),
	"golang.org/x/oauth2":      list("cps"),
	"github.com/miekg/dns":     list("dns"),
	"golang.org/x/sync":        list("cps"),
	"golang.org/x/net/idna":    list("cert"),
	"golang.org/x/text":        list("diff", "render/words"),
	"github.com/sergi/go-diff": list("render/words"),
	"github.com/gofrs/flock":   list("journal"),
	"github.com/spf13/pflag":   list("cli"),
	"golang.org/x/sys/windows": list("sandbox"),
	"golang.org/x/term":        list("cli"),
	"github.com/rivo/uniseg":   list("render/layout"),
}

// forTests are imported by tests and by nothing else.
var forTests = []string{"github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "github.com/santhosh-tekuri/jsonschema/v6", "github.com/yuin/goldmark"}

// file is a Go file of ours.
type file struct {
	path string // from the root, with slashes
	pkg  string // its directory
	test bool
	src  *ast.File
}

func (f file) imports() []string {
	var all []string
	for _, spec := range f.src.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err)
		}
		all = append(all, p)
	}
	return all
}

// sources are all Go files below internal and cmd.
func sources(t *testing.T) []file {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d files found", len(all))
	}
	return all
}

// parsed reads them once for all tests.
var parsed = sync.OnceValues(func() (all []file, err error) {
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "testdata" {
				return fs.SkipDir
			}
			if d.IsDir() || filepath.Ext(name) != ".go" {
				return nil
			}
			src, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			p := path.Join("internal", filepath.ToSlash(name))
			all = append(all, file{p, path.Dir(p), strings.HasSuffix(p, "_test.go"), src})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
})

// TestNoEdgeGoesUpOrSideways: each package imports of ours what the list allows.
func TestNoEdgeGoesUpOrSideways(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		inCmd := strings.HasPrefix(f.pkg, "cmd/")
		b, known := borders[f.pkg]
		if !known && !inCmd && f.pkg != "internal" {
			t.Errorf("%s: package %s is not in the list of borders; add it, with the reason for each edge", f.path, f.pkg)
			continue
		}
		for _, p := range f.imports() {
			of, ours := strings.CutPrefix(p, module)
			switch {
			case !ours || inCmd:
			case strings.HasPrefix(of, "cmd/"):
				t.Errorf("%s imports %s: nothing imports a command", f.path, of)
			case f.test && !strings.HasPrefix(f.pkg, "internal/sandbox") || of == f.pkg || slices.Contains(b.may, of):
			default:
				t.Errorf("%s imports %s: %s may not, because %s", f.path, of, f.pkg, b.why)
			}
		}
	}
}

func ofSandbox(imported string) bool { return strings.HasPrefix(imported, module+"internal/sandbox") }

// TestTheSandboxStaysApart: only the program's edge and tests import it, and what is of tests they alone.
func TestTheSandboxStaysApart(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		for _, p := range ofTests {
			if !f.test && slices.Contains(f.imports(), module+p) {
				t.Errorf("%s imports %s: only tests do", f.path, p)
			}
		}
		if !f.test && !strings.HasPrefix(f.pkg, "cmd/") && f.pkg != "internal/sandbox" && f.pkg != "internal/cli" && slices.ContainsFunc(f.imports(), ofSandbox) {
			t.Errorf("%s imports the sandbox: only cmd/cpsync, internal/cli and tests do, because a simulated API is no part of the client", f.path)
		}
	}
}

// diskFiles touch files, in packages that otherwise don't.
var diskFiles = list("manifest/disk.go", "manifest/top.go", "importer/disk.go", "revision/place.go")

// TestPurePackagesTouchNothingOutside, and os has its files.
func TestPurePackagesTouchNothingOutside(t *testing.T) {
	t.Parallel()
	mayOS := func(f file) bool {
		return strings.HasPrefix(f.pkg, "cmd/") || f.pkg == "internal/cli" || slices.Contains(ofTests, f.pkg) || f.pkg == "internal/sandbox" || f.pkg == "internal/journal" || f.pkg == "internal/platform" || slices.Contains(diskFiles, f.path)
	}
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, p := range f.imports() {
			if slices.Contains(pure, f.pkg) && slices.Contains(impure, p) {
				t.Errorf("%s imports %s: %s is made of functions of values", f.path, p, f.pkg)
			}
			if p == "os/exec" && f.pkg != "internal/revision" && !slices.Contains(ofTests, f.pkg) {
				t.Errorf("%s imports os/exec: no program is run but git, by internal/revision", f.path)
			}
			if p == "os" && !mayOS(f) {
				t.Errorf("%s imports os: files are touched by %v, internal/sandbox, internal/journal, internal/platform, internal/cli and cmd alone", f.path, diskFiles)
			}
		}
	}
}

// noRule are what cmd/cpsync does not import: packages that decide.
var noRule = list("diff", "apply", "overlap")

// TestTheCommandHasNoRule: it turns arguments into calls, and answers into an exit code.
func TestTheCommandHasNoRule(t *testing.T) {
	t.Parallel()
	decides := map[string]bool{"Build": true, "Rebuild": true, "Needs": true, "TookEffect": true, "Overlaps": true}
	for _, f := range sources(t) {
		if f.pkg != "cmd/cpsync" || f.test {
			continue
		}
		for _, p := range f.imports() {
			if of, ours := strings.CutPrefix(p, module); ours && slices.Contains(noRule, of) {
				t.Errorf("%s imports %s: what decides is called by internal/run", f.path, of)
			}
		}
		ast.Inspect(f.src, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && fmt.Sprint(sel.X) == "plan" && decides[sel.Sel.Name] {
				t.Errorf("%s calls plan.%s: what decides is called by internal/run", f.path, sel.Sel.Name)
			}
			return true
		})
	}
}

// calls are refused outside cmd, each for its reason.
var calls = map[string]string{
	"time.Now":     "the clock is a value, or a function that cmd passes",
	"time.Since":   "it asks the clock",
	"time.Until":   "it asks the clock",
	"os.Getenv":    "the environment is read by cmd",
	"os.LookupEnv": "the environment is read by cmd",
	"os.Environ":   "the environment is read by cmd",
	"os.Exit":      "only main ends the process",
	"fmt.Print":    "only cmd talks to people",
	"fmt.Printf":   "only cmd talks to people",
	"fmt.Println":  "only cmd talks to people",
}

// TestClockEnvironmentAndOutputComeFromCmd.
func TestClockEnvironmentAndOutputComeFromCmd(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if f.test || strings.HasPrefix(f.pkg, "cmd/") {
			continue
		}
		ast.Inspect(f.src, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if why := calls[fmt.Sprintf("%s.%s", sel.X, sel.Sel)]; why != "" {
					t.Errorf("%s uses %s.%s: %s", f.path, sel.X, sel.Sel, why)
				}
			}
			return true
		})
	}
}

// TestRulesAreConstants: a rule that is compared or set is one of the constants of plan, so
// that the compiler finds a misspelled one.
func TestRulesAreConstants(t *testing.T) {
	t.Parallel()
	isRule := func(e ast.Expr) bool {
		sel, ok := e.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Rule"
	}
	isKey := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && id.Name == "Rule"
	}
	literal := func(e ast.Expr) bool {
		lit, ok := e.(*ast.BasicLit)
		return ok && lit.Kind == token.STRING
	}
	for _, f := range sources(t) {
		ast.Inspect(f.src, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if isRule(n.X) && literal(n.Y) && (n.Op == token.EQL || n.Op == token.NEQ) {
					t.Errorf("%s compares a rule with a literal", f.path)
				}
			case *ast.KeyValueExpr:
				if isKey(n.Key) && literal(n.Value) && strings.HasPrefix(f.pkg, "internal/plan") {
					t.Errorf("%s sets a rule to a literal", f.path)
				}
			}
			return true
		})
	}
}

// ofPlainNames are the packages in which no two names differ in case alone.
var ofPlainNames = append(list("account", "apply", "cert", "cli", "comment", "cps", "dns", "github", "github/githubtest", "importer", "journal", "manifest", "overlap", "parallel", "plan", "plan/view", "render/html", "render/jsonplan", "render/layout", "render/markdown", "render/text", "render/words", "revision", "run", "sandbox", "sandbox/world", "wait", "diff", "edge", "fleet", "jsontext", "platform", "report", "shell", "suggest"), "cmd/cpsync")

// TestNamesDifferInMoreThanCase: methods included, tests not.
func TestNamesDifferInMoreThanCase(t *testing.T) {
	t.Parallel()
	spellings := map[string]string{} // by package and name in lower case
	for _, f := range sources(t) {
		var names []*ast.Ident
		for _, d := range f.src.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names = append(names, d.Name)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names = append(names, s.Name)
					case *ast.ValueSpec:
						names = append(names, s.Names...)
					}
				}
			}
		}
		for _, n := range names {
			key := f.pkg + " " + strings.ToLower(n.Name)
			if other := spellings[key]; other != "" && other != n.Name && !f.test && slices.Contains(ofPlainNames, f.pkg) {
				t.Errorf("%s: %s and %s differ in case alone", f.path, n.Name, other)
			}
			if !f.test {
				spellings[key] = n.Name
			}
		}
	}
}

// TestModulesOfOthersStayAtHome: each has its traps, and one place that knows them.
func TestModulesOfOthersStayAtHome(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		for _, p := range f.imports() {
			domain, _, _ := strings.Cut(p, "/")
			if !strings.Contains(domain, ".") || strings.HasPrefix(p, module) || f.test {
				continue
			}
			if within(p, forTests) != "" {
				t.Errorf("%s imports %s: it is for tests", f.path, p)
				continue
			}
			var modules []string
			for m := range homes {
				modules = append(modules, m)
			}
			m := within(p, modules)
			if m == "" {
				t.Errorf("%s imports %s: it has no home in the list; add it, or do without", f.path, p)
			} else if !slices.Contains(homes[m], f.pkg) {
				t.Errorf("%s imports %s: its home is %s", f.path, p, strings.Join(homes[m], ", "))
			}
		}
	}
}

// within returns the module that a package path belongs to, or "".
func within(p string, modules []string) string {
	for _, m := range modules {
		if p == m || strings.HasPrefix(p, m+"/") {
			return m
		}
	}
	return ""
}

// TestNothingInATestWaitsWithoutAnEnd: what comes through a channel is waited for beside
// something that ends the wait, and a program has an end. In a bubble of synctest a wait
// for nothing ends by itself.
func TestNothingInATestWaitsWithoutAnEnd(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if !f.test {
			continue
		}
		bubble, chosen := slices.Contains(f.imports(), "testing/synctest"), map[ast.Node]bool{}
		ast.Inspect(f.src, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CommClause:
				if n.Comm != nil {
					ast.Inspect(n.Comm, func(c ast.Node) bool { chosen[c] = true; return true })
				}
			case *ast.UnaryExpr:
				if n.Op == token.ARROW && !chosen[n] && !bubble && !isEnd(n.X) {
					t.Errorf("%s receives from a channel and waits without an end: use patience.For, or a select", f.path)
				}
			case *ast.SelectorExpr:
				if fmt.Sprintf("%s.%s", n.X, n.Sel) == "exec.Command" {
					t.Errorf("%s starts a program without an end: use patience.Command", f.path)
				}
			}
			return true
		})
	}
}

// isEnd reports whether a channel is that of a context, which has an end of its own.
func isEnd(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Done"
}
