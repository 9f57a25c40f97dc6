package markdown

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostGone is how many removed manifests the table names; a fold names the rest.
const mostGone = 4

// row is one line about a certificate: what changes, and what that causes.
type row struct{ change, effect string }

// changes is the table of what is under review: of everything, where that is not known. A
// certificate that only needs action stands there when the change touches it.
func (s sheet) changes() part {
	p := part{head: columnsOf("Certificate", "Change", "Effect"), rank: cutChanges, one: "certificate", many: "certificates"}
	for _, step := range view.MostUrgentFirst(s.ThisChange()) {
		if rows := s.rows(step); s.inTable(step) && len(rows) > 0 {
			p.entries = append(p.entries, entry(step, rows))
		}
	}
	gone := words.Each(s.gone(), goneRow)
	if len(gone) > mostGone {
		rest := fmt.Sprintf("%d more **manifests removed**", len(gone)-mostGone)
		gone = append(gone[:mostGone:mostGone], cells("", rest, "see More removed manifests"))
	}
	p.entries = append(p.entries, gone...)
	return p
}

// inTable reports whether a certificate is a row of the table of changes.
func (s sheet) inTable(step plan.Step) bool {
	return s.Base.Touches(step) || s.Base == nil && len(step.Ops)+len(step.Withheld) > 0
}

// alsoApplied are the operations of certificates that the change under review leaves alone.
func (s sheet) alsoApplied() part {
	p := part{head: columnsOf("Certificate", "Change", "Effect"), folded: true, rank: cutPending, one: "certificate", many: "certificates"}
	for _, step := range s.Pending().ToApply() {
		p.entries = append(p.entries, entry(step, s.operationRows(step)))
	}
	p.title = "Also applied by this merge (" + words.Plural(len(p.entries), "certificate", "certificates") + ")"
	return p
}

// rows are what of a certificate needs a person, what is sent and what is not.
func (s sheet) rows(step plan.Step) []row {
	if f := step.Fault; f != nil {
		return []row{{"**error**: not planned", reasonAction(f.Message, f.Hint)}}
	}
	var rows []row
	for _, w := range step.Asking() {
		rows = append(rows, row{"**action required**: " + s.state(step), reasonsOf(w)})
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
		if o.Kind != plan.Patch {
			return row{"! **" + o.Kind.String() + "**: " + Prose(strings.TrimPrefix(o.Reason, "because ")), effect}
		}
		return row{mark(o) + strings.Join(words.Each(o.Changes, changed), "; "), effect}
	})
}

// mark tells what creates a CA order from what does not.
func mark(o plan.Operation) string {
	if o.Order() {
		return "! "
	}
	return "~ "
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
	case b.Edit == cert.EditDomains:
		return "! " + changed(b.Change)
	default:
		return "~ " + changed(b.Change)
	}
}

// withheld says why a change is not sent, what ends that, and what a person does.
func withheld(b plan.Withheld) string {
	if words.UntilOf(b) == "" {
		return verdict(b) + ": " + untilWhy(b)
	}
	return verdict(b) + " " + untilWhy(b)
}

func verdict(b plan.Withheld) string { return "*" + words.VerdictMark(b.Verdict) + "*" }

func untilWhy(b plan.Withheld) string {
	text := reasonAction(b.Because, b.Do.String())
	if until := words.UntilOf(b); until != "" {
		text = "until " + proseOf(until, mostReason) + "; " + text
	}
	return text
}

// reasonsOf says what is the matter, and what to do.
func reasonsOf(w plan.Warning) string { return reasonAction(w.Text, w.Do.String()) }

// reasonAction is a reason, and what a person does about it.
func reasonAction(reason, action string) string {
	text := proseOf(reason, mostReason)
	if action != "" {
		text += "; **action:** " + proseOf(action, mostReason)
	}
	return text
}

// gone are the removed manifests, those first that leave a certificate without a renewal.
func (s sheet) gone() []report.Gone {
	if s.Base == nil {
		return nil
	}
	all := s.Base.Abandoned()
	for _, g := range s.Base.Gone {
		if !g.Unrenewed() || g.Accepted {
			all = append(all, g)
		}
	}
	return all
}

func goneRow(g report.Gone) string {
	name := codeOf(words.GoneName(g), mostName) + " (" + word(g.ID.String()) + ")"
	if g.MovedTo != "" {
		return cells(name, "manifest moved", "to "+codeOf(g.MovedTo, mostName)+", which this run does not read")
	}
	return cells(name, "**manifest removed**",
		withAction(words.GoneState(g, "**auto-renew off**"), words.GoneDo(g)))
}

// withAction is a text of Markdown, and what a person does.
func withAction(text, action string) string {
	if action == "" {
		return text
	}
	return text + "; **action:** " + Prose(action)
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
	if view.Place(s).File == "" {
		return ""
	}
	return codeOf(words.Place(view.Place(s)), mostName)
}

// columnsOf is the head of a table.
func columnsOf(names ...string) string {
	return cells(names...) + "|" + strings.Repeat(" --- |", len(names)) + "\n"
}
