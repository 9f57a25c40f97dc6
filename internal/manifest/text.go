package manifest

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

const bom = "\xef\xbb\xbf"

// clean returns the text of a file without byte order mark, and a problem for
// every line that holds a character no manifest may hold. In the text returned a
// space stands for each of them, so that the rest can be judged at its true place.
// The text is nil when the file is no UTF-8 at all.
func clean(file string, data []byte) ([]byte, []report.Problem) {
	if isUTF16(data) {
		return nil, []report.Problem{{At: cert.Pos{File: file}, Message: "the file is encoded in UTF-16",
			Hint: "Save it as UTF-8."}}
	}
	data = bytes.TrimPrefix(data, []byte(bom))
	if isPlain(data) {
		return data, nil
	}
	s := scanner{at: cert.Pos{File: file, Line: 1, Column: 1}, problems: problems{most: mostProblems}}
	return s.scan(data), s.problems.all()
}

// isUTF16 knows the byte order marks, and text whose first character is ASCII.
func isUTF16(data []byte) bool {
	if len(data) < 2 {
		return false
	}
	marked := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
	return marked || (data[0] == 0) != (data[1] == 0)
}

// isPlain reports whether data is printable ASCII in lines that end in LF, as
// most files are.
func isPlain(data []byte) bool {
	for _, b := range data {
		if b != '\n' && (b < ' ' || b > '~') {
			return false
		}
	}
	return true
}

// scanner goes through a text character by character.
type scanner struct {
	at       cert.Pos
	out      []byte
	problems problems
	last     int // line of a problem
}

func (s *scanner) scan(data []byte) []byte {
	s.out = make([]byte, 0, len(data))
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			s.report("a byte that is not UTF-8", "Save the file as UTF-8.")
			return nil
		}
		lineEnd := r == '\r' && bytes.HasPrefix(data[size:], []byte("\n"))
		s.take(r, lineEnd)
		data = data[size:]
	}
	return s.out
}

func (s *scanner) take(r rune, lineEnd bool) {
	f := refuse(r)
	switch {
	case r == '\n':
		s.at.Line, s.at.Column = s.at.Line+1, 0
	case !f.none() && !lineEnd:
		s.report(f.message, f.hint)
		r = ' '
	}
	s.at.Column++
	s.out = utf8.AppendRune(s.out, r)
}

// report keeps to one problem a line: a table pasted with tabs is one mistake.
func (s *scanner) report(what, hint string) {
	if s.last == s.at.Line {
		return
	}
	s.last = s.at.Line
	s.problems.add(report.Problem{At: s.at, Message: "the text holds " + what, Hint: hint})
}

// refuse names a character that no manifest may hold, whether written as it is or
// as an escape, and says what to do. LF is left to the caller.
func refuse(r rune) fault {
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
		return fault{fmt.Sprintf("the bidirectional control %U", r),
			"Delete it: it makes text look like other text."}
	case r == 0x2028, r == 0x2029:
		return fault{fmt.Sprintf("the line separator %U", r), "Use a plain line break."}
	case r == 0xfeff, r == 0xfffe, r == 0xffff:
		return fault{fmt.Sprintf("the invisible character %U", r), "Delete it."}
	default:
		return fault{}
	}
}
