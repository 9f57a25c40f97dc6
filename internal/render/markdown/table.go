package markdown

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostGone is how many removed manifests the table names; a fold names the rest.
const mostGone = 4

// How many domains a cell holds. Those that are removed are worth more room: that is the one
// change that can't be undone without a new validation.
const (
	mostAdded   = 10
	mostRemoved = 50
)

var changeHead = columnsOf("Certificate", "Change", "Effect")

// columnsOf is the head of a table.
func columnsOf(names ...string) string {
	return cells(names...) + "|" + strings.Repeat(" --- |", len(names)) + "\n"
}

// row is one line about a certificate: what changes, and what that causes.
type row struct{ change, effect string }

// changes is the table of what is under review: of everything, where that is not known. A
// certificate that only needs action stands there when the change touches it.
func (s sheet) changes() part {
	p := part{head: changeHead, rank: cutChanges, entry: "certificate"}
	p.entries = entriesOf(view.MostUrgentFirst(s.ThisChange()), func(step plan.Step) string {
		if !s.inTable(step) {
			return ""
		}
		return entry(step, s.rows(step))
	})
	gone := words.Each(s.gone(), s.goneRow)
	if rest := len(gone) - mostGone; rest > 0 {
		gone = append(gone[:mostGone], cells("", fmt.Sprintf("%d more **manifests removed**", rest), "see More removed manifests"))
	}
	p.entries = append(p.entries, gone...)
	return p
}

// inTable reports whether a certificate is a row of the table of changes.
func (s sheet) inTable(step plan.Step) bool {
	return s.Base.Touches(step) || s.Base == nil && len(step.Ops)+len(step.Withheld) > 0
}

// entry is all rows of one certificate. Only the first names it.
func entry(step plan.Step, rows []row) string {
	var b strings.Builder
	name := strings.TrimSpace(title(step) + " " + placeOf(step))
	for _, r := range rows {
		b.WriteString(cells(name, r.change, r.effect))
		name = ""
	}
	return b.String()
}

// rows are what of a certificate needs a person, what is sent and what is not.
func (s sheet) rows(step plan.Step) []row {
	if f := step.Fault; f != nil {
		return []row{{"**error**: not planned", withAction(f.Message, f.Hint)}}
	}
	var rows []row
	for _, w := range step.Asking() {
		rows = append(rows, row{"**action required**: " + s.state(step), reasonOf(w)})
	}
	rows = append(rows, s.operationRows(step)...)
	for i, b := range step.Withheld {
		about := withheld(b)
		if i+1 < len(step.Withheld) && words.SameReasons(b, step.Withheld[i+1]) {
			about = verdict(b) + ", as below"
		}
		rows = append(rows, row{wanted(b), about})
	}
	return rows
}

// operationRows are what each operation changes, and what that causes.
func (s sheet) operationRows(step plan.Step) []row {
	return words.Each(step.Ops, func(o plan.Operation) row {
		effect := Prose(words.Effect(step, o))
		if o.Body.AutoRenew.IsSet() && words.LeavesUnrenewed(step) {
			effect = "**" + effect + "**"
		}
		if s.Base.Touches(step) && s.Base.Before[o.Digest(s.Plan.API, step.Want.ID)] {
			effect += "; *pending before this change*"
		}
		changes := strings.Join(words.Each(o.Changes, changed), "; ")
		switch { // a ! marks what creates a CA order
		case o.Kind != plan.Patch:
			return row{"! **" + o.Kind.String() + "**: " + Prose(strings.TrimPrefix(o.Reason, "because ")), effect}
		case o.Order():
			return row{"! " + changes, effect}
		default:
			return row{"~ " + changes, effect}
		}
	})
}

