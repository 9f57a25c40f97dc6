package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// clean returns the text of a file without byte order mark, and a problem for every line with
// a forbidden character: a pasted table with tabs is one mistake. It replaces these with spaces,
// so that other places stay true. The text is nil if the file is not UTF-8.
func clean(file string, data []byte) ([]byte, []report.Problem) {
	marked := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
	if len(data) > 1 && (marked || (data[0] == 0) != (data[1] == 0)) { // the first character is ASCII
		return nil, []report.Problem{{At: cert.Pos{File: file}, Rule: "encoding", Message: "the file is encoded in UTF-16",
			Hint: "Save it as UTF-8."}}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !bytes.ContainsFunc(data, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
		return data, nil
	}
	at, found, last := cert.Pos{File: file, Line: 1, Column: 1}, problems{most: mostProblems}, 0
	forbid := func(what, hint string) {
		if last != at.Line {
			found.add(report.Problem{At: at, Rule: "forbidden-character", Message: "the text holds " + what, Hint: hint})
		}
		last = at.Line
	}
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		data = data[size:]
		lineEnd := r == '\r' && bytes.HasPrefix(data, []byte("\n"))
		switch f := badCharacter(r); {
		case r == utf8.RuneError && size == 1:
			forbid("a byte that is not UTF-8", "Save the file as UTF-8.")
			return nil, found.all()
		case r == '\n':
			at.Line, at.Column = at.Line+1, 0
		case !f.none() && !lineEnd:
			forbid(f.message, f.hint)
			r = ' '
		}
		at.Column++
		out = utf8.AppendRune(out, r)
	}
	return out, found.all()
}

// badCharacter returns the fault of a character that no manifest may hold, also as an escape.
// The caller judges LF.
func badCharacter(r rune) fault {
	switch {
	case r == '\n':
		return fault{}
	case r == '\t':
		return fault{"a tab", "Use spaces instead."}
	case r == '\r':
		return fault{"a carriage return", "Delete it: a line ends in LF or CRLF."}
	case r < ' ', r >= 0x7f && r <= 0x9f:
		return fault{fmt.Sprintf("the control character %U", r), "Delete it: a manifest holds printable text only."}
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return fault{fmt.Sprintf("the bidirectional control %U", r), "Delete it: it makes text look like other text."}
	case r == 0x2028, r == 0x2029:
		return fault{fmt.Sprintf("the line separator %U", r), "Use a plain line break."}
	case r == 0xfeff, r == 0xfffe, r == 0xffff:
		return fault{fmt.Sprintf("the invisible character %U", r), "Delete it."}
	default:
		return fault{}
	}
}

// parseDocument returns the tree of one document, or nil if it is empty.
func parseDocument(file string, p part) (*yaml.Node, *report.Problem) {
	root, err := tree(p.text)
	if err == nil {
		return root, nil
	}
	line, what := complaint(err)
	at := cert.Pos{File: file, Line: failingLine(p.text, line, what)}
	text := lines(p.text)[at.Line-1]
	at.Column = len(text) - len(bytes.TrimLeft(text, " ")) + 1
	at.Line += p.above
	hint := "Check the indentation and the quotes of this line and the one above."
	for _, h := range syntaxHints {
		if strings.Contains(what, h.says) {
			hint = h.hint
			break
		}
	}
	if bytes.HasPrefix(text, []byte("%")) {
		hint = "Delete the line: a manifest needs no YAML directive."
	}
	return nil, &report.Problem{At: at, Rule: "yaml-syntax", Message: "not YAML: " + what, Hint: hint}
}

// tree reads text, which must hold one document, and returns nil if that has only comments. The
// decoder would ignore text after the end of a document, so that a second call must find none.
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
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Style == 0 && root.Value == "" && root.Anchor == "" {
		return nil, nil
	}
	return root, nil
}

var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// complaint splits the decoder's error into its line, or 0, and its text.
func complaint(err error) (line int, what string) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	return line, m[2]
}

// failingLine returns the line of text, from 1, that causes an error: the first that cannot
// be read with the lines before it. The line that the decoder names is often one before, or
// the start of the block, so that the search begins there.
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

// syntaxHints has a hint for each frequent error of the decoder.
var syntaxHints = []struct{ says, hint string }{
	{"mapping values are not allowed", `Put quotes around a value that holds ": ", and check the indentation.`},
	{"did not find expected key", `Begin all keys of one mapping in the same column, and put quotes around the whole of a value: "it's ours".`},
	{"did not find expected '-'", "Begin all entries of one list in the same column."},
	{"expected ',' or ']'", "Close the list with ] and put commas between its entries."},
	{"expected ',' or '}'", "Close the mapping with } and put commas between its keys."},
	{"expected node content", "Write the value that is missing, or close the bracket."},
	{"block sequence entries", "Begin the list on a line of its own."},
	{"cannot start any token", "Put quotes around a value that starts with a special character."},
	{"could not find expected ':'", "Put a colon and a space after the key, or indent the text that goes on."},
	{"unexpected end of stream", "Close the quote that was opened."},
	{"unexpected document indicator", "Close the quote that was opened."},
	{"<document start>", `Begin the keys at the top in the first column, and another manifest with a line of "---".`},
	{"unknown anchor", `Define the anchor above, or put quotes around a value that starts with "*".`},
	{"invalid Unicode character escape code", `Write the character itself: YAML does not know the pairs of escapes, such as \ud83c\udf89, that JSON writes for one character.`},
	{"unknown escape", `Write \\ for a backslash, or use single quotes.`},
	{"alphabetic or numeric character", `Put quotes around a value that starts with "*" or "&".`},
}
