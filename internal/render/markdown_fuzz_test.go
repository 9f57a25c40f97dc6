package render

import (
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/report"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// seeds are what each fuzz target begins with.
var seeds = append([]string{
	"", " ", "  a  ", "`", "``", "` `", "a`", "`a", " `` ", "|", `\|`, `\\|`, "`|`", "`\\|", "\\", "\\`", "a|b\\", "x\r\ny",
	"www.example.com", "www.", "mailto:", "http://a.example/b", "a@b.example", "@octocat", "@org/team", "#1", "GH-1", "gh-12", "org/repo#1",
	"0123abc", "deadbee", "facade", "1234567", "word 0123456789abcdef0123456789abcdef01234567", "a_b_c", "*a*", "**", "~~a~~", "- [ ] x",
	"[a](b)", "![a](b)", "[a]: b", "<a>", "<!-- x", "-->", "</details>", "&amp;", "&#64;a", "1. a", "> a", "# a", "---", "::error::x", "##[error]x",
	strings.Repeat("`", 90), strings.Repeat("`", 64<<10), strings.Repeat("x", 64<<10), strings.Repeat("@a ", 1000), "\u202e\u200b\x1b[2J", "\xff\xfe",
	`add  renew_before: 30d  under policy`, "a   b", "a  `  b", "(x)", `"x",`, "x:", "it's", "$x$", "\u00a0", "\u3000@a", "\uff20a",
}, strings.Split(vile, " ")...)

func seeded(f *testing.F) {
	f.Helper()
	for _, s := range append(seeds, vile, evil) {
		f.Add(s)
	}
}

// framed are the places that text gets into, around %: a cell, an item of the caution,
// a paragraph.
var framed = []string{
	"| a | b |\n| --- | --- |\n| before % after | c |\n",
	"> [!CAUTION]\n> **x:**\n>\n> - before % after\n",
	"#### title\n\nbefore % after\n",
}

// inFrames puts what an escaper makes of a text into each place, lets the parser judge
// it, and calls look with the innermost block.
func inFrames(t *testing.T, escaped string, look func(frame int, block ast.Node, page []byte)) {
	t.Helper()
	for i, frame := range framed {
		page := []byte(strings.Replace(frame, "%", escaped, 1))
		if i == 0 {
			page = []byte("| a | b |\n| --- | --- |\n" + cells("before "+escaped+" after", "c"))
		}
		got := judge(t, page)
		if want := judgeOnly(frame); got != want {
			t.Errorf("frame %d: %+v, want %+v", i, got, want)
		}
		look(i, holder(github.Parser().Parse(text.NewReader(page)), page), page)
	}
}

func judgeOnly(frame string) shape { return judge(&testing.T{}, []byte(frame)) }

// holder is the block whose text begins with "before".
func holder(root ast.Node, page []byte) ast.Node {
	var found ast.Node
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && strings.HasPrefix(bare(n, page), "before") {
			found = n
		}
		return ast.WalkContinue, nil
	})
	return found
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

// spelled is how an escaper is known to spell a text: what acts is written out, and in
// a cell a backslash before a pipe.
func spelled(s string, frame int) string {
	s = tamed(s)
	if frame == 0 {
		s = strings.ReplaceAll(s, `\|`, `\x5c|`)
	}
	return s
}

func FuzzCode(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, s string) {
		kept, rest := shorten(s, mostValue)
		inFrames(t, code(s), func(frame int, block ast.Node, page []byte) {
			want := "before " + spelled(kept, frame) + more(rest) + " after"
			if s == "" {
				want = "before (empty) after"
			}
			if got := shownAs(block, page); got != want {
				t.Errorf("frame %d: shows %q, want %q", frame, got, want)
			}
			if s != "" && bare(block, page) != "before \ufffc"+more(rest)+" after" {
				t.Errorf("frame %d: outside of code: %q", frame, bare(block, page))
			}
		})
	})
}

func FuzzProse(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, s string) {
		kept, rest := shorten(s, mostProse)
		inFrames(t, prose(s), func(frame int, block ast.Node, page []byte) {
			want := strings.Fields("before " + spelled(kept, frame) + more(rest) + " after")
			if got := strings.Fields(shownAs(block, page)); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("frame %d: shows %q, want %q", frame, got, want)
			}
		})
	})
}

func FuzzFence(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, s string) {
		page := []byte("<details>\n<summary>x</summary>\n\n" + fence("diff", s) + "\n</details>\n\n#### title\n")
		if got, want := judge(t, page), (shape{headings: 1, details: 1, fences: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// A page of nothing but one text, wherever text comes from.
func FuzzMarkdown(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, s string) {
		r := poisoned(nasty(s), s)
		if got, want := judge(t, markdown(t, r)), meant(r); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// meant is the shape of a page by what it is put together from.
func meant(r report.Report) shape {
	s := shape{headings: 1, fences: 1}
	if r.Failure != nil && strings.Contains(r.Failure.Hint, "\n") {
		s.fences++
	}
	nothing, unsure := r.Plan.Unrenewed()
	if a := r.Plan.Alarms(); len(nothing)+len(unsure)+len(a.Revoked)+len(a.Ended)+len(a.Renewing) > 0 {
		s.quotes = 1
	}
	parts := sheet{r}.parts()
	fit(parts, mostBytes-len(sheet{r}.top())-len(sheet{r}.footer()))
	for _, p := range parts {
		switch {
		case len(p.entries)+p.left == 0:
			continue
		case len(p.entries) == 0:
		case p.rank == cutControl:
			all := strings.Join(p.entries, "")
			tables := strings.Count(all, "\n| --- |")
			s.tables += tables
			s.rows += strings.Count(all, "\n| ") - tables
			s.fences += strings.Count(all, "zone\n")
		case p.head == "":
			s.fences += len(p.entries)
		default:
			s.tables++
			s.rows += 1 + strings.Count(strings.Join(p.entries, ""), "\n")
		}
		if p.folded {
			s.details++
		} else {
			s.headings++
		}
	}
	return s
}
