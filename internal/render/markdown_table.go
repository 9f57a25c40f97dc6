package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
)

// table is how the certificates of one section are shown.
type table struct {
	title       string
	of          func(plan.Plan) []plan.Step
	what, about string // the heads of the last two columns
	rows        func(plan.Step) []row
}

// row is one line about a certificate: what is, and why.
type row struct{ what, about string }

func in(section plan.Section) func(plan.Plan) []plan.Step {
	return func(p plan.Plan) []plan.Step { return p.In(section) }
}

// The tables, by who acts next.
var (
	errorsTable  = table{"errors", in(plan.Errors), "Error", "Do", faultRow}
	needYouTable = table{"need you", plan.Plan.NeedYou, "What", "Why, and what to do", needYouRows}
	ordersTable  = table{"orders", in(plan.Orders), "Change", "Effect", tableRows}
	editsTable   = table{"edits", in(plan.Edits), "Change", "Effect", tableRows}
	waitingTable = table{"waiting", in(plan.Waiting), "Not yet", "Why, and until when", tableRows}
	guardedTable = table{"protected", in(plan.Guarded), "Not made", "Why", tableRows}

	// After an apply: the operations stand with what became of them.
	leftToYou    = table{"need you", plan.Plan.NeedYou, "What", "Why, and what to do", leftRows}
	leftForLater = table{"waiting", plan.Plan.Later, "Not yet", "Why, and until when", leftRows}
)

// table returns the steps of a plan that belong into a table, an entry each.
func (s sheet) table(p plan.Plan, t table, prefix string, cut rank) part {
	steps := t.of(p)
	entries := make([]string, len(steps))
	for i, step := range steps {
		entries[i] = s.entry(step, t.rows(step))
	}
	return part{
		title: upper(prefix+t.title) + " (" + plural(len(steps), "certificate", "certificates") + ")",
		head:  columnsOf("Certificate", "Now", t.what, t.about), entries: entries,
		one: "certificate", many: "certificates", rank: cut,
	}
}

// entry is all rows of one certificate. Only the first names it.
func (s sheet) entry(step plan.Step, rows []row) string {
	var b strings.Builder
	name, now := called(step)+" "+placed(step), s.standing(step)
	for _, r := range rows {
		b.WriteString(cells(name, now, r.what, r.about))
		name, now = "", ""
	}
	return b.String()
}

// standing is the state of a certificate, in bold when it ends soon.
func (s sheet) standing(step plan.Step) string {
	switch {
	case step.Fault != nil:
		return "could not be planned"
	case step.Alarms():
		return "**" + prose(state(step, s.Plan.Now)) + "**"
	default:
		return prose(state(step, s.Plan.Now))
	}
}

// called is what people know a certificate by, and its id.
func called(s plan.Step) string {
	name := s.Want.Name
	if s.Fault == nil {
		name = nameOf(s.Have, s.Want.Name)
	}
	return code(name) + " (" + plainly(s.Want.ID.String()) + ")"
}

// placed is where its manifest says what the step is about.
func placed(s plan.Step) string {
	if s.Place().File == "" {
		return ""
	}
	return code(place(s.Place()))
}

// columnsOf is the head of a table.
func columnsOf(names ...string) string {
	return cells(names...) + "|" + strings.Repeat(" --- |", len(names)) + "\n"
}

func upper(title string) string { return strings.ToUpper(title[:1]) + title[1:] }
