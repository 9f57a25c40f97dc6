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

// entry writes a certificate: name and place, state, what needs a person, what is sent and what is not.
func (p *page) entry(s plan.Step) {
	p.Blank()
	p.Marked("  ", words.Labelled(words.Title(s), s.Have), words.Place(view.Place(s)), layout.Plain)
	if s.Fault != nil {
		p.Line(layout.RowIndent, s.Fault.Message)
		p.Row("action", s.Fault.Hint)
		return
	}
	state := words.State(s, p.report.Plan.Now)
	if p.Style.Verbose {
		state = words.StateAndSource(s, p.report.Plan.Now)
	}
	p.Hang("    ", state, layout.Alarm)
	do := p.do(plan.DCVAction(s.Have))
	if c := p.report.DCV[s.Want.ID]; p.showsDCV(s) { // so nobody is sent elsewhere
		do = words.DCVOf(c).Do(words.Below)
	}
	s = words.WithDCVAction(s, do)
	p.said = []string{state}
	for _, w := range s.Asking() {
		p.unsaidRow("reason", w.Text)
		p.unsaidRow("action", p.do(w.Do))
	}
	for _, o := range s.Ops {
		p.operation(s, o)
	}
	p.withheld(s.Withheld)
	p.dcv(s)
	p.notes(s)
}

// do is what a person does, with commands as they can be pasted.
func (p *page) do(a plan.Action) string { return words.Do(a, p.report.Flags, p.report.Paths) }

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

// domains writes a change of domains: a single one on the line with the count, several each on
// a line of its own. A removal is never folded.
func (p *page) domains(head string, c diff.Change, about, verdict string) {
	lines := words.Each(c.Remove, func(name string) string { return "REMOVES " + cert.DisplayName(name) })
	shown := c.Add
	if len(shown) > fewNames && !p.Style.Verbose {
		shown = shown[:fewNames-1]
	}
	for _, name := range shown {
		lines = append(lines, "+ "+cert.DisplayName(name))
	}
	if rest := len(c.Add) - len(shown); rest > 0 {
		lines = append(lines, fmt.Sprintf("+ %d more (-v)", rest))
	}
	if c.CommonFrom != c.CommonTo {
		lines = append(lines, words.CommonName(c))
	}
	count := fmt.Sprintf("%d -> %d", len(c.Before), len(c.After()))
	if len(lines) == 1 && layout.Columns(head+lines[0]+" ("+count+")") <= p.Style.Width {
		p.Marked(head, lines[0]+" ("+count+")"+about, verdict, layout.Alarm)
		return
	}
	p.Marked(head, count+about, verdict, layout.Alarm)
	for _, line := range lines {
		p.Hang(layout.RowHead(""), line, layout.Alarm)
	}
}

// unsaidRow writes a row without what earlier ones of the certificate hold.
func (p *page) unsaidRow(key, text string) { p.Row(key, p.unsaid(text)) }

// unsaid leaves out of a text the clauses that earlier ones hold word for word.
func (p *page) unsaid(text string) string {
	var clauses []string
	for clause := range strings.SplitSeq(text, "; ") {
		holds := func(earlier string) bool { return strings.Contains(earlier, clause) }
		if !slices.ContainsFunc(p.said, holds) {
			clauses, p.said = append(clauses, clause), append(p.said, clause)
		}
	}
	return strings.Join(clauses, "; ")
}

// withheld writes what is wanted and not sent. Entries with the same reasons in a row share
// them. The state of a certificate says why the phase defers a change.
func (p *page) withheld(all []plan.Withheld) {
	for i, b := range all {
		p.wanted(b)
		if i+1 < len(all) && words.SameReasons(b, all[i+1]) {
			continue
		}
		if !b.SaidByState() || p.Style.Verbose {
			p.unsaidRow("reason", b.Because)
		}
		p.Row("until", words.Until(b))
		p.unsaidRow("action", p.do(b.Do))
	}
}

