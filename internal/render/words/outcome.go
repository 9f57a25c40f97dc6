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

// OutcomeLine is a line about an operation that ended: "done     renew cdn.example.com (11604)".
func OutcomeLine(o report.Outcome) string {
	of := " "
	if o.Operation().Kind == plan.Patch {
		of = " of "
	}
	line := progressLine(Results[o.Result].Count) + Verb(o.Operation()) + of + Title(o.Step)
	switch {
	case o.Late:
		return line + ", visible only while waiting"
	case o.Met():
		return line + ", " + MetAlready(o)
	case o.Result == report.Done && o.By == report.Reading:
		return line + ", seen in a reading; no answer said so"
	case o.Result == report.NotConfirmed && o.Reads == 0:
		return line + ", not read since"
	case o.Err != "" && o.Result != report.NotConfirmed: // whose word says it
		return line + ": " + Clean(o.Err)
	default:
		return line
	}
}

func progressLine(word string) string { return fmt.Sprintf("%-12s  ", word) }

// MetAlready says of an operation that was not sent that there was nothing left to send.
func MetAlready(o report.Outcome) string {
	if o.Operation().Kind == plan.Patch {
		return "already as wanted; nothing was sent"
	}
	return "already in progress or done; nothing was sent"
}

// Results are the results in a word or two: of one operation, and in counts and the lines of a run.
var Results = [...]struct{ Word, Count string }{
	report.NotStarted: {"not started", "not started"}, report.Done: {"done", "done"}, report.Failed: {"failed", "failed"},
	report.Unknown: {"unknown", "unknown"}, report.Stale: {"stale", "stale"}, report.NotConverged: {"no effect", "without effect"},
	report.NotApproved: {"not approved", "not approved"}, report.NotConfirmed: {"accepted", "accepted, not visible yet"},
}

// OutcomeMark says how a result is known, or where the manifest of what is not done is.
func OutcomeMark(o report.Outcome) string {
	switch {
	case o.Result == report.Unknown && o.Reads > 0:
		return "unclear, read " + times(o.Reads)
	case o.Result == report.Unknown:
		return "unclear"
	case o.Result == report.NotConfirmed && o.Reads == 0:
		return "not read since"
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

// ResultCounts counts the outcomes of an apply, and how the waiting ended.
func ResultCounts(r report.Report) string {
	all := []report.Result{report.Done, report.NotConfirmed, report.Failed, report.Unknown, report.Stale, report.NotConverged,
		report.NotApproved, report.NotStarted}
	results := JoinCounts(Each(all, func(result report.Result) string { return number(r.Count(result), Results[result].Count) })...)
	waits := JoinCounts(Each(report.WaitEnds(), func(how report.WaitEnd) string {
		return Plural(len(r.Waited(how)), WaitEnds[how], strings.Replace(WaitEnds[how], "needs", "need", 1))
	})...)
	return results + prefixed("; ", waits)
}

// ApplyCounts counts the outcomes and the waits of an apply, and what it leaves.
func ApplyCounts(r report.Report) string {
	sentences := []string{ResultCounts(r)}
	if n := len(r.Plan.OffClock()); n > 0 {
		sentences = append(sentences, "Correct the wrong clock and run again: "+Plural(n, "order is due", "orders are due")+" by one of the two clocks only")
	}
	if r.Left != nil {
		sentences = append(sentences, prefixed("Left now: ", leftCounts(*r.Left)))
	}
	sentences = slices.DeleteFunc(sentences, func(s string) bool { return s == "" })
	return prefixed("Apply: ", strings.Join(sentences, ". "))
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

// guards say what keeps another run from sending an order again that was answered and is not visible.
var guards = map[report.ResendGuard]string{
	report.GuardedByNothing:  "the API shows it; do not run again before: only a journal keeps another run from ordering again (cpsync help journal)",
	report.GuardedByCooldown: "the API shows it; after the cooldown another run orders again: only a journal prevents that (cpsync help journal)",
	report.GuardedByJournal:  "the API shows it; the journal keeps other runs from sending it again: no action before",
}

// notShown shows both values of what a PATCH was to change and did not.
func notShown(r report.Report, o report.Outcome) []Fact {
	var facts []Fact
	for _, c := range o.Left {
		from, to := FromTo(c)
		text := c.Edit.String() + " " + to + "; the request shows " + from
		if c.Edit == cert.EditDomains {
			text = summed(c)
		}
		facts = append(facts, Fact{"missing", text})
	}
	if o.Operation().Order() {
		return append(facts, settle(r, o)...)
	}
	return append(facts, Fact{"action", "run again: what still differs is planned again"})
}

// trace is what shows that an operation took effect or did not, and the condition for sending it again.
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

// lost says what is known of an operation whose outcome is unknown. Such an order is the last one.
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
	if op.AtMostOnce() && op.Order() {
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

// since says what moved on the server after the plan was made, when, and by whom where the API says so.
func since(o report.Outcome) string {
	parts := Each(o.ChangedFields(), changed)
	if before, after := o.States(o.Until); before != after {
		parts = append(parts, "was: "+before+", is: "+after)
	}
	if now := o.Now.Have; now.Modified.After(o.Step.Have.Modified) { // the API may not say by whom
		parts = append(parts, strings.TrimSuffix("modified "+now.Modified.UTC().Format(plan.Minute)+" by "+now.ModifiedBy, " by "))
	}
	return strings.Join(parts, "; ")
}

// WaitEnds say in a word or two how a wait for a request ended.
var WaitEnds = [...]string{
	report.Interrupted: "interrupted", report.Active: "active", report.Served: "served", report.NeedsAction: "needs action",
	report.Vanished: "gone", report.OutOfTime: "out of time", report.Unread: "not read",
}

// WaitEnded returns one line about a request that is followed no longer.
func WaitEnded(w report.Wait) string {
	return progressLine(WaitEnds[w.Ended]) + Title(w.Step) + ": " + Clean(WaitState(w, false))
}

// WaitMoved returns one line about a request that is followed on.
func WaitMoved(w report.Wait) string {
	about := w.State
	if w.Err != "" {
		about = "it could not be read: " + w.Err
	}
	return progressLine("waiting") + Title(w.Step) + ": " + Clean(about)
}

// inProgress are the phases in which the CA or the CDN is at work.
var inProgress = []cert.Phase{cert.Processing, cert.Ordered, cert.DomainControlValidation, cert.OtherValidation, cert.Deployment, cert.InFlight}

// WaitFacts say how a request is at the end of its wait, and what a person does.
func WaitFacts(r report.Report, w report.Wait) []Fact {
	do := Do(w.Do, r.Flags, r.Paths)
	if do == "" && (w.Ended == report.OutOfTime || w.Ended == report.Interrupted) {
		do = "look again with  " + Again(without(r.Flags, "--now"), r.Paths, "explain", w.Step.Want.ID.String())
		if w.Have.OrderOpen(w.At) || slices.Contains(inProgress, w.Phase) {
			do = "none: an order continues without cpsync; " + do
		}
	}
	return []Fact{{"state", WaitState(w, true)}, {"action", do}}
}

// WaitState says how a request is at the end of its wait, and, dated, when that was seen.
func WaitState(w report.Wait, dated bool) string {
	state, read := "no reading since it was sent", ""
	if dated && !w.At.IsZero() {
		read = ", as of " + w.At.UTC().Format(plan.Minute)
	}
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
