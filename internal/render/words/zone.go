package words

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// ZoneLine is a record as a zone file holds it: one line, whatever the API put into
// the record, and never more than one record. What can't be a record, and one whose
// value is not known, is a comment.
func ZoneLine(r cert.Record) string {
	line := zoneName(r.Name) + ". IN " + r.Type + " "
	switch {
	case !isDNSName(r.Name):
		return "; " + line + "...: not a valid DNS name"
	case r.Value == "":
		return "; " + line + "?"
	case r.Type == "CNAME":
		return line + zoneName(r.Value) + "."
	case len(r.Value) > mostText:
		return "; " + line + "...: the value is longer than a record can be"
	default:
		return line + zoneText(r.Value)
	}
}

// What a name and a record can hold, in bytes.
//
// Source: RFC 1035, sections 2.3.4 and 3.3; a record's 65,535 bytes hold 256 strings.
const (
	mostLabel = 63
	mostHost  = 253 // without the last dot
	mostText  = 255 * 255
)

func isDNSName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > mostLabel {
			return false
		}
	}
	return len(name) <= mostHost
}

// zoneName escapes what is no letter, digit, dash, dot, underscore or asterisk.
//
// Source: RFC 1035, section 5.1.
func zoneName(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._*", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03d`, c)
		}
	}
	return b.String()
}

// zoneText writes a text in strings of at most 255 bytes, which is all that one holds.
// Colons and hash signs are escaped too: a job's log takes pairs of them for commands.
func zoneText(text string) string {
	const most = 255
	var parts []string
	for from := 0; from < len(text); from += most {
		var b strings.Builder
		for _, c := range []byte(text[from:min(from+most, len(text))]) {
			switch {
			case c == '"', c == '\\':
				b.WriteString(`\` + string(rune(c)))
			case c < ' ', c > '~', c == ':', c == '#':
				fmt.Fprintf(&b, `\%03d`, c)
			default:
				b.WriteByte(c)
			}
		}
		parts = append(parts, `"`+b.String()+`"`)
	}
	return strings.Join(parts, " ")
}
