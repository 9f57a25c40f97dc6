package text

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
)

// mostMembers is how many certificates of a group are named. Those that expire are always.
const mostMembers = 50

// group writes certificates with one cause and one action: both once, then a line for each
// certificate. A single one, and those that show DNS records, are entries.
func (p *page) group(g view.Group) {
	var rest []plan.Step
	for _, s := range g.Steps {
		if len(g.Steps) > 1 && !p.hasRecords(s) {
			rest = append(rest, s)
			continue
		}
		p.Blank()
		p.entry(s)
	}
	switch g.Steps = rest; len(rest) {
	case 0:
		return
	case 1:
		p.Blank()
		p.entry(rest[0])
		return
	}
	p.Blank()
	wanted := words.AllWant(g)
	title := words.GroupTitle(g, p.report.Plan.Now) + wanted
	p.Hang("  ", title, layout.Alarm)
	if b := g.Steps[0].Withheld; !p.deferred || len(b) == 0 || !b[0].SaidByState() {
		(&reasonRows{page: p, clauses: []string{title}}).row("reason", g.Reason)
	}
	p.Row("until", g.Until)
	action := words.GroupAction(p.report, g, "in the first column")
	p.Row("action", action)
	clauses := []string{g.Reason, action, words.UntilClause(plan.Withheld{Until: g.Until})}
	dates := words.Each(g.Steps, words.Deadline)
	width := 0
	if words.DatesDiffer(g) {
		for _, date := range dates {
			width = max(width, len(date)+layout.Margin)
		}
	}
	left := 0
	for i, s := range g.Steps {
		if i >= mostMembers && !p.Style.Verbose && !s.Alarms() {
			left++
			continue
		}
		p.member(clauses, s, wanted == "", layout.Pad("    "+dates[i][:min(width, len(dates[i]))], layout.RowIndent+width))
	}
	p.andMore(layout.RowIndent, left)
}

// hasRecords reports whether a certificate is written with its DNS records or e-mails: the
// first few are.
func (p *page) hasRecords(s plan.Step) bool {
	c, asked := p.report.DCV.Of(s)
	return asked && c.Err == "" && !p.countsOnly()
}

// member writes a certificate of a group, and under it what the clauses of the group do not
// say of it: changes tells whether its changes are among that.
func (p *page) member(clauses []string, s plan.Step, changes bool, head string) {
	text := words.Title(s)
	if s.Fault == nil && s.Have.Issued() {
		text += "  " + words.Left(s, p.report.Plan.Now, strings.TrimSpace(head) == "")
	}
	p.Marked(head, text, words.Place(view.Place(s)), layout.Alarm)
	const indent = "      "
	said := &reasonRows{page: p, clauses: slices.Clone(clauses)}
	say := func(parts ...string) {
		if text := said.left(words.JoinClauses(parts...)); text != "" {
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
			verdict = words.VerdictMark(b.Verdict)
		}
		if changes {
			change = words.Wanted(b)
		}
		if !b.SaidByState() {
			reason = b.Because
		}
		say(change, verdict, reason, words.UntilClause(b))
	}
	if c, asked := p.report.DCV.Of(s); asked {
		p.Hang(indent, words.DCVLine(c), layout.Plain)
	}
	p.notes(s)
}
