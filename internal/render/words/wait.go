package words

import (
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// waitWords are the ends of a wait.
var waitWords = [...]string{
	report.Interrupted: "interrupted", report.Active: "active", report.Served: "served", report.NeedsAction: "needs action",
	report.Vanished: "gone", report.OutOfTime: "out of time", report.Unread: "not read",
}

// WaitWord is how the following of a request ended, in a word or two.
func WaitWord(e report.WaitEnd) string { return waitWords[e] }

// WaitEnded returns one line about a request that is followed no longer: "in service
// cdn.example.com (11604): new end 2027-06-09".
func WaitEnded(w report.Wait) string {
	return progressLine(WaitWord(w.Ended)) + Title(w.Step) + ": " + Clean(WaitState(w, ""))
}

// WaitMoved returns one line about a request that is followed on.
func WaitMoved(w report.Wait) string {
	about := w.State
	if w.Err != "" {
		about = "it could not be read: " + w.Err
	}
	return progressLine("waiting") + Title(w.Step) + ": " + Clean(about)
}

// WaitCounts counts how the waiting ended, as an addition to a sentence; "" when nothing
// was followed.
func WaitCounts(r report.Report) string {
	return prefixed("; ", JoinCounts(Each(report.WaitEnds(), func(how report.WaitEnd) string {
		return Plural(len(r.Waited(how)), WaitWord(how), strings.Replace(WaitWord(how), "needs", "need", 1))
	})...))
}

// WaitFacts say how a request is at the end of its wait, and what a person does.
func WaitFacts(r report.Report, w report.Wait) []Fact {
	do := Do(w.Do, r.Flags, r.Paths)
	if do == "" && (w.Ended == report.OutOfTime || w.Ended == report.Interrupted) {
		do = "none: an order continues without cpsync; look again with  " + Again(without(r.Flags, "--now"), r.Paths, "explain", w.Step.Want.ID.String())
	}
	return []Fact{{"state", WaitState(w, ReadAt(w))}, {"action", do}}
}

// WaitState says how a request is at the end of its wait; read is when that was seen.
func WaitState(w report.Wait, read string) string {
	state := "no reading since it was sent"
	switch {
	case w.Ended.Good():
		state = newEnd(w) + read
	case w.Ended == report.Vanished:
		state = "it was deleted, or these credentials may not see it any more"
	case w.State != "":
		state = w.State + read
	}
	if w.Err != "" && w.Ended != report.Vanished {
		state += "; the latest reading failed: " + w.Err
	}
	for _, c := range w.Undone {
		state += "; " + c.Edit.String() + " was changed by someone else since"
	}
	return state
}

// newEnd says what is in service, next to what was before the apply.
func newEnd(w report.Wait) string {
	before, end := w.Step.Have, w.Have.Expires.UTC().Format(plan.Date)
	switch {
	case w.Have.Expires.IsZero():
		return "active"
	case !before.Expires.Equal(w.Have.Expires):
		return "new certificate, expires " + end
	case before.Thumbprint != w.Have.Thumbprint:
		return "new certificate, expires as before " + end
	case len(w.Undone) > 0:
		return "expires " + end
	default:
		return "as sent; expires " + end
	}
}

// ReadAt says when that was seen.
func ReadAt(w report.Wait) string {
	if w.At.IsZero() {
		return ""
	}
	return ", as of " + w.At.UTC().Format(plan.Minute)
}
