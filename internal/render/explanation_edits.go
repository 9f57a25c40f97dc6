package render

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// asksFor writes what the manifest asks for: what an apply sends, and what waits.
func (p *page) asksFor(e report.Explanation) {
	s := e.Step
	if !e.Managed || s.Fault != nil {
		return
	}
	p.title("MANIFEST", "what it asks for")
	if len(s.Ops)+len(s.Blocked) == 0 {
		p.line(rowIndent, "nothing: it is in step")
	}
	for _, o := range s.Ops {
		p.operation(s, o)
	}
	(&said{page: p}).blocked(s.Blocked)
	p.notes(s)
}

// outlooks writes which edits go out now, and what the others wait for.
func (p *page) outlooks(all []plan.Outlook) {
	if len(all) == 0 {
		return
	}
	p.title("EDITS", "what becomes of one that a manifest asks for now")
	var open []string
	for _, o := range all {
		if o.Open {
			open = append(open, o.Edit.String())
		}
	}
	if len(open) == 0 {
		open = []string{"none"}
	}
	p.row("sent", strings.Join(open, ", "))
	for _, same := range shut(all) {
		p.shut(same)
	}
}

// shut parts the edits that are not open by their reasons, in the order of the first
// of each.
func shut(all []plan.Outlook) [][]plan.Outlook {
	var groups [][]plan.Outlook
	for _, o := range all {
		same := func(g []plan.Outlook) bool { return sameReasons(g[0].Why, o.Why) }
		switch i := slices.IndexFunc(groups, same); {
		case o.Open:
		case i < 0:
			groups = append(groups, []plan.Outlook{o})
		default:
			groups[i] = append(groups[i], o)
		}
	}
	return groups
}

// shut writes edits that share their reasons.
func (p *page) shut(same []plan.Outlook) {
	var edits []string
	for _, o := range same {
		edits = append(edits, o.Edit.String())
	}
	why := same[0].Why
	p.row(brief(why.Verdict), strings.Join(edits, ", "))
	p.row("", "because "+why.Because)
	if why.Until != "" {
		p.row("", "until "+until(why))
	}
}

// brief is mark in a word that fits before a row.
func brief(v plan.Verdict) string {
	switch v {
	case plan.Held:
		return "waits"
	case plan.Undocumented:
		return "unknown"
	default:
		return "shut"
	}
}
