package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/report"
)

// told are the outcomes that take more than a line: what is known, and how to find
// out the rest.
func (s sheet) told() part {
	held := s.Count(report.NotStarted)
	return part{title: "Look at these", rank: cutProblems, one: "operation", many: "operations",
		entries: each(s.Told(), func(o report.Outcome) string {
			p := newPage(Style{})
			p.outcome(o, held)
			return fence("text", p.b.String()) + "\n"
		})}
}

// outcomes are a table for each result.
func (s sheet) outcomes() []part {
	var parts []part
	for _, line := range results {
		cut := cutOrders
		if line.of == report.Done {
			cut = cutDone
		}
		parts = append(parts, part{title: upper(line.word), about: remark(line.about), rank: cut,
			head: columnsOf("Certificate", "Operation", "About"), one: "operation", many: "operations",
			entries: each(s.Ended(line.of), outcomeRow)})
	}
	return parts
}

// remark is what is to be said of all operations with a result; "" when nothing is.
func remark(about string) string {
	if about == "" {
		return ""
	}
	return upper(strings.TrimSuffix(about, "; see below")) + "."
}

func outcomeRow(o report.Outcome) string {
	return cells(called(o.Step)+" "+placed(o.Step), prose(call(o.Operation())), outcomeAbout(o))
}

// outcomeAbout says why an operation is not done, or what it brings about.
func outcomeAbout(o report.Outcome) string {
	op := o.Operation()
	switch {
	case o.Late:
		return "seen only while waiting; " + prose(effect(o.Step, op))
	case o.Met():
		return metAlready(o)
	case o.Result == report.Done && o.By == report.Reading:
		return "seen in a reading, the answer was lost; " + prose(effect(o.Step, op))
	case o.Keeper() == report.KeptByNothing:
		return "not visible yet: wait until it shows before running again; " + prose(effect(o.Step, op))
	case o.Keeper() != "":
		return "not visible yet; " + prose(effect(o.Step, op))
	case o.Result == report.Done:
		return prose(effect(o.Step, op))
	case o.Err != "":
		return prose(strings.TrimSuffix(o.Err, "."))
	default:
		return "the run ended before"
	}
}
