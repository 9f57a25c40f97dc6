package words

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// How much is shown of what DNS holds in place of a value.
const (
	mostValues  = 3
	mostLetters = 100 // of each
)

// LookupLines says what DNS holds of a record: first what the servers agree on, then who says
// something else, or nothing. It is empty where nobody looked.
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

// verdict is what those servers say that say something, and who they are.
func verdict(r cert.Record, l cert.Lookup) string {
	for _, s := range l.Servers {
		if s.Result == l.Result {
			text := holds(r.Type, s)
			if l.Name != r.Name {
				text += " at " + l.Name
			}
			if s.Result.Answers() {
				text += " (" + whoSays(l) + ")"
			}
			return text
		}
	}
	switch l.Result {
	case cert.Disagree:
		return "the servers disagree"
	case cert.NotAsked:
		return "not asked"
	default:
		return "not known"
	}
}

// whoSays names the server that says something, or counts those of the zone.
func whoSays(l cert.Lookup) string {
	var names []string
	for _, s := range l.Servers {
		if s.Result.Answers() {
			names = append(names, s.Server)
		}
	}
	if len(names) == 1 || l.Zone == "" {
		return strings.Join(names, ", ")
	}
	return Plural(len(names), "server", "servers") + " of " + l.Zone
}

// holds is what one server says of a record.
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
	case cert.Failed:
		return "not known"
	case cert.NotLookedUp, cert.Disagree:
	}
	panic("render: no result of one server")
}

// byWay names the aliases that were followed. That the CA does is not documented.
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
			kept += " and " + Plural(rest, "more character", "more characters")
		}
		return kept
	}), mostValues), ", ")
}

// LookupCounts counts records by what DNS says of them; "" where nobody looked.
func LookupCounts(all []cert.Record) string {
	var parts []string
	sum := 0
	for result, word := range ofRecords {
		n := 0
		for _, r := range all {
			if word != "" && r.Lookup.Result == cert.LookupResult(result) {
				n++
			}
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, word))
		sum += n
	}
	if sum == 0 {
		return ""
	}
	return "DNS was asked for " + Plural(sum, "record", "records") + ": " + JoinCounts(parts...) + "."
}

// ofRecords is what is said of a number of records.
var ofRecords = [...]string{
	cert.NotLookedUp: "",
	cert.Found:       "found",
	cert.Absent:      "absent",
	cert.OtherValue:  "of another value",
	cert.NoSuchName:  "without such a domain",
	cert.Present:     "there, which may be right",
	cert.Looped:      "in a circle of aliases",
	cert.Disagree:    "on which servers disagree",
	cert.NoAnswer:    "without an answer",
	cert.Failed:      "not known",
	cert.NotAsked:    "not asked for",
}
