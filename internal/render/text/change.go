package text

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
)

// fewNames is how many added names are listed before the rest is only counted.
const fewNames = 10

// wanted writes a change that is not made, as it would be.
func (p *reasonRows) wanted(b plan.Withheld) {
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		p.Marked(layout.RowHead(b.Edit.String()), "asked for by policy", words.VerdictMark(b.Verdict), layout.Plain)
	case b.Edit >= cert.NumEdits:
		is, not := words.FromTo(b.Change)
		text := b.Edit.String() + " is " + is + ", not " + not
		p.Marked(layout.RowHead("expect"), text, words.VerdictMark(b.Verdict), layout.Plain)
	case b.Verdict == plan.ExtraDomain:
		p.extra(b.Change.Remove, words.VerdictMark(b.Verdict))
	default:
		p.change(b.Change, words.VerdictMark(b.Verdict))
	}
}

// change writes one change; mark says that it is not made.
func (p *page) change(c diff.Change, mark string) {
	switch {
	case c.Edit == cert.EditDomains:
		p.domains(c, mark)
	case words.IsLong(c.From, c.To) && !words.LookAlike(c.From, c.To):
		p.Marked(layout.RowHead("edit"), c.Edit.String()+": "+words.TextDiff(c.From, c.To, p.Style.Verbose), mark, layout.Plain)
	default:
		from, to := words.FromTo(c)
		p.Marked(layout.RowHead("edit"), c.Edit.String()+" "+from+" -> "+to, mark, layout.Plain)
	}
}

// names is a list of names being written under each other.
type names struct {
	*page
	head string // of the line to come
}

func (n *names) add(text, mark string, ink layout.Ink) {
	n.Marked(n.head, text, mark, ink)
	n.head = layout.RowHead("")
}

// domains writes a change of names: a single name on the line with the count, several
// each on a line of its own. Names that are taken off are never folded.
func (p *page) domains(c diff.Change, mark string) {
	n := names{p, layout.RowHead("domains")}
	count := fmt.Sprintf("%d -> %s", len(c.Before), words.Plural(len(c.After()), "domain", "domains"))
	one, ink := single(c)
	if line := one + " (" + count + ")"; one != "" && layout.Columns(n.head+line) <= p.Style.Width {
		n.add(line, mark, ink)
		return
	}
	n.add(count, mark, layout.Plain)
	for _, name := range c.Remove {
		n.add("- "+cert.DisplayName(name), "", layout.Red)
	}
	n.added(c.Add)
	if c.CommonFrom != c.CommonTo {
		n.add(words.CommonName(c), "", layout.Plain)
	}
}

func (n *names) added(all []string) {
	shown := all
	if len(all) > fewNames && !n.Style.Verbose {
		shown = all[:fewNames-1]
	}
	for _, name := range shown {
		n.add("+ "+cert.DisplayName(name), "", layout.Green)
	}
	if rest := len(all) - len(shown); rest > 0 {
		n.add(fmt.Sprintf("+ %d more (-v)", rest), "", layout.Green)
	}
}

// single is the change when it is about one name, else "".
func single(c diff.Change) (string, layout.Ink) {
	moved := c.CommonFrom != c.CommonTo
	switch {
	case len(c.Add) == 1 && len(c.Remove) == 0 && !moved:
		return "+ " + cert.DisplayName(c.Add[0]), layout.Green
	case len(c.Remove) == 1 && len(c.Add) == 0 && !moved:
		return "- " + cert.DisplayName(c.Remove[0]), layout.Red
	case len(c.Add)+len(c.Remove) == 0:
		return words.CommonName(c), layout.Plain
	default:
		return "", layout.Plain
	}
}

// extra writes names that are live and that nobody told it to take off.
func (p *page) extra(all []string, mark string) {
	n := names{p, layout.RowHead("domains")}
	for _, name := range all {
		n.add(cert.DisplayName(name), mark, layout.Plain)
		mark = ""
	}
}
