package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// control writes what proves control of the names: records as a table and as lines of
// a zone file, or who got the mail.
func (p *page) control(e report.Explanation) {
	if !e.ControlRead {
		return
	}
	p.title("DOMAIN CONTROL", "")
	if len(e.Control) == 0 {
		p.line(rowIndent, "every name is proven")
	}
	inferred := false
	for _, proof := range e.Control {
		p.blank()
		p.proof(proof)
		inferred = inferred || proof.Inferred
	}
	if inferred {
		p.blank()
		p.line(rowIndent, "Where a record goes and what it points to is inferred from the CA's documents; the token is the API's own.")
	}
}

func (p *page) proof(proof cert.Proof) {
	n := names{p, rowHead(plural(len(proof.Names), "name", "names"))}
	for _, name := range proof.Names {
		n.add(cert.DisplayName(name), "", plain)
	}
	p.row("method", string(proof.Method))
	switch {
	case len(proof.Emails) > 0:
		p.row("mail to", strings.Join(proof.Emails, ", "))
		p.row("do", "answer one of them; the mail is good for about 6 days")
	case len(proof.Records) > 0:
		p.records(proof.Records)
	default:
		p.row("records", "none yet")
	}
}

// records writes a table, whose values move to lines of their own where they don't
// fit, and the same for a zone file. Neither is broken: both are there to be copied.
func (p *page) records(all []cert.Record) {
	width := len("NAME")
	for _, r := range all {
		width = max(width, columns(Clean(r.Name)))
	}
	head := strings.Repeat(" ", rowIndent)
	p.blank()
	p.put(head + pad("NAME", width) + "  TYPE   VALUE")
	for _, r := range all {
		line := head + pad(Clean(r.Name), width) + "  " + pad(r.Type, 5)
		value := Clean(target(r))
		if columns(line+"  "+value) > p.style.Width {
			p.put(line)
			line = head + "  "
		}
		p.put(line + "  " + value)
	}
	p.blank()
	for _, r := range all {
		p.put(head + zoneLine(r))
	}
}

// target is the value of a record, or that nobody documents it.
func target(r cert.Record) string {
	if r.Value == "" {
		return "(not known: see the portal)"
	}
	return r.Value
}

// zoneLine is a record as a zone file holds it. One whose value is not known is a
// comment.
func zoneLine(r cert.Record) string {
	line := zoneName(r.Name) + ". IN " + r.Type + " "
	switch {
	case r.Value == "":
		return "; " + line + "?"
	case r.Type == "CNAME":
		return line + zoneName(r.Value) + "."
	default:
		return line + zoneText(r.Value)
	}
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
func zoneText(text string) string {
	const most = 255
	var parts []string
	for from := 0; from < len(text); from += most {
		var b strings.Builder
		for _, c := range []byte(text[from:min(from+most, len(text))]) {
			switch {
			case c == '"', c == '\\':
				b.WriteString(`\` + string(rune(c)))
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, `\%03d`, c)
			default:
				b.WriteByte(c)
			}
		}
		parts = append(parts, `"`+b.String()+`"`)
	}
	return strings.Join(parts, " ")
}
