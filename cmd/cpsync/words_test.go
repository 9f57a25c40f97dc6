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
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// gone are the words and phrases that the vocabulary replaced. Nothing that people read may
// hold them: not what a story prints, not help, schemas, documents and examples.
var gone = sync.OnceValue(func() (all []phrases) {
	for _, pattern := range []string{
		// phrases, whatever their case
		`\bin step\b`, `\bneeds? (you|a person)\b`, `\bends? (soon|in \d)`, `\b(taken?|takes|took) off\b`, `\bpassed by\b`,
		`\bcarr(y|ies|ied|ying) (\w+ )?out\b`, `\bmend(s|ed|ing)?\b`, `\b(order|try) pause\b`, `\bheard of\b`, `\bunheard\b`, `\bproofs? of control\b`,
		`\bprov(e|es|ed|en|ing) (the )?control\b`, `\bdomain control (of|is|for|that|needs)\b`, `domain control<`, `\bout of reach\b`, `\b(present|old) certificate\b`, `\bin service\b`,
		`\bunder way\b`, `\banew\b`, `\bonce more\b`, `\bneeds? attention\b`, `\brefused for safety\b`, `\b(has|have) no manifest\b`,
		`\blive requests? (without a|have no|has no) manifest\b`, `\bchanges? of names\b`, `\b(has|have) ended\b`, `\bpast its end\b`, `\bnobody (knows|documents)\b`,
		// keys, flags, codes, rules and members
		`renew_if_ends_before|needs[_-]you|needs[_-]person|needs[_-]attention|fail-on-attention|order[-_]pause|try[-_]pause|max-orders|policy\.try\b`,
		`\b(ends-soon|other-names|many-names|changed-outside-git|shared-name|covered-name|same-names|renewal-under-way|extra-name|unreachable|did-not-converge)\b`,
		`\((not read|none|unheard)\)`, `\b(?-i:ENDED)\b`,
	} {
		pattern = "(?i)" + strings.ReplaceAll(pattern, " ", `\s+`)
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			panic(err)
		}
		all = append(all, phrases{regexp.MustCompile(pattern), needles(tree)})
	}
	return all
})

// phrases are matched by one pattern, and only by a text that holds one of its needles: looking for those first takes
// a tenth of the time.
type phrases struct {
	pattern *regexp.Regexp
	needles []string
}

// needles are strings in lower case of which whatever the pattern matches holds one; none: nothing is known.
func needles(pattern *syntax.Regexp) (best []string) {
	switch pattern.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(pattern.Rune))}
	case syntax.OpCapture:
		return needles(pattern.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range pattern.Sub {
			some := needles(sub)
			if some == nil {
				return nil
			}
			best = append(best, some...)
		}
	case syntax.OpConcat:
		for _, sub := range pattern.Sub {
			if some := needles(sub); shortest(some) > shortest(best) {
				best = some
			}
		}
	default: // it holds no word, or one that may be missing
	}
	return best
}

func shortest(words []string) int {
	if words == nil {
		return 0
	}
	return len(slices.MinFunc(words, func(a, b string) int { return len(a) - len(b) }))
}

// goneIn returns where a text says what is gone.
func goneIn(text []byte) (all [][]int) {
	lower := bytes.ToLower(text)
	for _, p := range gone() {
		if p.needles == nil || slices.ContainsFunc(p.needles, func(needle string) bool { return bytes.Contains(lower, []byte(needle)) }) {
			all = append(all, p.pattern.FindAllIndex(text, -1)...)
		}
	}
	return all
}

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
			for _, at := range goneIn(text) {
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
				at := min(files.Position(l.Pos()).Line-1+i, len(lines)-1) // \n in quotes is no line of the file
				lines[at] += fmt.Sprintf("%q ", part)
			}
		}
		return true
	})
	return []byte(strings.Join(lines, "\n"))
}

// said names the file to which each process that a test starts appends what it writes, of
// very much only the first: compiling the words in each of them would take a fifth of its time.
const said = "SAID"

// transcript is the writer of one process to that file.
type transcript struct {
	file *os.File
	left int
}

func newTranscript() *transcript {
	file, _ := os.OpenFile(os.Getenv(said), os.O_APPEND|os.O_WRONLY, 0) // a test may give a process another environment
	return &transcript{file, 256 << 10}
}

func (s *transcript) Write(p []byte) (int, error) {
	some := p[:min(len(p), max(s.left, 0))]
	if s.left -= len(some); s.file != nil && len(some) > 0 {
		_, err := s.file.Write(some)
		return len(p), err
	}
	return len(p), nil
}

// checkSaid is the exit code of the tests: 1 also where a process said what is gone. Each pair of
// lines is looked at once.
func checkSaid(file string, code int) int {
	text, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var once bytes.Buffer
	seen, last := map[string]bool{}, ""
	for line := range strings.Lines(string(text)) {
		if pair := last + line; !seen[pair] {
			seen[pair] = true
			once.WriteString(pair)
		}
		last = line
	}
	for _, at := range goneIn(once.Bytes()) {
		fmt.Fprintf(os.Stderr, "%q is gone, see words_test.go: ...%s...\n", once.Bytes()[at[0]:at[1]], once.Bytes()[max(at[0]-80, 0):min(at[1]+80, once.Len())])
		code = 1
	}
	return code
}
