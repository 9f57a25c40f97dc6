package render_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// github is a parser with everything that GitHub's has: tables, strike-through, bare
// addresses as links, task lists.
var github = goldmark.New(goldmark.WithExtensions(extension.GFM))

// shape is what a page consists of.
type shape struct{ headings, tables, rows, details, fences, quotes int }

// ours are the only elements of HTML that a page may hold. What stands in a summary is
// not Markdown, so that it can only be words and counts of our own.
var ours = regexp.MustCompile(`^(<details>|</details>|<summary>[A-Za-z0-9 :,()-]+</summary>|<!-- cpsync:plan sha256:[0-9a-f]{64} -->)$`)

// alive is what GitHub makes a link of wherever it is not code.
var alive = regexp.MustCompile(`(?i)@[a-z0-9]|#\d|\bgh-\d|\b[0-9a-f]{7,40}\b|://|www\.|mailto:|&[a-z#]`)

// judge parses a page and reports what may not be in it.
func judge(t *testing.T, page []byte) shape {
	t.Helper()
	context := parser.NewContext()
	root := github.Parser().Parse(text.NewReader(page), parser.WithContext(context))
	if len(context.References()) > 0 {
		t.Errorf("defines links: %v", context.References())
	}
	var s shape
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if wrong := s.add(n, page); wrong != "" {
			t.Errorf("%s: %s in\n%.300q", n.Kind(), wrong, n.Parent().Lines().Value(page))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	judgeLog(t, page)
	judgeBytes(t, withoutFences(root, page), s)
	return s
}

// add counts a node, or says what is wrong with it.
func (s *shape) add(n ast.Node, page []byte) string {
	switch n := n.(type) {
	case *ast.Heading:
		s.headings++
	case *ast.FencedCodeBlock:
		s.fences++
	case *ast.Blockquote:
		s.quotes++
	case *east.Table:
		s.tables++
	case *east.TableHeader, *east.TableRow:
		s.rows++
		if n.ChildCount() != n.Parent().FirstChild().ChildCount() {
			return fmt.Sprintf("has %d cells", n.ChildCount())
		}
	case *ast.HTMLBlock:
		return s.html(n, page)
	case *ast.Document, *ast.List, *ast.ListItem, *ast.CodeSpan, *ast.Text, *ast.Emphasis, *ast.ThematicBreak:
	case *ast.Paragraph, *ast.TextBlock, *east.TableCell:
	default:
		return "may not be"
	}
	if found := alive.FindString(bare(n, page)); found != "" {
		return "is live: " + found
	}
	return ""
}

func (s *shape) html(n *ast.HTMLBlock, page []byte) string {
	for line := range strings.Lines(string(n.Lines().Value(page))) {
		line = strings.TrimSpace(line)
		switch {
		case !ours.MatchString(line):
			return "is not ours: " + line
		case line == "<details>":
			s.details++
		}
	}
	return ""
}

// bare is the text of a block outside of code, a character for each code span.
func bare(n ast.Node, page []byte) string {
	if n.Type() != ast.TypeBlock {
		return ""
	}
	var b strings.Builder
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			switch c := c.(type) {
			case *ast.CodeSpan:
				b.WriteRune('\ufffc')
			case *ast.Text:
				b.Write(c.Value(page))
			default:
				if c.Type() == ast.TypeInline {
					walk(c)
				}
			}
		}
	}
	walk(n)
	return b.String()
}

// withoutFences is the page without what stands in fenced blocks.
func withoutFences(root ast.Node, page []byte) []byte {
	rest := bytes.Clone(page)
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == ast.KindFencedCodeBlock {
			for _, line := range n.Lines().Sliced(0, n.Lines().Len()) {
				copy(rest[line.Start:line.Stop-1], bytes.Repeat([]byte("."), line.Len()-1))
			}
		}
	}
	return rest
}

// judgeBytes looks at what a parser does not tell.
func judgeBytes(t *testing.T, page []byte, s shape) {
	t.Helper()
	if got := bytes.Count(page, []byte("</details>\n")); got < s.details {
		t.Errorf("%d details, %d ends of details", s.details, got)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") {
			rows++
		}
		if strings.Contains(line, strings.Repeat("`", 81)) {
			t.Errorf("a run of backticks that GitHub gives up on: %.200q", line)
		}
	}
	if rows != s.rows {
		t.Errorf("%d lines look like rows, %d are", rows, s.rows)
	}
}

// judgeLog looks at a page as the log of a job does, which it may be printed to.
func judgeLog(t *testing.T, page []byte) {
	t.Helper()
	if !utf8.Valid(page) || bytes.ContainsFunc(page, func(r rune) bool { return r != '\n' && words.IsActive(r) }) {
		t.Error("holds characters that act")
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Errorf("a command for a job's log: %.200q", line)
		}
	}
}
