package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

func faultRow(s plan.Step) []row { return []row{{prose(s.Fault.Message), prose(s.Fault.Hint)}} }

// needYouRows are tableRows, but for a certificate that stands among the orders.
func needYouRows(s plan.Step) []row {
	if s.Section() == plan.Orders {
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
	return each(s.Asking(), func(w plan.Warning) row { return row{"**needs you**", reasonsOf(w)} })
}

func blockedRows(s plan.Step) []row {
	rows := make([]row, len(s.Blocked))
	for i, b := range s.Blocked {
		rows[i] = row{asked(b), because(b)}
		if i+1 < len(s.Blocked) && sameReasons(b, s.Blocked[i+1]) {
			rows[i].about = "as below"
		}
	}
	return rows
}

// operationRows are what an operation changes, and what that brings about.
func operationRows(s plan.Step, o plan.Operation) []row {
	about := prose(effect(s, o))
	if o.Kind != plan.Patch {
		return []row{{"**" + o.Kind.String() + "** because " + prose(strings.TrimPrefix(o.Reason, "because ")), about}}
	}
	var rows []row
	for _, c := range o.Changes {
		rows = append(rows, row{changed(c), about})
	}
	return rows
}

// asked is a change that is wanted and not made, and the word for it.
func asked(b plan.Blocked) string {
	not := ", *" + mark(b.Verdict) + "*"
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		return "**" + b.Edit.String() + "** asked for by policy" + not
	case b.Edit >= cert.NumEdits:
		is, expected := fromTo(b.Change)
		return span(b.Edit.String()) + " is " + code(is) + ", expected " + code(expected) + not
	case b.Verdict == plan.ExtraName:
		return "names " + list(b.Change.Remove, mostRemoved) + not
	default:
		return changed(b.Change) + not
	}
}

// because says why a change is not made, what ends that, and what a person does.
func because(b plan.Blocked) string {
	var parts []string
	for _, p := range []struct{ word, text string }{{"", b.Because}, {"**until** ", untilOf(b)}, {"**do:** ", b.Do}} {
		if p.text != "" {
			parts = append(parts, p.word+prose(p.text))
		}
	}
	return strings.Join(parts, "; ")
}

// untilOf is "" where nothing but a person ends it.
func untilOf(b plan.Blocked) string {
	if b.Until == "" {
		return ""
	}
	return until(b)
}

// reasonsOf says what is the matter, and what to do.
func reasonsOf(w plan.Warning) string {
	if w.Do == "" {
		return prose(w.Text)
	}
	return prose(w.Text) + "; **do:** " + prose(w.Do)
}
