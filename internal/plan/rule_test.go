package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// TestRulesListsEveryConstant: each constant of type Rule is listed, once.
func TestRulesListsEveryConstant(t *testing.T) {
	t.Parallel()
	src, err := parser.ParseFile(token.NewFileSet(), "rules.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var words []Rule
	ast.Inspect(src, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 && isRule(v.Type) {
			word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			words = append(words, Rule(word))
		}
		return true
	})
	all := Rules()
	for _, w := range words {
		if !slices.Contains(all, w) {
			t.Errorf("Rules does not list %q", w)
		}
	}
	if n := len(slices.Compact(all)); n != len(Rules()) || len(words) < 15 {
		t.Errorf("%d rules, %d of them different, %d constants", len(Rules()), n, len(words))
	}
}

func isRule(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "Rule"
}
