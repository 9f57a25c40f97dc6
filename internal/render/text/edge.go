package text

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// served writes what the API says and what is served under each other.
func (p *page) served(e report.Explanation) {
	v, looked := e.Edges[e.Step.Want.ID]
	if !looked {
		return
	}
	p.Title("SERVED", "what the API says, and what is served")
	for _, r := range words.EdgeRows(e.Step, v) {
		p.Row(r.Key, r.Text)
	}
	if !v.Do.None() && !slices.Contains(e.Next.Do, v.Do) {
		p.Row("action", words.EdgeAction(v))
	}
}

// unserved counts what was seen at the edge, and names what somebody has to act on.
func (p *page) unserved() {
	r := p.report
	if len(r.Edges) == 0 {
		return
	}
	p.Title("SERVED", words.EdgeCounts(r.Edges, r.Plan.Steps))
	all := words.Unserved(r.Edges, r.Plan.SoonestFirst())
	cause := func(s plan.Step) string { return words.EdgeCell(r.Edges, s) }
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(s plan.Step) bool { return cause(s) != cause(all[0]) })
		if n < 0 {
			n = len(all)
		}
		p.sameServed(cause(all[0]), all[:n])
		all = all[n:]
	}
}

// sameServed writes certificates of which the same was seen; what is the same to do is said once.
func (p *page) sameServed(cause string, all []plan.Step) {
	action := func(s plan.Step) string { return words.EdgeAction(p.report.Edges[s.Want.ID]) }
	first := action(all[0])
	once := len(all) > 1 && !slices.ContainsFunc(all, func(s plan.Step) bool { return action(s) != first })
	p.Blank()
	if len(all) > 1 {
		p.Hang("  ", words.Plural(len(all), "certificate", "certificates")+": "+cause, layout.Alarm)
	}
	if once {
		p.Row("action", first)
	}
	indent := strings.Repeat(" ", layout.Margin*words.B2i(len(all) > 1))
	for _, s := range all {
		p.Marked("  "+indent, words.Title(s), words.Place(s.Want.Place("metadata.id")), layout.Plain)
		p.Sentence(layout.RowHead(indent+"seen"), words.EdgeSeen(p.report.Edges[s.Want.ID]))
		if !once {
			p.Sentence(layout.RowHead(indent+"action"), action(s))
		}
	}
}
