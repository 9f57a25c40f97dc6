package render_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// seeds are what each fuzz target begins with.
var seeds = append([]string{
	"", " ", "  a  ", "`", "``", "` `", "a`", "`a", " `` ", "|", `\|`, `\\|`, "`|`", "`\\|", "\\", "\\`", "a|b\\", "x\r\ny",
	"www.example.com", "www.", "mailto:", "http://a.example/b", "a@b.example", "@octocat", "@org/team", "#1", "GH-1", "gh-12", "org/repo#1",
	"0123abc", "deadbee", "facade", "1234567", "word 0123456789abcdef0123456789abcdef01234567", "a_b_c", "*a*", "**", "~~a~~", "- [ ] x",
	"[a](b)", "![a](b)", "[a]: b", "<a>", "<!-- x", "-->", "</details>", "&amp;", "&#64;a", "1. a", "> a", "# a", "---", "::error::x", "##[error]x",
	strings.Repeat("`", 90), strings.Repeat("`", 8<<10), strings.Repeat("x", 8<<10), strings.Repeat("@a ", 1000), "\u202e\u200b\x1b[2J", "\xff\xfe",
	`add  renew_before: 30d  under policy`, "a   b", "a  `  b", "(x)", `"x",`, "x:", "it's", "$x$", "\u00a0", "\u3000@a", "\uff20a",
}, strings.Split(vile, " ")...)

func seeded(f *testing.F) {
	f.Helper()
	for _, s := range append(seeds, vile, evil) {
		f.Add(s)
	}
}

// fuzzed is a report of a page on which a text stands in code and as a sentence, in a
// paragraph, a cell, an item of a list, and a fenced block.
func fuzzed(s string) report.Report {
	p := legacy()
	p.Have.Common, p.Have.Label = s, "l"
	r := of([]plan.Pair{p}, nil, true)
	r.Paths, r.Target, r.Version.Version = []string{s}, s, "1"
	r.Problems = []report.Problem{{At: cert.Pos{File: s, Line: 1}, Message: s, Hint: s}}
	r.Failure = &report.Failure{Message: s, Hint: "h"}
	return r
}

// How many characters of a value and of a sentence are shown.
const (
	mostName  = 100
	mostValue = 300
	mostProse = 600
)

var longTicks = regexp.MustCompile("`{17,}")

// spelled is how a text is shown: what acts is written out, and in a cell a backslash
// before a pipe; what is too long is counted.
func spelled(s string, most int, inCell bool) string {
	kept, rest := words.Shorten(s, most)
	kept = strings.ReplaceAll(words.Clean(kept), "##[", `#\x23[`)
	kept = longTicks.ReplaceAllStringFunc(kept, func(run string) string { return strings.Repeat(`\x60`, len(run)) })
	if inCell {
		kept = strings.ReplaceAll(kept, `\|`, `\x5c|`)
	}
	return kept + words.More(rest)
}

// shownAs is the text of a block, code included.
func shownAs(n ast.Node, page []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Value(page))
		default:
			b.WriteString(shownAs(c, page))
		}
	}
	return b.String()
}

// blocks are the blocks of a page that hold the text, by what they are.
func blocks(page []byte) (cells, items, paragraphs []ast.Node) {
	_ = ast.Walk(github.Parser().Parse(text.NewReader(page)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch {
		case !entering:
		case n.Kind() == east.KindTableCell && n.Parent().Kind() == east.KindTableRow:
			cells = append(cells, n)
		case n.Kind() == ast.KindTextBlock && n.Parent().Kind() == ast.KindListItem:
			items = append(items, n)
		case n.Kind() == ast.KindParagraph && n.Parent().Kind() == ast.KindDocument:
			paragraphs = append(paragraphs, n)
		}
		return ast.WalkContinue, nil
	})
	return cells, items, paragraphs
}

// FuzzTextInMarkdown: wherever a text stands, it is shown as it is, in code where it is a
// value, and changes nothing of what the page consists of.
func FuzzTextInMarkdown(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, s string) {
		page := markdownOf(t, fuzzed(s))
		if got, want := judge(t, page), judge(t, markdownOf(t, fuzzed("plain"))); s != "" && s != "h" && got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if s == "" {
			return
		}
		cells, items, paragraphs := blocks(page)
		footer := paragraphs[len(paragraphs)-1]
		for _, c := range []struct {
			where, got, want string
			code             bool // and what else stands outside of code
			outside          string
		}{
			{"the file in a cell", shownAs(cells[0], page), spelled(words.Place(cert.Pos{File: s, Line: 1}), mostValue, true), true, bare(cells[0], page)},
			{"the message in a cell", fielded(shownAs(cells[1], page)), fielded(spelled(s, mostProse, true)), false, ""},
			{"the hint in a cell", fielded(shownAs(cells[2], page)), fielded(spelled(s, mostProse, true)), false, ""},
			{"the name in a list", first(shownAs(items[0], page), spelled(s, mostName, false)+" (11588)"), spelled(s, mostName, false) + " (11588)", true, bare(items[0], page)},
			{"the path in the footer", first(shownAs(footer, page), spelled(s, mostName, false)+", "), spelled(s, mostName, false) + ", ", true, bare(footer, page)},
		} {
			if c.got != c.want {
				t.Errorf("%s: shows %q, want %q", c.where, c.got, c.want)
			}
			if c.code && !strings.HasPrefix(c.outside, "\ufffc") {
				t.Errorf("%s: outside of code: %q", c.where, c.outside)
			}
		}
	})
}

// fielded is a text with single spaces.
func fielded(s string) string { return strings.Join(strings.Fields(s), " ") }

// first is as much of a text as another is long.
func first(s, as string) string { return s[:min(len(s), len(as))] }

// FuzzMarkdown is a page of nothing but one text, wherever text comes from.
func FuzzMarkdown(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, s string) { judge(t, markdownOf(t, poisoned(nasty(s), s))) })
}
