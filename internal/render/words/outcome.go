package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// resultWidth is that of the word which a line of the conversation begins with.
const resultWidth = 12

// OutcomeLine returns one line about an operation that ended: "done     renew
// cdn.example.com (11604)".
func OutcomeLine(o report.Outcome) string {
	line := progressLine(CountWord(o.Result)) + VerbPhrase(o.Step, o.Operation())
	switch {
	case o.Late:
		return line + ", visible only while waiting"
	case o.Met():
		return line + ", " + MetAlready(o)
	case o.Result == report.Done && o.By == report.Reading:
		return line + ", seen in a reading; no answer said so"
	case o.Err != "" && o.Result != report.NotConfirmed: // whose word says it
		return line + ": " + Clean(o.Err)
	default:
		return line
	}
}

// progressLine begins a line of the conversation with a word.
func progressLine(word string) string { return fmt.Sprintf("%-*s  ", resultWidth, word) }

// MetAlready says of an operation that was not sent that there was nothing left to send.
func MetAlready(o report.Outcome) string {
	if o.Operation().Kind == plan.Patch {
		return "already as wanted; nothing was sent"
	}
	return "already in progress or done; nothing was sent"
}

// resultWords are the results, and how their counts are called.
var resultWords = [...]struct{ word, count string }{
	report.NotStarted:   {"not started", "not started"},
	report.Done:         {"done", "done"},
	report.Failed:       {"failed", "failed"},
	report.Unknown:      {"unknown", "unknown"},
	report.Stale:        {"stale", "stale"},
	report.NotConverged: {"no effect", "without effect"},
	report.NotApproved:  {"not approved", "not approved"},
	report.NotConfirmed: {"accepted", "accepted, not visible yet"},
}

// ResultWord is a result in a word or two.
func ResultWord(r report.Result) string { return resultWords[r].word }

// CountWord is what a result is called in counts and in the lines of a run.
func CountWord(r report.Result) string { return resultWords[r].count }

// OperationWord is an operation in a word: an order, one field, or "edit" of several.
func OperationWord(o plan.Operation) string {
	switch {
	case o.Kind != plan.Patch:
		return o.Kind.String()
	case len(o.Changes) == 1:
		return o.Changes[0].Edit.String()
	default:
		return "edit"
	}
}

// OutcomeMark says how a result is known, or where the manifest of what is not done is.
func OutcomeMark(o report.Outcome) string {
	switch {
	case o.Result == report.Unknown && o.Reads > 0:
		return "no answer, read " + times(o.Reads)
	case o.Result == report.Unknown:
		return "no answer"
	case o.Result == report.NotConfirmed:
		return "not visible yet"
	case o.Late:
		return "visible only while waiting"
	case o.Met():
		return "nothing was left to send"
	case o.Result == report.Done && o.By == report.Reading:
		return "seen in a reading"
	case o.Result == report.Done:
		return ""
	default:
		return Place(view.Place(o.Step))
	}
}

// OutcomeCounts counts operations by what they are: "3 renewals, 2 edits".
func OutcomeCounts(all []report.Outcome) string {
	var n view.Summary
	for _, o := range all {
		n.Count(o.Operation())
	}
	return OperationKinds(n)
}

// ResultCounts counts the outcomes of an apply.
func ResultCounts(r report.Report) string {
	var parts []string
	for _, result := range []report.Result{report.Done, report.NotConfirmed, report.Failed, report.Unknown, report.Stale, report.NotConverged, report.NotApproved, report.NotStarted} {
		parts = append(parts, fmt.Sprintf("%d %s", r.Count(result), CountWord(result)))
	}
	return JoinCounts(parts...)
}

// ApplyCounts counts the outcomes and the waits of an apply, and what it leaves.
func ApplyCounts(r report.Report) string {
	text := ResultCounts(r) + WaitCounts(r)
	if n := len(r.Plan.OffClock()); n > 0 {
		text += ". Correct the wrong clock and run again: " + Plural(n, "order is due", "orders are due") + " by one of the two clocks only"
	}
	if r.Left != nil {
		text += prefixed(". Left now: ", leftCounts(*r.Left))
	}
	return prefixed("Apply: ", text)
}

// Fact is a row under a result. A command is there to be pasted.
type Fact struct {
	Key, Text string
	Command   bool
}

