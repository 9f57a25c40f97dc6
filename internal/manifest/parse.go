package manifest

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// parse returns the tree of one document, nil when it is empty.
func parse(file string, p part) (*yaml.Node, *report.Problem) {
	root, err := tree(p.text)
	if err == nil {
		return root, nil
	}
	line, what := complaint(err)
	at := cert.Pos{File: file, Line: failingLine(p.text, line, what)}
	text := lines(p.text)[at.Line-1]
	at.Column = len(text) - len(bytes.TrimLeft(text, " ")) + 1
	at.Line += p.above
	return nil, &report.Problem{At: at, Message: "not YAML: " + what, Hint: syntaxHint(text, what)}
}

// tree reads text, which must hold one document. The reader stops where a
// document ends and would pass over what follows, so it is asked again.
func tree(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, next yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := d.Decode(&next); err == nil {
		return nil, errors.New("yaml: more text after the end of the document")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if root := doc.Content[0]; !isEmpty(root) {
		return root, nil
	}
	return nil, nil
}

// isEmpty is a document of comments alone.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "" && n.Anchor == ""
}

var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// complaint takes the reader's error apart. The line is 0 when it gave none.
func complaint(err error) (line int, what string) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	return line, m[2]
}

// failingLine returns the line of text, from 1, that brings up the complaint. The
// line the reader names is often the one before, or where the enclosing block
// began: it is where the search begins. The line sought is the first that cannot
// be read with what comes before it.
func failingLine(text []byte, named int, what string) int {
	all := lines(text)
	first := max(1, min(named, len(all)))
	fails := func(i int) bool {
		_, err := tree(bytes.Join(all[:first+i], []byte("\n")))
		if err == nil {
			return false
		}
		_, w := complaint(err)
		return w == what
	}
	return min(first+sort.Search(len(all)-first, fails), len(all))
}

func lines(text []byte) [][]byte {
	return bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n"))
}

// syntaxHints translates what the reader says of the mistakes people make.
var syntaxHints = []struct{ says, hint string }{
	{"mapping values are not allowed", `Put quotes around a value that holds ": ", and check the indentation.`},
	{"did not find expected key", "Begin all keys of one mapping in the same column."},
	{"did not find expected '-'", "Begin all entries of one list in the same column."},
	{"expected ',' or ']'", "Close the list with ] and put commas between its entries."},
	{"expected ',' or '}'", "Close the mapping with } and put commas between its keys."},
	{"expected node content", "Write the value that is missing, or close the bracket."},
	{"block sequence entries", "Begin the list on a line of its own."},
	{"cannot start any token", "Put quotes around a value that starts with a special character."},
	{"could not find expected ':'", "Put a colon and a space after the key, or indent the text that goes on."},
	{"unexpected end of stream", "Close the quote that was opened."},
	{"unexpected document indicator", "Close the quote that was opened."},
	{"<document start>", `Begin another manifest with a line of "---".`},
	{"unknown anchor", `Define the anchor above, or put quotes around a value that starts with "*".`},
	{"invalid Unicode character escape code", `Write the character itself: YAML does not know the pairs of escapes, such as \ud83c\udf89, that JSON writes for one character.`},
	{"unknown escape", `Write \\ for a backslash, or use single quotes.`},
	{"alphabetic or numeric character", `Put quotes around a value that starts with "*" or "&".`},
}

func syntaxHint(line []byte, what string) string {
	if bytes.HasPrefix(line, []byte("%")) {
		return "Delete the line: a manifest needs no YAML directive."
	}
	for _, h := range syntaxHints {
		if strings.Contains(what, h.says) {
			return h.hint
		}
	}
	return "Check the indentation and the quotes of this line and the one above."
}
