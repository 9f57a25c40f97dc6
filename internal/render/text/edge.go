package text

import (
	"slices"

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
		p.Row(r.Where, r.Text)
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
	for _, s := range words.Unserved(r.Edges, r.Plan.SoonestFirst()) {
		v := r.Edges[s.Want.ID]
		p.Blank()
		p.Marked("  ", words.Title(s), words.Place(s.Want.Place("metadata.id")), layout.Plain)
		p.Row("seen", words.EdgeSeen(v))
		p.Row("action", words.EdgeAction(v))
	}
}
