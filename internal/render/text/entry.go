package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
)

// entry writes a certificate: its name and where its manifest is, its state, what needs
// a person, what is sent and what is not.
func (p *page) entry(s plan.Step) {
	p.Marked("  ", words.Labelled(words.Title(s), s.Have), words.Place(view.Place(s)), layout.Plain)
	if s.Fault != nil {
		p.Line(layout.RowIndent, s.Fault.Message)
		p.Row("action", s.Fault.Hint)
		return
	}
	state := words.State
	if p.Style.Verbose {
		state = words.StateAndSource
	}
	text := state(s, p.report.Plan.Now)
	p.Hang("    ", text, layout.Alarm)
	s = words.WithDCVAction(s, p.dcvAction(s))
	said := &reasonRows{page: p, clauses: []string{text}}
	for _, w := range s.Asking() {
		said.row("reason", w.Text)
		said.row("action", p.do(w.Do))
	}
	for _, o := range s.Ops {
		p.operation(s, o)
	}
	said.withheld(s.Withheld)
	p.dcv(s)
	p.notes(s)
}

// do is what a person does, with commands as they can be pasted.
func (p *page) do(a plan.Action) string { return words.Do(a, p.report.Flags, p.report.Paths) }

// operation writes what is sent, why, and what it causes.
func (p *page) operation(s plan.Step, o plan.Operation) {
	effect := words.Effect(s, o)
	if p.report.Base.Touches(s) && p.report.Base.Before[o.Digest(p.report.Plan.API, s.Want.ID)] {
		effect += "; pending before this change"
	}
	if o.Kind != plan.Patch {
		p.Row("! "+o.Kind.String(), o.Reason+"; "+effect)
		return
	}
	mark := words.ChangeMark(o.Edit())
	for i, c := range o.Changes {
		about := ""
		if last := i == len(o.Changes)-1; last && effect != "metadata only" {
			about = "; " + effect
		}
		p.change(c, mark, about, "")
	}
}

// change writes one change and what is said about it; verdict says that it is not sent.
func (p *page) change(c diff.Change, mark, about, verdict string) {
	head := layout.RowHead(mark + " " + c.Edit.String())
	switch {
	case c.Edit == cert.EditDomains:
		p.domains(head, c, about, verdict)
	case words.IsLong(c.From, c.To) && !words.LookAlike(c.From, c.To):
		length := words.FoldedBy
		if p.Style.Verbose {
			length = words.Whole
		}
		p.Marked(head, words.TextDiff(c.From, c.To, length)+about, verdict, layout.Alarm)
	default:
		from, to := words.FromTo(c)
		p.Marked(head, from+" -> "+to+about, verdict, layout.Alarm)
	}
}

// fewNames is how many added names are listed before the rest is only counted.
const fewNames = 10

// domains writes a change of domains: a single one on the line with the count, several each on
// a line of its own. A removal is never folded.
func (p *page) domains(head string, c diff.Change, about, verdict string) {
	count := fmt.Sprintf("%d -> %d", len(c.Before), len(c.After()))
	lines, inks := p.domainLines(c)
	if len(lines) == 1 {
		if line := lines[0] + " (" + count + ")"; layout.Columns(head+line) <= p.Style.Width {
			p.Marked(head, line+about, verdict, inks[0])
			return
		}
	}
	p.Marked(head, count+about, verdict, layout.Alarm)
	for i, line := range lines {
		p.Hang(layout.RowHead(""), line, inks[i])
	}
}

func (p *page) domainLines(c diff.Change) (lines []string, inks []layout.Ink) {
	add := func(line string, ink layout.Ink) { lines, inks = append(lines, line), append(inks, ink) }
	for _, name := range c.Remove {
		add("REMOVES "+cert.DisplayName(name), layout.Alarm)
	}
	shown := c.Add
	if len(shown) > fewNames && !p.Style.Verbose {
		shown = shown[:fewNames-1]
	}
	for _, name := range shown {
		add("+ "+cert.DisplayName(name), layout.Plain)
	}
	if rest := len(c.Add) - len(shown); rest > 0 {
		add(fmt.Sprintf("+ %d more (-v)", rest), layout.Plain)
	}
	if c.CommonFrom != c.CommonTo {
		add(words.CommonName(c), layout.Plain)
	}
	return lines, inks
}

// reasonRows writes the reasons of one certificate. It leaves out a clause that an earlier
// row holds word for word.
type reasonRows struct {
	*page
	clauses []string
}

func (p *reasonRows) row(key, text string) { p.Row(key, p.left(text)) }

// left is what of a text was not said yet.
func (p *reasonRows) left(text string) string {
	var clauses []string
	for clause := range strings.SplitSeq(text, "; ") {
		holds := func(earlier string) bool { return strings.Contains(earlier, clause) }
		if !slices.ContainsFunc(p.clauses, holds) {
			clauses, p.clauses = append(clauses, clause), append(p.clauses, clause)
		}
	}
	return strings.Join(clauses, "; ")
}

// withheld writes what is wanted and not sent. Entries with the same reasons in a row share
// them. The state of a certificate says why the phase defers a change.
func (p *reasonRows) withheld(all []plan.Withheld) {
	for i, b := range all {
		p.wanted(b)
		if i+1 < len(all) && words.SameReasons(b, all[i+1]) {
			continue
		}
		if !b.SaidByState() || p.Style.Verbose {
			p.row("reason", b.Because)
		}
		if b.Until != "" {
			p.Row("until", words.Until(b))
		}
		p.row("action", p.do(b.Do))
	}
}

// wanted writes a change that is not sent, as it would be.
func (p *reasonRows) wanted(b plan.Withheld) {
	verdict := words.VerdictMark(b.Verdict)
	if p.deferred && b.Verdict == plan.Deferred {
		verdict = ""
	}
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		p.Marked(layout.RowHead("! "+b.Edit.String()), "asked for by policy", verdict, layout.Plain)
	case b.Edit >= cert.NumEdits:
		is, not := words.FromTo(b.Change)
		p.Marked(layout.RowHead("expect"), b.Edit.String()+" is "+is+", not "+not, verdict, layout.Plain)
	case b.Verdict == plan.ExtraDomain:
		for i, name := range b.Change.Remove {
			p.Marked(layout.RowHead([]string{"domains", ""}[min(i, 1)]), cert.DisplayName(name), verdict, layout.Plain)
			verdict = ""
		}
	default:
		p.change(b.Change, words.ChangeMark(b.Edit), "", verdict)
	}
}

// notes writes the warnings that ask nobody to act: with -v all, else what a certificate of
// the change under review has in common with others.
func (p *page) notes(s plan.Step) {
	for _, w := range s.Noted() {
		if !p.allNotes && !(w.Overlap() && p.report.Reviewed[s.Want.ID]) {
			continue
		}
		text := w.Text
		if w.Accepted {
			text += " (accepted)"
		}
		p.Row("note", text)
		if !w.Accepted {
			p.Row("", p.do(w.Do))
		}
	}
}
