package render

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// lead is what stands left of a certificate's name: a mark when the change under review
// is about it.
func (p *page) lead(s plan.Step) string {
	if p.base.Touches(s) {
		return "* "
	}
	return "  "
}

// compared counts what the change under review is about, where that is known.
func (p *page) compared(r report.Report) {
	if r.Base == nil {
		return
	}
	p.count(len(r.ThisChange().Steps), "changed *", "changed *",
		"asked for anew since "+r.Base.Revision+"; the rest was pending before", "")
	if n := len(r.Base.Gone); n > 0 {
		about := "no longer managed"
		if n := len(r.Base.Abandoned()); n > 0 {
			about += fmt.Sprintf("; nothing will renew %d of them from then on", n)
		}
		p.count(n, "gone", "gone", about, "")
	}
}

// gone names the certificates that the change under review stops to manage.
func (p *page) gone() {
	if p.base == nil || len(p.base.Gone) == 0 {
		return
	}
	p.title("NO LONGER MANAGED", "their manifests are gone; nothing is done to them")
	shown := p.base.Gone
	if len(shown) > fullSteps && !p.style.Verbose {
		shown = shown[:fullSteps]
	}
	for _, g := range shown {
		p.blank()
		p.hang("* ", nameGone(g)+" ("+g.ID.String()+")", plain)
		p.line(rowIndent, fate(g, "AUTO-RENEW OFF"))
		if do := goneDo(g); do != "" {
			p.row("do", do)
		}
	}
	if rest := len(p.base.Gone) - len(shown); rest > 0 {
		p.blank()
		p.line(margin, fmt.Sprintf("and %d more (-v)", rest))
	}
}
