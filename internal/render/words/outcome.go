package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// resultWidth is that of the word which a line of the conversation begins with.
const resultWidth = 12

// OutcomeLine returns one line about an operation that ended: "done     renew
// cdn.example.com (11604)".
func OutcomeLine(o report.Outcome) string {
	of := " "
	if o.Operation().Kind == plan.Patch {
		of = " of "
	}
	line := progressLine(CountWord(o.Result)) + Verb(o.Operation()) + of + Title(o.Step)
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
	all := []report.Result{report.Done, report.NotConfirmed, report.Failed, report.Unknown, report.Stale, report.NotConverged,
		report.NotApproved, report.NotStarted}
	return JoinCounts(Each(all, func(result report.Result) string { return number(r.Count(result), CountWord(result)) })...)
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

// Fact is a row: a word and what belongs to it. Without a word it is a command to be pasted.
type Fact struct{ Key, Text string }

// Facts are outcomes with the same result and the same facts.
type Facts struct {
	Outcomes []report.Outcome
	Facts    []Fact
}

// SameFacts gathers outcomes of one result by their facts, each where it first comes up.
func SameFacts(r report.Report, all []report.Outcome) (groups []Facts) {
	for i, o := range all {
		if i > 0 && all[i-1].SameFacts(o) {
			continue
		}
		facts := OutcomeFacts(r, o)
		at := slices.IndexFunc(groups, func(g Facts) bool { return slices.Equal(g.Facts, facts) })
		if at < 0 {
			at, groups = len(groups), append(groups, Facts{Facts: facts})
		}
		groups[at].Outcomes = append(groups[at].Outcomes, o)
	}
	return groups
}

// OutcomeFacts say why an operation is not plainly done, and what a person does.
func OutcomeFacts(r report.Report, o report.Outcome) []Fact {
	reason := strings.TrimSuffix(o.Err, ".")
	switch o.Result {
	case report.Unknown:
		return append([]Fact{{"reason", lost(o, r.Count(report.NotStarted))}}, settle(r, o)...)
	case report.Failed:
		return []Fact{{"reason", reason}}
	case report.Stale:
		return []Fact{{"plan", Operations(o.Step, o.Op)}, {"now", plansNow(o)}, {"since", since(o)}, {"action", "run again for a new plan"}}
	case report.NotConverged:
		return notShown(r, o)
	case report.NotApproved: // what was approved beside what is planned now
		facts := Each(o.Step.Approved, func(a plan.Approved) Fact { return Fact{"approved", a.Text} })
		if len(facts) == 0 {
			facts = []Fact{{"approved", "nothing"}}
		}
		return append(facts, Fact{"now", Operations(o.Step, 0)}, Fact{"action", "make a new plan and have it approved"})
	case report.NotConfirmed:
		return []Fact{{"until", guards[o.ResendGuard()]}}
	case report.NotStarted:
		return []Fact{{"reason", cmp.Or(reason, "the run stopped before")}}
	default:
		return nil
	}
}

// guards say what keeps another run from sending an order again that was answered and is not
// visible.
var guards = map[report.ResendGuard]string{
	report.GuardedByNothing:  "the API shows it; do not run again before: only a journal keeps another run from ordering again (cpsync help journal)",
	report.GuardedByCooldown: "the API shows it; after the cooldown another run orders again: only a journal prevents that (cpsync help journal)",
	report.GuardedByJournal:  "the API shows it; the journal keeps other runs from sending it again: no action before",
}

// notShown shows both values of what a PATCH was to change and did not.
func notShown(r report.Report, o report.Outcome) []Fact {
	var facts []Fact
	for _, c := range o.Left {
		text := summed(c)
		if c.Edit != cert.EditDomains {
			from, to := FromTo(c)
			text = c.Edit.String() + " " + to + "; the request shows " + from
		}
		facts = append(facts, Fact{"missing", text})
	}
	if o.Operation().Order() {
		return append(facts, settle(r, o)...)
	}
	return append(facts, Fact{"action", "run again: what still differs is planned again"})
}

// trace is what shows that an operation took effect or did not, and the condition for sending it
// again.
type trace struct{ missing, there, otherwise string }

func traceOf(op plan.Operation) trace {
	switch {
	case op.Kind == plan.Renew:
		return trace{"no renewal visible", "a renewal is there", "if none is there"}
	case op.Kind == plan.Retrigger:
		return trace{"no new order visible", "a new order is there", "if none is there"}
	case op.Order():
		return trace{"the change of domains is not visible", "the domains are as sent", "if they are not"}
	default:
		return trace{"the change is not visible", "the new value is there", "if it is not, run"}
	}
}

// lost says what is known of an operation whose outcome is unknown. Such an order ends the starting
// of orders.
func lost(o report.Outcome, notStarted int) string {
	sent, read, again := "it may have been sent: "+o.Err, "it could not be read since", "not sent again"
	if !o.Sent.IsZero() {
		often := "once"
		if o.Attempts > 1 {
			often = times(o.Attempts) + ", first"
		}
		sent = "sent " + often + " at " + o.Sent.UTC().Format("15:04:05 UTC") + prefixed(", ", strings.TrimSuffix(o.Err, "."))
	}
	if o.Reads > 0 {
		read = fmt.Sprintf("read %s until %s: %s, but the CDN may show it late",
			times(o.Reads), o.Until.UTC().Format("15:04:05"), traceOf(o.Operation()).missing)
	}
	if o.Operation().Order() {
		again += ", and no other order was sent after it"
		if notStarted > 0 {
			again += fmt.Sprintf(" (%d not started)", notStarted)
		}
	}
	return sent + "; " + read + "; " + again
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// settle says how a person finds out what became of an operation, and what to do then.
func settle(r report.Report, o report.Outcome) []Fact {
	id, op, trace := o.Step.Want.ID.String(), o.Operation(), traceOf(o.Operation())
	flags := without(r.Flags, "--now") // it is run at another time
	if op.SentOnce() && op.Order() {
		trace.otherwise += " after 24 hours, run"
		if slices.Contains(flags, "--journal") {
			flags = append(flags, "--settle", id)
		}
	}
	return []Fact{{"action", "look at request " + id + " in the portal; if " + trace.there + ", no action is needed; " + trace.otherwise},
		{"", Again(flags, r.Paths, "--apply")}}
}

func plansNow(o report.Outcome) string {
	if !o.Replanned() {
		return o.Err // the request could not be planned again: it is gone
	}
	now := Operations(o.Now, 0)
	for _, b := range o.Now.Withheld {
		now += "; not " + b.Edit.String() + ": " + b.Because
	}
	return now
}

// since says what moved on the server after the plan was made, when, and by whom
// where the API says so.
func since(o report.Outcome) string {
	parts := Each(o.ChangedFields(), changed)
	if before, after := o.States(o.Until); before != after {
		parts = append(parts, "was: "+before+", is: "+after)
	}
	if at, by := o.LastChange(); !at.IsZero() {
		parts = append(parts, strings.TrimSuffix("modified "+at.UTC().Format(plan.Minute)+" by "+by, " by "))
	}
	return strings.Join(parts, "; ")
}
