package render

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
)

// rowsFunc writes the rows of a step, below its name.
type rowsFunc func(p *page, s plan.Step, all plan.Plan)

// step writes a certificate: its name and where its manifest is, then its rows.
func (p *page) step(s plan.Step, all plan.Plan, rows rowsFunc) {
	p.marked(p.lead(s), title(s), place(s.Place()), plain)
	rows(p, s, all)
}

// faultRows say why a certificate could not be planned.
func faultRows(p *page, s plan.Step, _ plan.Plan) {
	p.line(rowIndent, s.Fault.Message)
	if s.Fault.Hint != "" {
		p.row("do", s.Fault.Hint)
	}
}

// stepRows returns what writes the state of a certificate, what of it needs a person,
// what is sent and what is not. asks is the word before what needs a person.
func stepRows(asks string) rowsFunc {
	return func(p *page, s plan.Step, all plan.Plan) {
		where := state
		if p.style.Verbose {
			where = known
		}
		p.hang(strings.Repeat(" ", rowIndent), where(s, all.Now), alarm)
		s = pointing(s, p.told(s))
		said := &said{page: p}
		for _, w := range s.Asking() {
			said.row(asks, w.Text)
			said.row("do", w.Do)
		}
		for _, o := range s.Ops {
			p.operation(s, o)
		}
		said.blocked(s.Blocked)
		p.control(s)
		if p.style.Verbose {
			p.notes(s)
		}
	}
}

// operation writes what is sent, why, and what it brings about.
func (p *page) operation(s plan.Step, o plan.Operation) {
	switch o.Kind {
	case plan.Renew:
		p.row("renew", o.Reason)
	case plan.Retrigger:
		p.row("retrigger", "because "+o.Reason)
	case plan.Patch:
		for _, c := range o.Changes {
			p.change(c, "")
		}
	}
	if o.Effect.Kind != plan.MetadataOnly {
		p.row("effect", effect(s, o))
	}
}

// said writes the reasons of one certificate and leaves out a clause that an earlier
// row already holds word for word.
type said struct {
	*page
	clauses []string
}

func (p *said) row(key, text string) {
	holds := func(clause string) bool { return strings.Contains(clause, text) }
	if text == "" || slices.ContainsFunc(p.clauses, holds) {
		return
	}
	p.clauses = append(p.clauses, text)
	p.page.row(key, text)
}

// blocked writes what is wanted and not sent. Entries with the same reasons in a row
// share them.
func (p *said) blocked(all []plan.Blocked) {
	for i, b := range all {
		p.wanted(b)
		if i+1 < len(all) && sameReasons(b, all[i+1]) {
			continue
		}
		p.row("because", b.Because)
		if b.Until != "" {
			p.page.row("until", until(b))
		}
		p.row("do", b.Do)
	}
}

func sameReasons(a, b plan.Blocked) bool {
	return a.Verdict == b.Verdict && a.Because == b.Because && a.Until == b.Until &&
		a.UntilAt.Equal(b.UntilAt) && a.Do == b.Do
}

func until(b plan.Blocked) string {
	if b.UntilAt.IsZero() {
		return b.Until
	}
	return b.Until + " (" + b.UntilAt.UTC().Format(plan.Minute) + ")"
}

// remarks writes what is noted of a certificate with nothing to do.
func (p *page) remarks(s plan.Step) {
	(&said{page: p}).blocked(s.Blocked)
	p.control(s)
	p.notes(s)
}

// notes writes the warnings that ask nobody to act.
func (p *page) notes(s plan.Step) {
	for _, w := range s.Noted() {
		text := w.Text
		if w.Accepted {
			text += " (accepted)"
		}
		p.row("note", text)
		if w.Do != "" && !w.Accepted {
			p.row("", w.Do)
		}
	}
}
