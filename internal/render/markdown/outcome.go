package markdown

import (
	"strings"

	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// blocks are the outcomes that take more than a line: what is known, and how to find
// out the rest.
func (s sheet) blocks() part {
	held := s.Count(report.NotStarted)
	return part{title: "Look at these", rank: cutProblems, one: "operation", many: "operations",
		entries: words.Each(s.Told(), func(o report.Outcome) string {
			return fence("text", layout.BlockText(words.OutcomeBlock(o, held))) + "\n"
		})}
}

// outcomes are a table for each result.
func (s sheet) outcomes() []part {
	var parts []part
	for _, line := range words.Results {
		cut := cutOrders
		if line.Of == report.Done {
			cut = cutDone
		}
		parts = append(parts, part{title: upper(line.Word), about: remark(line.About), rank: cut,
			head: columnsOf("Certificate", "Operation", "About"), one: "operation", many: "operations",
			entries: words.Each(s.Ended(line.Of), outcomeRow)})
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
	return cells(title(o.Step)+" "+placeOf(o.Step), prose(words.Verb(o.Operation())), outcomeAbout(o))
}

// outcomeAbout says why an operation is not done, or what it brings about.
func outcomeAbout(o report.Outcome) string {
	op := o.Operation()
	switch {
	case o.Late:
		return "seen only while waiting; " + prose(words.Effect(o.Step, op))
	case o.Met():
		return words.MetAlready(o)
	case o.Result == report.Done && o.By == report.Reading:
		return "seen in a reading, the answer was lost; " + prose(words.Effect(o.Step, op))
	case o.Keeper() == report.KeptByNothing:
		return "not visible yet: wait until it shows before running again; " + prose(words.Effect(o.Step, op))
	case o.Keeper() != "":
		return "not visible yet; " + prose(words.Effect(o.Step, op))
	case o.Result == report.Done:
		return prose(words.Effect(o.Step, op))
	case o.Err != "":
		return prose(strings.TrimSuffix(o.Err, "."))
	default:
		return "the run ended before"
	}
}

// waited are a table for each way in which the following of requests ended.
func (s sheet) waited() []part {
	var parts []part
	for _, how := range report.WaitEnds() {
		cut := cutOrders
		if how == report.InService {
			cut = cutDone
		}
		parts = append(parts, part{title: "Waited: " + words.WaitWord(how), rank: cut,
			head: columnsOf("Certificate", "Now", "Do"), one: "certificate", many: "certificates",
			entries: words.Each(s.Waited(how), waitRow)})
	}
	return parts
}

func waitRow(w report.Wait) string {
	return cells(title(w.Step)+" "+placeOf(w.Step), prose(words.WaitState(w, words.ReadAt(w))), prose(w.Do.String()))
}