// Facts are outcomes with the same result and the same facts.
type Facts struct {
	Outcomes []report.Outcome
	Facts    []Fact
}

// SameFacts gathers outcomes of one result by their facts, each where it first comes up.
func SameFacts(r report.Report, all []report.Outcome) []Facts {
	var groups []Facts
	for i, o := range all {
		if i > 0 && all[i-1].SameFacts(o) {
			continue
		}
		facts := OutcomeFacts(r, o)
		same := func(g Facts) bool { return slices.Equal(g.Facts, facts) }
		if at := slices.IndexFunc(groups, same); at >= 0 {
			groups[at].Outcomes = append(groups[at].Outcomes, o)
		} else {
			groups = append(groups, Facts{[]report.Outcome{o}, facts})
		}
	}
	return groups
}

// OutcomeFacts say why an operation is not plainly done, and what a person does.
func OutcomeFacts(r report.Report, o report.Outcome) []Fact {
	switch o.Result {
	case report.Unknown:
		return unknown(r, o)
	case report.Failed:
		return []Fact{{Key: "reason", Text: strings.TrimSuffix(o.Err, ".")}}
	case report.Stale:
		return []Fact{{Key: "plan", Text: Operations(o.Step, o.Op)}, {Key: "now", Text: plansNow(o)}, {Key: "since", Text: since(o)},
			{Key: "action", Text: "run again for a new plan"}}
	case report.NotConverged:
		return notShown(r, o)
	case report.NotApproved:
		return notApproved(o)
	case report.NotConfirmed:
		return []Fact{{Key: "until", Text: guards[o.ResendGuard()]}}
	case report.NotStarted:
		if o.Err == "" {
			return []Fact{{Key: "reason", Text: "the run stopped before"}}
		}
		return []Fact{{Key: "reason", Text: strings.TrimSuffix(o.Err, ".")}}
	case report.Done:
	}
	return nil
}

// guards say what keeps another run from sending an order again that was answered and is not
// visible.
var guards = map[report.ResendGuard]string{
	report.GuardedByNothing:  "the API shows it; do not run again before: only a journal keeps another run from ordering again (cpsync help journal)",
	report.GuardedByCooldown: "the API shows it; after the cooldown another run orders again: only a journal prevents that (cpsync help journal)",
	report.GuardedByJournal:  "the API shows it; the journal keeps other runs from sending it again: no action before",
}

// notApproved shows what was approved beside what is planned now.
func notApproved(o report.Outcome) []Fact {
	var facts []Fact
	if len(o.Step.Approved) == 0 {
		facts = append(facts, Fact{Key: "approved", Text: "nothing"})
	}
	for _, a := range o.Step.Approved {
		facts = append(facts, Fact{Key: "approved", Text: a.Text})
	}
	return append(facts, Fact{Key: "now", Text: Operations(o.Step, 0)}, Fact{Key: "action", Text: "make a new plan and have it approved"})
}

// notShown shows both values of what a PATCH was to change and did not.
func notShown(r report.Report, o report.Outcome) []Fact {
	var facts []Fact
	for _, c := range o.Left {
		if text := summed(c); text != "" {
			facts = append(facts, Fact{Key: "missing", Text: text})
			continue
		}
		from, to := FromTo(c)
		facts = append(facts, Fact{Key: "missing", Text: c.Edit.String() + " " + to + "; the request shows " + from})
	}
	if o.Operation().Order() {
		return append(facts, settle(r, o)...)
	}
	return append(facts, Fact{Key: "action", Text: "run again: what still differs is planned again"})
}

// unknown says what is known of an operation whose outcome is unknown,
// and how to find out.
func unknown(r report.Report, o report.Outcome) []Fact {
	reason := JoinClauses(sent(o), readings(o), "not sent again"+stops(o.Operation(), r.Count(report.NotStarted)))
	return append([]Fact{{Key: "reason", Text: reason}}, settle(r, o)...)
}

func sent(o report.Outcome) string {
	if o.Sent.IsZero() {
		return "it may have been sent: " + o.Err
	}
	often := "once"
	if o.Attempts > 1 {
		often = fmt.Sprintf("%d times, first", o.Attempts)
	}
	why := ""
	if o.Err != "" {
		why = ", " + strings.TrimSuffix(o.Err, ".")
	}
	return "sent " + often + " at " + o.Sent.UTC().Format("15:04:05 UTC") + why
}
