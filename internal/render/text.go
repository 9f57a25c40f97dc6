package render

import (
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Plan writes the plan as text: what it is about, the counts, the sections by who
// acts next, and what to do with it.
func Plan(w io.Writer, r report.Report, s Style) error {
	p := newPage(s)
	p.base, p.proofs = r.Base, r.Control
	p.head(r)
	if len(r.Plan.Steps) > 0 {
		p.blank()
		p.counts(r.Plan)
		p.endingCount(r)
		p.compared(r)
		p.sections(r.Plan)
	}
	p.gone()
	p.overlaps(r)
	if p.style.Verbose {
		p.inStep(r.Plan)
		p.unmanaged(r.Plan)
	} else {
		p.unmanagedEnding(r.Plan)
	}
	p.zoneFile()
	p.lookups(r)
	p.endingSoon(r)
	p.ending(r)
	return p.flush(w)
}

// sections writes each certificate once, where it most urgently stands.
func (p *page) sections(all plan.Plan) {
	rows := func(f rowsFunc) func(plan.Step) { return func(s plan.Step) { p.step(s, all, f) } }
	p.section("ERRORS", "the rest is planned and applied without these", all.In(plan.Errors),
		section{rows(faultRows), endsSoon(all), cause})
	p.section("NEED YOU", "", all.NeedYou(), section{p.needsYou(all), endsSoon(all), cause})
	asks := rows(stepRows("needs you"))
	p.section("ORDERS", "each starts something at the CA", all.In(plan.Orders), section{asks, goesOut(all), sends})
	p.section("EDITS", "no order", all.In(plan.Edits), section{asks, endsSoon(all), sends})
	p.section("WAITING", "", all.In(plan.Waiting), section{asks, endsSoon(all), cause})
	p.section("PROTECTED", "shown, never made", p.guarded(all), section{asks, endsSoon(all), cause})
}

// guarded are the certificates that differ in what is protected alone: those that the
// change under review touches, and with -v all.
func (p *page) guarded(all plan.Plan) []plan.Step {
	return all.Where(func(s plan.Step) bool { return p.style.Verbose || p.base.Touches(s) }).In(plan.Guarded)
}

func (p *page) section(name, about string, in []plan.Step, c section) {
	if len(in) > 0 {
		p.title(name, about)
		p.steps(in, c)
	}
}

// needsYou writes what needs a person. A certificate with an order stands with it, and
// is only named here.
func (p *page) needsYou(all plan.Plan) func(plan.Step) {
	return func(s plan.Step) {
		if s.Section() == plan.Orders {
			p.marked(p.lead(s), title(s), "see ORDERS", plain)
			return
		}
		p.step(s, all, stepRows("because"))
	}
}

// inStep names the certificates with nothing to do, a line each, and what is to be
// noted of them.
func (p *page) inStep(all plan.Plan) {
	in := all.In(plan.InStep)
	if len(in) == 0 {
		return
	}
	p.title("IN STEP", "")
	p.blank()
	for _, s := range in {
		p.listed(p.lead(s), title(s), known(s, all.Now))
		p.remarks(s)
	}
}

// unmanaged names the live requests without a manifest, where they are known.
func (p *page) unmanaged(all plan.Plan) {
	if !all.Complete || len(all.Unmanaged) == 0 {
		return
	}
	p.title("NO MANIFEST", "live requests that cpsync leaves alone")
	p.blank()
	for _, s := range all.Unwanted() {
		p.listed(p.lead(s), title(s), known(s, all.Now))
	}
}

// unmanagedEnding names those of them that have ended or end soon: nobody else looks after
// them.
func (p *page) unmanagedEnding(all plan.Plan) {
	ending := all.UnwantedEnding()
	if len(ending) == 0 {
		return
	}
	p.title("NO MANIFEST", "live requests that have ended or end soon; cpsync leaves them alone")
	p.blank()
	for _, s := range ending[:min(len(ending), fullSteps)] {
		p.listed(p.lead(s), title(s), endOf(s, all.Now))
	}
	if rest := len(ending) - fullSteps; rest > 0 {
		p.line(margin, fmt.Sprintf("and %d more (-v)", rest))
	}
}

// listed writes a name and a few words on one line, or on two when they are long.
func (p *page) listed(lead, name, about string) {
	const column = 38
	if columns(name)+margin > column-margin || columns(about) > p.style.Width-column {
		p.hang(lead, name, plain)
		p.line(rowIndent, about)
		return
	}
	p.hang(pad(lead+Clean(name), column), about, alarm)
}
