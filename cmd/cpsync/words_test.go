package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// gone are the words and phrases that the vocabulary replaced. Nothing that people read may
// hold them: not what a story prints, not help, schemas, documents and examples.
var gone = regexp.MustCompile(strings.ReplaceAll(strings.Join([]string{
	// phrases, whatever their case
	`(?i)\bin step\b`, `\bneeds? (you|a person)\b`, `\bends? (soon|in \d)`, `\b(taken?|takes|took) off\b`, `\bpassed by\b`,
	`\bcarr(y|ies|ied|ying) (\w+ )?out\b`, `\bmend(s|ed|ing)?\b`, `\b(order|try) pause\b`, `\bheard of\b`, `\bunheard\b`, `\bproofs? of control\b`,
	`\bprov(e|es|ed|en|ing) (the )?control\b`, `\bdomain control (of|is|for|that|needs)\b`, `domain control<`, `\bout of reach\b`, `\b(present|old) certificate\b`, `\bin service\b`,
	`\bunder way\b`, `\banew\b`, `\bonce more\b`, `\bneeds? attention\b`, `\brefused for safety\b`, `\b(has|have) no manifest\b`,
	`\blive requests? (without a|have no|has no) manifest\b`, `\bchanges? of names\b`, `\b(has|have) ended\b`, `\bpast its end\b`, `\bnobody (knows|documents)\b`,
	// keys, flags, codes, rules and members
	`renew_if_ends_before|needs[_-]you|needs[_-]person|needs[_-]attention|fail-on-attention|order[-_]pause|try[-_]pause|max-orders|policy\.try\b`,
	`\b(ends-soon|other-names|many-names|changed-outside-git|shared-name|covered-name|same-names|renewal-under-way|extra-name|unreachable|did-not-converge)\b`,
	`\((not read|none|unheard)\)`, `\b(?-i:ENDED)\b`,
}, "|"), " ", `\s+`))

// keepsOldWords are the files about the journal, whose words are read for ever.
var keepsOldWords = map[string]bool{"line.go": true, "a-journal-of-the-version-before-is-read.txtar": true}

// TestNothingSaysWhatIsGone reads every file that people read, the outputs that tests expect,
// and the texts in the program itself, whether or not a test has them printed.
func TestNothingSaysWhatIsGone(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"README.md", "CHANGELOG.md", "SECURITY.md", "action.yml", ".github", "docs", "examples", "schemas", "cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) == ".png" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if filepath.Ext(path) == ".go" {
				text = literals(t, path, text)
			}
			if keepsOldWords[filepath.Base(path)] {
				return err
			}
			for _, at := range gone.FindAllIndex(text, -1) {
				t.Errorf("%s:%d: %q is gone", path, bytes.Count(text[:at[0]], []byte("\n"))+1, text[at[0]:at[1]])
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// literals returns the strings of a Go file, each on the line where it stands.
func literals(t *testing.T, path string, text []byte) []byte {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, bytes.Count(text, []byte("\n"))+1)
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			s, _ := strconv.Unquote(l.Value)
			for i, part := range strings.Split(s, "\n") {
				lines[files.Position(l.Pos()).Line-1+i] += fmt.Sprintf("%q ", part)
			}
		}
		return true
	})
	return []byte(strings.Join(lines, "\n"))
}

// transcript keeps what a process writes, so that it can be checked; of very much only the first.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text.Len() < 256<<10 {
		s.text.Write(p)
	}
	return len(p), nil
}

// check replaces the exit code of a process that said what is gone: its story fails then.
func (s *transcript) check(code int) int {
	if word := gone.Find(s.text.Bytes()); word != nil {
		fmt.Fprintf(os.Stderr, "%q is gone, see words_test.go\n", word)
		return 99
	}
	return code
}
