package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// Target is the value of a record, or that it is undocumented.
func Target(r cert.Record) string { return cmp.Or(r.Value, "(unknown: see the portal)") }

// How much is shown of what DNS holds in place of a value.
const (
	mostValues  = 3
	mostLetters = 100 // of each
)

// LookupLines says what DNS holds of a record: first what servers agree on. It is nil where nobody looked.
func LookupLines(r cert.Record) []string {
	l := r.Lookup
	if l.Result == cert.NotLookedUp {
		return nil
	}
	lines := []string{verdict(r, l)}
	for _, s := range l.Servers {
		switch {
		case !s.Result.Answers():
			lines = append(lines, s.Server+": "+s.Err)
		case l.Result == cert.Disagree:
			lines = append(lines, s.Server+": "+holds(r.Type, s))
		}
	}
	if l.Why != "" {
		lines = append(lines, l.Why)
	}
	return lines
}

// verdict sums up the servers that answered, and names or counts them.
func verdict(r cert.Record, l cert.Lookup) string {
	var who []string
	for _, s := range l.Servers {
		if s.Result.Answers() {
			who = append(who, s.Server)
		}
	}
	by := strings.Join(who, ", ")
	if len(who) != 1 && l.Zone != "" {
		by = Plural(len(who), "server") + " of " + l.Zone
	}
	first := slices.IndexFunc(l.Servers, func(s cert.ServerAnswer) bool { return s.Result == l.Result })
	if first < 0 {
		words := map[cert.LookupResult]string{cert.Disagree: "the servers disagree", cert.NotAsked: "not asked"}
		return cmp.Or(words[l.Result], "not known")
	}
	text := holds(r.Type, l.Servers[first])
	if l.Name != r.Name {
		text += " at " + l.Name
	}
	if l.Result.Answers() {
		text += " (" + by + ")"
	}
	return text
}

func holds(kind string, s cert.ServerAnswer) string {
	switch s.Result {
	case cert.Found:
		return "found" + byWay(s.Via)
	case cert.Absent:
		return "absent: the domain exists without a " + kind + " record" + byWay(s.Via)
	case cert.OtherValue:
		return "other value: " + values(kind, s.Values) + byWay(s.Via)
	case cert.NoSuchName:
		return "the domain does not exist" + byWay(s.Via)
	case cert.Present:
		return "there, as " + values(kind, s.Values) + "; whether that is right is not known"
	case cert.Looped:
		return "aliases lead in a circle, or too far: " + strings.Join(s.Via, ", ")
	case cert.NoAnswer:
		return "no answer"
	case cert.NotAsked:
		return "not asked"
	default:
		return "not known"
	}
}

// byWay names the aliases that were followed. Whether the CA follows them is undocumented.
func byWay(via []string) string {
	if len(via) == 0 {
		return ""
	}
	return ", by way of " + strings.Join(via, ", ") + " (undocumented: whether the CA follows)"
}

func values(kind string, all []string) string {
	return strings.Join(Few(Each(all, func(v string) string {
		kept, rest := Shorten(v, mostLetters)
		if kind == "TXT" {
			kept = Quote(kept)
		}
		if rest > 0 {
			kept += " and " + Plural(rest, "more character")
		}
		return kept
	}), mostValues), ", ")
}

// LookupCounts counts records by what DNS says of them; "" where nobody looked.
func LookupCounts(all []cert.Record) string {
	var n [len(ofRecords)]int
	for _, r := range all {
		n[r.Lookup.Result]++
	}
	asked := len(all) - n[cert.NotLookedUp]
	if asked == 0 {
		return ""
	}
	var parts []string
	for result := cert.Found; int(result) < len(n); result++ {
		parts = append(parts, number(n[result], ofRecords[result]))
	}
	return "DNS was asked for " + Plural(asked, "record") + ": " + JoinCounts(parts...) + "."
}

// ofRecords are the results as they stand after a number of records.
var ofRecords = [...]string{
	cert.Found: "found", cert.Absent: "absent", cert.OtherValue: "of another value", cert.NoSuchName: "without such a domain",
	cert.Present: "there, which may be right", cert.Looped: "in a circle of aliases", cert.Disagree: "on which servers disagree",
	cert.NoAnswer: "without an answer", cert.Failed: "not known", cert.NotAsked: "not asked for",
}

// ZoneLine is a record as a zone file holds it: one line, whatever the API put into the record, and
// never more than one record. What can't be a record, and one whose value is not known, is a comment.
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
	var parts []string
	for part := range slices.Chunk([]byte(text), 255) {
		var b strings.Builder
		for _, c := range part {
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