// wanted writes a change that is not sent, as it would be.
func (p *page) wanted(b plan.Withheld) {
	verdict := words.Verdicts[b.Verdict]
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

// group writes certificates with one cause and one action: both once, then a line for each
// certificate. A single one, and those that show DNS records, are entries.
func (p *page) group(g view.Group) {
	var rest []plan.Step
	for _, s := range g.Steps {
		if len(g.Steps) > 1 && !p.showsDCV(s) {
			rest = append(rest, s)
			continue
		}
		p.entry(s)
	}
	switch g.Steps = rest; len(rest) {
	case 0:
	case 1:
		p.entry(rest[0])
	default:
		p.members(g)
	}
}

// members writes what several certificates have in common, and then each of them.
func (p *page) members(g view.Group) {
	p.Blank()
	wanted := slices.Compact(words.Each(g.Steps, func(s plan.Step) string { return strings.Join(words.Each(s.Withheld, words.Wanted), "; ") }))
	same := len(wanted) == 1 && wanted[0] != ""
	title := words.GroupTitle(g, p.report.Plan.Now)
	if same {
		title += ": " + wanted[0]
	}
	p.Hang("  ", title, layout.Alarm)
	if b := g.Steps[0].Withheld; !p.deferred || len(b) == 0 || !b[0].SaidByState() {
		p.said = []string{title}
		p.unsaidRow("reason", g.Reason)
	}
	p.Row("until", g.Until)
	action := words.GroupAction(p.report, g, "in the first column")
	p.Row("action", action)
	clauses := []string{g.Reason, action, words.UntilClause(plan.Withheld{Until: g.Until})}
	width, left := 0, 0
	if words.DatesDiffer(g) {
		for _, s := range g.Steps {
			width = max(width, len(words.Deadline(s))+layout.Margin)
		}
	}
	for i, s := range g.Steps {
		if i >= mostMembers && !p.Style.Verbose && !s.Alarms() {
			left++
			continue
		}
		date := ""
		if width > 0 {
			date = words.Deadline(s)
		}
		p.said = slices.Clone(clauses)
		p.member(s, !same, layout.Pad("    "+date, layout.RowIndent+width))
	}
	p.andMore(layout.RowIndent, left)
}

// member writes a certificate of a group, and under it what the group does not say, perhaps its changes.
func (p *page) member(s plan.Step, changes bool, head string) {
	text := words.Title(s)
	switch end, now := s.Have.Expires, p.report.Plan.Now; {
	case s.Fault != nil || !s.Have.Issued():
	case s.Have.Expired(now):
		text += "  " + words.Expired(end, now)
	case strings.TrimSpace(head) != "": // a deadline, which stands for the date
		text += "  " + plan.Span(end, now)
	default:
		text += "  " + plan.Until(end, now)
	}
	p.Marked(head, text, words.Place(view.Place(s)), layout.Alarm)
	const indent = "      "
	say := func(parts ...string) {
		if text := p.unsaid(words.JoinClauses(parts...)); text != "" {
			p.Sentence(indent, text)
		}
	}
	if s.Fault != nil {
		say(s.Fault.Message)
		return
	}
	for i, w := range s.Asking() {
		if i == 0 {
			say(w.Text)
		} else {
			say(w.Text, words.ActionClause(p.do(w.Do)))
		}
	}
	for _, b := range s.Withheld {
		verdict, change, reason := "", "", ""
		if !p.deferred || b.Verdict != plan.Deferred {
			verdict = words.Verdicts[b.Verdict]
		}
		if changes {
			change = words.Wanted(b)
		}
		if !b.SaidByState() {
			reason = b.Because
		}
		say(change, verdict, reason, words.UntilClause(b))
	}
	if c, asked := p.report.DCV[s.Want.ID]; asked {
		p.Hang(indent, words.DCVLine(c), layout.Plain)
	}
	p.notes(s)
}
