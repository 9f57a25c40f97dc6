package render

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// fewNames is how many added names are listed before the rest is only counted.
const fewNames = 10

// wanted writes a change that is not made, as it would be.
func (p *said) wanted(b plan.Blocked) {
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		p.marked(rowHead(b.Edit.String()), "asked for by policy", mark(b.Verdict), plain)
	case b.Edit >= cert.NumEdits:
		is, not := fromTo(b.Change)
		text := b.Edit.String() + " is " + is + ", not " + not
		p.marked(rowHead("expect"), text, mark(b.Verdict), plain)
	case b.Verdict == plan.ExtraName:
		p.extra(b.Change.Remove, mark(b.Verdict))
	default:
		p.change(b.Change, mark(b.Verdict))
	}
}

// change writes one change; mark says that it is not made.
func (p *page) change(c diff.Change, mark string) {
	switch {
	case c.Edit == cert.EditDomains:
		p.domains(c, mark)
	case isLong(c.From, c.To) && !alike(c.From, c.To):
		p.marked(rowHead("edit"), c.Edit.String()+": "+p.within(c.From, c.To), mark, plain)
	default:
		from, to := fromTo(c)
		p.marked(rowHead("edit"), c.Edit.String()+" "+from+" -> "+to, mark, plain)
	}
}

// value writes a single value: free text in quotes, the API's own words without.
func value(e cert.Edit, v string) string {
	switch {
	case e == cert.EditAutoRenew, e == cert.EditDCVMethod && v != "":
		return v
	default:
		return quote(v)
	}
}

// names is a list of names being written under each other.
type names struct {
	*page
	head string // of the line to come
}

func (n *names) add(text, mark string, ink ink) {
	n.marked(n.head, text, mark, ink)
	n.head = rowHead("")
}

// domains writes a change of names: a single name on the line with the count, several
// each on a line of its own. Names that are taken off are never folded.
func (p *page) domains(c diff.Change, mark string) {
	n := names{p, rowHead("domains")}
	count := fmt.Sprintf("%d -> %s", len(c.Before), plural(len(c.After()), "name", "names"))
	one, ink := single(c)
	if line := one + " (" + count + ")"; one != "" && columns(n.head+line) <= p.style.Width {
		n.add(line, mark, ink)
		return
	}
	n.add(count, mark, plain)
	for _, name := range c.Remove {
		n.add("- "+cert.DisplayName(name), "", red)
	}
	n.added(c.Add)
	if c.CommonFrom != c.CommonTo {
		n.add(common(c), "", plain)
	}
}

func (n *names) added(all []string) {
	shown := all
	if len(all) > fewNames && !n.style.Verbose {
		shown = all[:fewNames-1]
	}
	for _, name := range shown {
		n.add("+ "+cert.DisplayName(name), "", green)
	}
	if rest := len(all) - len(shown); rest > 0 {
		n.add(fmt.Sprintf("+ %d more (-v)", rest), "", green)
	}
}

// single is the change when it is about one name, else "".
func single(c diff.Change) (string, ink) {
	moved := c.CommonFrom != c.CommonTo
	switch {
	case len(c.Add) == 1 && len(c.Remove) == 0 && !moved:
		return "+ " + cert.DisplayName(c.Add[0]), green
	case len(c.Remove) == 1 && len(c.Add) == 0 && !moved:
		return "- " + cert.DisplayName(c.Remove[0]), red
	case len(c.Add)+len(c.Remove) == 0:
		return common(c), plain
	default:
		return "", plain
	}
}

func common(c diff.Change) string {
	return "common name " + commonFrom(c) + " -> " + cert.DisplayName(c.CommonTo)
}

// commonFrom is the live common name, or says that the request does not mark just one.
func commonFrom(c diff.Change) string {
	if c.CommonFrom == "" {
		return "(no single one)"
	}
	return cert.DisplayName(c.CommonFrom)
}

// extra writes names that are live and that nobody told it to take off.
func (p *page) extra(all []string, mark string) {
	n := names{p, rowHead("domains")}
	for _, name := range all {
		n.add(cert.DisplayName(name), mark, plain)
		mark = ""
	}
}