// changed is one change in a cell. A long text is shown in full under the table.
func changed(c diff.Change) string {
	if c.Edit == cert.EditDomains {
		var parts []string
		if len(c.Remove) > 0 {
			parts = append(parts, "**removes** "+list(c.Remove, mostRemoved))
		}
		if len(c.Add) > 0 {
			parts = append(parts, "adds "+list(c.Add, mostAdded))
		}
		if c.CommonFrom != c.CommonTo {
			parts = append(parts, "common name "+Code(words.CommonNameFrom(c))+" → "+Code(cert.DisplayName(c.CommonTo)))
		}
		return fmt.Sprintf("%s (%d → %d)", strings.Join(parts, "; "), len(c.Before), len(c.After()))
	}
	field := span(c.Edit.String())
	if words.IsLong(c.From, c.To) && !words.LookAlike(c.From, c.To) {
		if within := words.TextDiff(c.From, c.To, words.Folded); utf8.RuneCountInString(within) <= mostCell {
			return field + ": " + codeOf(within, mostCell)
		}
	}
	from, to := words.FromTo(c)
	return field + " " + codeOf(from, mostCell/2) + " → " + codeOf(to, mostCell/2)
}

// list writes domains, and how many there are beyond the most it may write.
func list(names []string, most int) string {
	return strings.Join(words.Few(words.Each(names, func(n string) string { return Code(cert.DisplayName(n)) }), most), ", ")
}

// wanted is a change that is wanted and not sent.
func wanted(b plan.Withheld) string {
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		return "! **" + b.Edit.String() + "**"
	case b.Edit >= cert.NumEdits:
		is, expected := words.FromTo(b.Change)
		return span(b.Edit.String()) + " is " + codeOf(is, mostCell) + ", expected " + codeOf(expected, mostCell)
	case b.Verdict == plan.ExtraDomain:
		return "domains " + list(b.Change.Remove, mostRemoved)
	default:
		return words.ChangeMark(b.Edit) + " " + changed(b.Change)
	}
}

// withheld says why a change is not sent, what ends that, and what a person does.
func withheld(b plan.Withheld) string {
	if words.Until(b) == "" {
		return verdict(b) + ": " + untilWhy(b)
	}
	return verdict(b) + " " + untilWhy(b)
}

func verdict(b plan.Withheld) string { return "*" + words.Verdicts[b.Verdict] + "*" }

func untilWhy(b plan.Withheld) string {
	text := withAction(b.Because, b.Do.String())
	if until := words.Until(b); until != "" {
		text = "until " + proseOf(until, mostReason) + "; " + text
	}
	return text
}

// reasonOf says what is the matter, and what to do.
func reasonOf(w plan.Warning) string { return withAction(w.Text, w.Do.String()) }

// withAction is a reason, and what a person does about it.
func withAction(reason, action string) string {
	return proseOf(reason, mostReason) + actionClause(action, mostReason)
}

// actionClause is what a person does, after a text; "" where nobody has to act.
func actionClause(action string, most int) string {
	if action == "" {
		return ""
	}
	return "; **action:** " + proseOf(action, most)
}

// gone are the removed manifests, those first that leave a certificate without a renewal.
func (s sheet) gone() []report.Gone {
	if s.Base == nil {
		return nil
	}
	return append(s.Base.Abandoned(), slices.DeleteFunc(slices.Clone(s.Base.Gone), report.Gone.Abandoned)...)
}

func (s sheet) goneRow(g report.Gone) string {
	name := codeOf(words.GoneName(g), mostName) + " (" + word(g.ID.String()) + ")"
	if g.MovedTo != "" {
		return cells(name, "manifest moved", "to "+codeOf(g.MovedTo, mostName)+", which this run does not read")
	}
	return cells(name, "**manifest removed**", words.GoneState(g, "**auto-renew off**", s.Plan.Now)+actionClause(words.GoneDo(g), mostProse))
}

// state is the state of a certificate, in bold when it expires.
func (s sheet) state(step plan.Step) string {
	switch {
	case step.Fault != nil:
		return "not planned"
	case step.Alarms():
		return "**" + Prose(words.State(step, s.Plan.Now)) + "**"
	default:
		return Prose(words.State(step, s.Plan.Now))
	}
}

// title is what people know a certificate by, and its id.
func title(s plan.Step) string {
	name := s.Want.Name
	if s.Fault == nil {
		name = words.Name(s.Have, s.Want.Name)
	}
	text := codeOf(name, mostName) + " (" + word(s.Want.ID.String()) + ")"
	if label := words.Label(s.Have); label != "" {
		text += ", label " + codeOf(label, mostName)
	}
	return text
}

// placeOf is where its manifest says what the step is about.
func placeOf(s plan.Step) string {
	at := view.Place(s)
	if at.File == "" {
		return ""
	}
	return codeOf(words.Place(at), mostName)
}
