package manifest

import "bytes"

// part is the text of one document, and how many lines of the file come before it.
type part struct {
	text  []byte
	above int
}

// split cuts a file where YAML does: a line that begins with "---" starts a
// document wherever it stands, in quotes and blocks too. Cutting first keeps a
// document that is no YAML from hiding the problems of the next, and gives both
// readers the same bytes.
func split(text []byte) []part {
	var parts []part
	start, above, line := 0, 0, 0
	for at := 0; at < len(text); line++ {
		if startsDocument(text[at:]) && at > start {
			parts = append(parts, part{text[start:at], above})
			start, above = at, line
		}
		at += lineLength(text[at:])
	}
	if start < len(text) {
		parts = append(parts, part{text[start:], above})
	}
	return parts
}

// lineLength counts the bytes of the first line, its end included.
func lineLength(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// startsDocument reports whether text begins with the marker, which white space or
// nothing follows.
func startsDocument(text []byte) bool {
	rest, ok := bytes.CutPrefix(text, []byte("---"))
	return ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}
