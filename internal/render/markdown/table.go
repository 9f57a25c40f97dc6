package markdown

import (
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

func faultRow(s plan.Step) []row { return []row{{prose(s.Fault.Message), prose(s.Fault.Hint)}} }

// needYouRows are tableRows, but for a certificate that stands among the orders.
func needYouRows(s plan.Step) []row {
	if view.SectionOf(s) == view.Orders {
		return []row{{"see orders", ""}}
	}
	return tableRows(s)
}

// tableRows are what of a certificate needs a person, what is sent and what is not.
func tableRows(s plan.Step) []row {
	rows := askingRows(s)
	for _, o := range s.Ops {
		rows = append(rows, operationRows(s, o)...)
	}
	return append(rows, blockedRows(s)...)
}

// leftRows are tableRows without what is sent.
func leftRows(s plan.Step) []row { return append(askingRows(s), blockedRows(s)...) }

func askingRows(s plan.Step) []row {
	return words.Each(s.Asking(), func(w plan.Warning) row { return row{"**needs you**", reasonsOf(w)} })
}

func blockedRows(s plan.Step) []row {
	rows := make([]row, len(s.Withheld))
	for i, b := range s.Withheld {
		rows[i] = row{wanted(b), because(b)}
		if i+1 < len(s.Withheld) && words.SameReasons(b, s.Withheld[i+1]) {
			rows[i].about = "as below"
		}
	}
	return rows
}

// operationRows are what an operation changes, and what that brings about.
func operationRows(s plan.Step, o plan.Operation) []row {
	about := prose(words.Effect(s, o))
	if o.Kind != plan.Patch {
		return []row{{"**" + o.Kind.String() + "** because " + prose(strings.TrimPrefix(o.Reason, "because ")), about}}
	}
	var rows []row
	for _, c := range o.Changes {
		rows = append(rows, row{changed(c), about})
	}
	return rows
}

// wanted is a change that is wanted and not made, and the word for it.
func wanted(b plan.Withheld) string {
	not := ", *" + words.VerdictMark(b.Verdict) + "*"
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		return "**" + b.Edit.String() + "** asked for by policy" + not
	case b.Edit >= cert.NumEdits:
		is, expected := words.FromTo(b.Change)
		return span(b.Edit.String()) + " is " + code(is) + ", expected " + code(expected) + not
	case b.Verdict == plan.ExtraDomain:
		return "names " + list(b.Change.Remove, mostRemoved) + not
	default:
		return changed(b.Change) + not
	}
}

// because says why a change is not made, what ends that, and what a person does.
func because(b plan.Withheld) string {
	var parts []string
	for _, p := range []struct{ word, text string }{{"", b.Because}, {"**until** ", words.UntilOf(b)}, {"**do:** ", b.Do.String()}} {
		if p.text != "" {
			parts = append(parts, p.word+prose(p.text))
		}
	}
	return strings.Join(parts, "; ")
}

// reasonsOf says what is the matter, and what to do.
func reasonsOf(w plan.Warning) string {
	if w.Do.None() {
		return prose(w.Text)
	}
	return prose(w.Text) + "; **do:** " + prose(w.Do.String())
}

// table is how the certificates of one section are shown.
type table struct {
	title       string
	of          func(plan.Plan) []plan.Step
	what, about string // the heads of the last two columns
	rows        func(plan.Step) []row
}

// row is one line about a certificate: what is, and why.
type row struct{ what, about string }

func inSection(section view.Section) func(plan.Plan) []plan.Step {
	return func(p plan.Plan) []plan.Step { return view.In(p, section) }
}

// The tables, by who acts next.
var (
	errorsTable  = table{"errors", inSection(view.Errors), "Error", "Do", faultRow}
	needYouTable = table{"need you", view.NeedYou, "What", "Why, and what to do", needYouRows}
	ordersTable  = table{"orders", inSection(view.Orders), "Change", "Effect", tableRows}
	editsTable   = table{"edits", inSection(view.Edits), "Change", "Effect", tableRows}
	waitingTable = table{"waiting", inSection(view.Waiting), "Not yet", "Why, and until when", tableRows}
	guardedTable = table{"protected", inSection(view.Guarded), "Not made", "Why", tableRows}

	// After an apply: the operations stand with what became of them.
	leftToYou    = table{"need you", view.NeedYou, "What", "Why, and what to do", leftRows}
	leftForLater = table{"waiting", view.Later, "Not yet", "Why, and until when", leftRows}
)

// table returns the steps of a plan that belong into a table, an entry each.
func (s sheet) table(p plan.Plan, t table, prefix string, cut rank) part {
	steps := t.of(p)
	entries := make([]string, len(steps))
	for i, step := range steps {
		entries[i] = s.entry(step, t.rows(step))
	}
	return part{
		title: upper(prefix+t.title) + " (" + words.Plural(len(steps), "certificate", "certificates") + ")",
		head:  columnsOf("Certificate", "Now", t.what, t.about), entries: entries,
		one: "certificate", many: "certificates", rank: cut,
	}
}

// entry is all rows of one certificate. Only the first names it.
func (s sheet) entry(step plan.Step, rows []row) string {
	var b strings.Builder
	name, now := title(step)+" "+placeOf(step), s.state(step)
	for _, r := range rows {
		b.WriteString(cells(name, now, r.what, r.about))
		name, now = "", ""
	}
	return b.String()
}

// state is the state of a certificate, in bold when it ends soon.
func (s sheet) state(step plan.Step) string {
	switch {
	case step.Fault != nil:
		return "could not be planned"
	case step.Alarms():
		return "**" + prose(words.State(step, s.Plan.Now)) + "**"
	default:
		return prose(words.State(step, s.Plan.Now))
	}
}

// title is what people know a certificate by, and its id.
func title(s plan.Step) string {
	name := s.Want.Name
	if s.Fault == nil {
		name = words.Name(s.Have, s.Want.Name)
	}
	return code(name) + " (" + word(s.Want.ID.String()) + ")"
}

// placeOf is where its manifest says what the step is about.
func placeOf(s plan.Step) string {
	if view.Place(s).File == "" {
		return ""
	}
	return code(words.Place(view.Place(s)))
}

// columnsOf is the head of a table.
func columnsOf(names ...string) string {
	return cells(names...) + "|" + strings.Repeat(" --- |", len(names)) + "\n"
}

func upper(title string) string { return strings.ToUpper(title[:1]) + title[1:] }
