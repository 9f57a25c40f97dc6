// Package text writes reports, explanations, imports and validations as text for a
// terminal or the log of a job.
package text

import (
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// expiringCount counts what ends within the time that fails the run.
func (p *page) expiringCount(r report.Report) {
	if n := len(r.Expiring()); n > 0 {
		p.count(n, "expires", "expire", "within "+words.Duration(r.ExpiringWithin), "")
	}
}

// expiringSoon names them, a line each: each stands with what is to be said of it elsewhere.
func (p *page) expiringSoon(r report.Report) {
	steps := r.Expiring()
	if len(steps) == 0 {
		return
	}
	p.Title("EXPIRING", "within "+words.Duration(r.ExpiringWithin)+" (--fail-on-expiring)")
	p.Blank()
	for _, s := range steps {
		p.listed(p.lead(s), words.Title(s), words.Expiry(s, r.Plan.Now))
	}
}

// Report writes the plan, or after an apply the summary: the plan of an apply is
// printed before its first write and not again.
func Report(w io.Writer, r report.Report, s layout.Style) error {
	if r.Apply {
		return Summary(w, r, s)
	}
	return Plan(w, r, s)
}

// page is a plan, an explanation or an import being laid out.
type page struct {
	*layout.Page
	base         *report.Base // nil: nothing is marked as this change
	dcvs         report.DCVs
	numValidated int     // certificates whose proofs are on the page
	zone         []zoned // records that are on the page
}

func newPage(s layout.Style) *page { return &page{Page: layout.NewPage(s)} }

// Plan writes the plan as text: what it is about, the counts, the sections by who
// acts next, and what to do with it.
func Plan(w io.Writer, r report.Report, s layout.Style) error {
	p := newPage(s)
	p.base, p.dcvs = r.Base, r.DCV
	p.head(r)
	if len(r.Plan.Steps) > 0 {
		p.Blank()
		p.counts(r.Plan)
		p.expiringCount(r)
		p.baseCounts(r)
		p.sections(r.Plan)
	}
	p.leftUnmanaged()
	p.overlaps(r)
	if p.Style.Verbose {
		p.upToDate(r.Plan)
		p.unmanaged(r.Plan)
	} else {
		p.unmanagedExpiring(r.Plan)
	}
	p.zoneFile()
	p.lookups(r)
	p.expiringSoon(r)
	p.ending(r)
	return p.Flush(w)
}

// sections writes each certificate once, where it most urgently stands.
func (p *page) sections(all plan.Plan) {
	rows := func(f rowsFunc) func(plan.Step) { return func(s plan.Step) { p.step(s, all, f) } }
	p.section("ERRORS", "the rest is planned and applied without these", view.In(all, view.Errors),
		section{rows(faultRows), expiresSoon(all), cause})
	p.section("ACTION REQUIRED", "", view.NeedAction(all), section{p.needsAction(all), expiresSoon(all), cause})
	asks := rows(stepRows("reason"))
	p.section("ORDERS", "each starts something at the CA", view.In(all, view.Orders), section{asks, goesOut(all), sends})
	p.section("EDITS", "no order", view.In(all, view.Edits), section{asks, expiresSoon(all), sends})
	p.section("DEFERRED", "", view.In(all, view.Deferred), section{asks, expiresSoon(all), cause})
	p.section("PROTECTED", "never sent", p.protected(all), section{asks, expiresSoon(all), cause})
}

// protected are the certificates that differ in what is protected alone: those that the
// change under review touches, and with -v all.
func (p *page) protected(all plan.Plan) []plan.Step {
	return view.In(all.Where(func(s plan.Step) bool { return p.Style.Verbose || p.base.Touches(s) }), view.Protected)
}

func (p *page) section(name, about string, in []plan.Step, c section) {
	if len(in) > 0 {
		p.Title(name, about)
		p.steps(in, c)
	}
}

// needsAction writes what needs a person. A certificate with an order stands with it, and
// is only named here.
func (p *page) needsAction(all plan.Plan) func(plan.Step) {
	return func(s plan.Step) {
		if view.SectionOf(s) == view.Orders {
			p.Marked(p.lead(s), words.Title(s), "see ORDERS", layout.Plain)
			return
		}
		p.step(s, all, stepRows("reason"))
	}
}

// upToDate names the certificates with nothing to do, a line each, and what is to be
// noted of them.
func (p *page) upToDate(all plan.Plan) {
	in := view.In(all, view.UpToDate)
	if len(in) == 0 {
		return
	}
	p.Title("UP TO DATE", "")
	p.Blank()
	for _, s := range in {
		p.listed(p.lead(s), words.Title(s), words.StateAndSource(s, all.Now))
		p.remarks(s)
	}
}

// unmanaged names the live requests without a manifest, where they are known.
func (p *page) unmanaged(all plan.Plan) {
	if !all.Complete || len(all.Unmanaged) == 0 {
		return
	}
	p.Title("UNMANAGED", "requests without a manifest")
	p.Blank()
	for _, s := range view.Unmanaged(all) {
		p.listed(p.lead(s), words.Title(s), words.StateAndSource(s, all.Now))
	}
}

// unmanagedExpiring names those of them that have ended or end soon: nobody else looks after
// them.
func (p *page) unmanagedExpiring(all plan.Plan) {
	ending := view.UnmanagedExpiring(all)
	if len(ending) == 0 {
		return
	}
	p.Title("UNMANAGED", "requests without a manifest that have expired or expire soon")
	p.Blank()
	for _, s := range ending[:min(len(ending), fullSteps)] {
		p.listed(p.lead(s), words.Title(s), words.Expiry(s, all.Now))
	}
	p.andMore(layout.Margin, len(ending)-fullSteps)
}

// listed writes a name and a few words on one line, or on two when they are long.
func (p *page) listed(lead, name, about string) {
	const column = 38
	if layout.Columns(name)+layout.Margin > column-layout.Margin || layout.Columns(about) > p.Style.Width-column {
		p.Hang(lead, name, layout.Plain)
		p.Line(layout.RowIndent, about)
		return
	}
	p.Hang(layout.Pad(lead+words.Clean(name), column), about, layout.Alarm)
}

// lead returns what stands left of a certificate's name: a star where the change under
// review touches it.
func (p *page) lead(s plan.Step) string {
	if p.base.Touches(s) {
		return "* "
	}
	return "  "
}

// baseCounts counts what the change under review is about, where that is known.
func (p *page) baseCounts(r report.Report) {
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

// leftUnmanaged names the certificates that the change under review stops to manage.
func (p *page) leftUnmanaged() {
	if p.base == nil || len(p.base.Gone) == 0 {
		return
	}
	p.Title("NO LONGER MANAGED", "their manifests are gone; nothing is done to them")
	shown := p.base.Gone
	if len(shown) > fullSteps && !p.Style.Verbose {
		shown = shown[:fullSteps]
	}
	for _, g := range shown {
		p.Blank()
		p.Hang("* ", words.GoneName(g)+" ("+g.ID.String()+")", layout.Plain)
		p.Line(layout.RowIndent, words.GoneState(g, "AUTO-RENEW OFF"))
		if do := words.GoneDo(g); do != "" {
			p.Row("action", do)
		}
	}
	if rest := len(p.base.Gone) - len(shown); rest > 0 {
		p.Blank()
		p.Line(layout.Margin, fmt.Sprintf("and %d more (-v)", rest))
	}
}

// overlaps names what the manifests that the change under review touches have in common
// with others. With -v every certificate has its notes.
func (p *page) overlaps(r report.Report) {
	if p.Style.Verbose {
		return
	}
	first := true
	for _, s := range r.Plan.Steps {
		if !r.Reviewed[s.Want.ID] || len(s.Overlaps()) == 0 {
			continue
		}
		if first {
			p.Title("OVERLAPS", "what this change touches, with other manifests")
		}
		first = false
		p.Blank()
		p.Marked(p.lead(s), words.Title(s), words.Place(view.Place(s)), layout.Plain)
		for _, w := range s.Overlaps() {
			p.Row("note", w.Text)
			p.Row("", w.Do.String())
		}
	}
}
