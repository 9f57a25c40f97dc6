package words

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// GoneName is what people know a certificate by whose manifest is gone.
func GoneName(g report.Gone) string {
	if g.Label == "" {
		return g.Name
	}
	return g.Label
}

// GoneState says what happens to a certificate whose manifest is gone. off is how the
// format writes that auto-renew is off.
func GoneState(g report.Gone, off string) string {
	switch {
	case !g.Known:
		return "stays as it is; not read"
	case g.Expires.IsZero():
		return "stays as it is; never issued"
	case g.AutoRenew:
		return "stays live, auto_renew is on, expires " + g.Expires.UTC().Format(plan.Date)
	default:
		return "stays live, " + off + ": " + GoneExpiry(g)
	}
}

// GoneExpiry says that nothing renews a certificate whose manifest is gone.
func GoneExpiry(g report.Gone) string {
	return "nothing will renew it from then on; it expires " + g.Expires.UTC().Format(plan.Date)
}

// GoneAction is what to do before such a manifest is deleted.
const GoneAction = "switch auto_renew on first, or keep a manifest with metadata.id and policy alone"

// GoneDo is what to do about a certificate whose manifest is gone; "" when there is nothing.
func GoneDo(g report.Gone) string {
	if !g.Abandoned() {
		return ""
	}
	return GoneAction
}

// Problem returns one line: place, what is wrong, the hint and the rule. The place comes
// first so that editors and problem matchers find it.
func Problem(p report.Problem) string {
	line := Clean(p.Message)
	switch at := p.At; {
	case at.File != "" && at.Line > 0:
		line = fmt.Sprintf("%s:%d:%d: %s", Clean(at.File), at.Line, at.Column, line)
	case at.File != "":
		line = Clean(at.File) + ": " + line
	}
	if p.Hint != "" {
		line += " (" + Aside(Clean(p.Hint)) + ")"
	}
	if len(p.Rule) > 0 {
		line += " [" + p.Rule + "]"
	}
	return line
}

// Aside is a sentence as it stands in brackets or after a colon: without a capital, unless
// the first word has more of them, and without the full stop.
func Aside(s string) string {
	if r := []rune(s); len(r) > 1 && unicode.IsUpper(r[0]) && (unicode.IsLower(r[1]) || r[1] == ' ') {
		s = string(unicode.ToLower(r[0])) + string(r[1:])
	}
	return strings.TrimSuffix(s, ".")
}
