package text

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
)

// rowsFunc writes the rows of a step, below its name.
type rowsFunc func(p *page, s plan.Step, all plan.Plan)

// step writes a certificate: its name and where its manifest is, then its rows.
func (p *page) step(s plan.Step, all plan.Plan, rows rowsFunc) {
	p.Marked(p.lead(s), words.Title(s), words.Place(view.Place(s)), layout.Plain)
	rows(p, s, all)
}

// faultRows say why a certificate could not be planned.
func faultRows(p *page, s plan.Step, _ plan.Plan) {
	p.Line(layout.RowIndent, s.Fault.Message)
	if s.Fault.Hint != "" {
		p.Row("action", s.Fault.Hint)
	}
}

// stepRows returns what writes the state of a certificate, what of it needs a person,
// what is sent and what is not. asks is the word before what needs a person.
func stepRows(asks string) rowsFunc {
	return func(p *page, s plan.Step, all plan.Plan) {
		where := words.State
		if p.Style.Verbose {
			where = words.StateAndSource
		}
		p.Hang(strings.Repeat(" ", layout.RowIndent), where(s, all.Now), layout.Alarm)
		s = words.WithDCVAction(s, p.dcvAction(s))
		said := &reasonRows{page: p}
		for _, w := range s.Asking() {
			said.row(asks, w.Text)
			said.row("action", w.Do.String())
		}
		for _, o := range s.Ops {
			p.operation(s, o)
		}
		said.blocked(s.Withheld)
		p.dcv(s)
		if p.Style.Verbose {
			p.notes(s)
		}
	}
}

// operation writes what is sent, why, and what it brings about.
func (p *page) operation(s plan.Step, o plan.Operation) {
	switch o.Kind {
	case plan.Renew:
		p.Row("renew", o.Reason)
	case plan.Retrigger:
		p.Row("retrigger", o.Reason)
	case plan.Patch:
		for _, c := range o.Changes {
			p.change(c, "")
		}
	}
	if o.Effect.Kind != plan.MetadataOnly {
		p.Row("effect", words.Effect(s, o))
	}
}

// reasonRows writes the reasons of one certificate. It leaves out a clause that an earlier
// row holds word for word.
type reasonRows struct {
	*page
	clauses []string
}

func (p *reasonRows) row(key, text string) {
	holds := func(clause string) bool { return strings.Contains(clause, text) }
	if text == "" || slices.ContainsFunc(p.clauses, holds) {
		return
	}
	p.clauses = append(p.clauses, text)
	p.page.Row(key, text)
}

// blocked writes what is wanted and not sent. Entries with the same reasons in a row
// share them.
func (p *reasonRows) blocked(all []plan.Withheld) {
	for i, b := range all {
		p.wanted(b)
		if i+1 < len(all) && words.SameReasons(b, all[i+1]) {
			continue
		}
		p.row("reason", b.Because)
		if b.Until != "" {
			p.page.Row("until", words.Until(b))
		}
		p.row("action", b.Do.String())
	}
}

// remarks writes what is noted of a certificate with nothing to do.
func (p *page) remarks(s plan.Step) {
	(&reasonRows{page: p}).blocked(s.Withheld)
	p.dcv(s)
	p.notes(s)
}

// notes writes the warnings that ask nobody to act.
func (p *page) notes(s plan.Step) {
	for _, w := range s.Noted() {
		text := w.Text
		if w.Accepted {
			text += " (accepted)"
		}
		p.Row("note", text)
		if !w.Do.None() && !w.Accepted {
			p.Row("", w.Do.String())
		}
	}
}
