package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/shell"
)

// Advice is what to do next.
func Advice(r report.Report) string {
	look := lookAt(r.Outcomes)
	switch {
	case len(look) == 1:
		return "Look at request " + look[0] + " in the portal before running again."
	case len(look) > 1:
		return "Look at requests " + strings.Join(look, ", ") + " in the portal before running again."
	case len(r.GuardedBy(report.GuardedByNothing)) > 0:
		return `Wait until the API shows what is "not visible yet" before running again.`
	case r.Plan.Limits.Exceeded():
		return "Refused in part: see above."
	case r.Count(report.NotApproved) > 0:
		return "Have a new plan approved; another run with this one sends nothing more."
	case r.Count(report.Done)+r.Count(report.NotConfirmed) < len(r.Outcomes), r.Failure != nil:
		return "Running again is safe: it makes a new plan and sends what is left to do."
	case len(r.Waited(report.Active)) < len(r.Waits):
		return notArrived(r)
	case len(r.Outcomes) == 0:
		return strings.TrimSpace(Nothing(view.Summarize(r.Plan)))
	case len(r.Plan.OffClock()) > 0:
		return fmt.Sprintf("Correct the wrong clock, and run again: %s by one of the two clocks only.",
			Plural(len(r.Plan.OffClock()), "order is due", "orders are due"))
	case view.Summarize(r.Plan).Errors > 0:
		return fmt.Sprintf("%d done; %s.", len(r.Outcomes), left(view.Summarize(r.Plan)))
	default:
		return allDone(r.Plan)
	}
}

// notArrived is what to do about what was sent, and is not in service when the waiting ends.
func notArrived(r report.Report) string {
	line := "All sent;" + strings.TrimPrefix(WaitCounts(r), ";") + "."
	if len(r.Waited(report.OutOfTime))+len(r.Waited(report.Interrupted)) > 0 {
		line += " Orders in progress continue without cpsync: look again with  cpsync explain ID."
	}
	return line
}

// allDone is said only where every operation is.
func allDone(p plan.Plan) string {
	rest := left(view.Summarize(p))
	if rest == "" && p.Waits() {
		rest = "what is deferred is sent by a later run"
	}
	if rest != "" {
		return "All done; " + rest + "."
	}
	return "All done."
}

// lookAt are the requests for which it is unknown whether something was started.
func lookAt(all []report.Outcome) []string {
	var ids []string
	for _, o := range all {
		if o.Unclear() && o.Result != report.NotConfirmed {
			ids = append(ids, o.Step.Want.ID.String())
		}
	}
	return ids
}

func Mode(r report.Report) string {
	if r.Apply {
		return "apply"
	}
	return "plan"
}

// Cost is what the run took so far: "28 reads, 0 writes."
func Cost(c report.Requests) string {
	all := Plural(c.Reads, "read", "reads") + ", " + Plural(c.Writes, "write", "writes")
	if c.Queries > 0 {
		all += ", " + Plural(c.Queries, "query of DNS", "queries of DNS")
	}
	return all + "."
}

// Next is what can be done with the plan. It starts with a space, or is ""; a command
// belongs after a colon.
func Next(r report.Report) string {
	apply := r.Plan.ToApply()
	switch {
	case len(r.Problems) > 0:
		return " Correct the files and run again."
	case r.Failure != nil:
		return ""
	case len(apply) == 0 && r.Plan.HasOps():
		return " Nothing is approved."
	case len(apply) == 0 && len(r.Base.Abandoned()) > 0:
		return ""
	case len(apply) == 0:
		return " Nothing to apply."
	case r.Plan.Limits.Exceeded() && !r.Apply:
		return ""
	case r.AsOf:
		return " It is a plan as of another day: it can't be applied."
	case r.Apply:
		return " Applying " + Plural(operations(r.Plan), "operation", "operations") + "."
	default:
		return " To apply:"
	}
}

func Nothing(n view.Summary) string {
	if rest := left(n); rest != "" {
		return " Nothing to apply; " + rest + "."
	}
	return " Nothing to do."
}

// left is what an apply leaves as it is.
func left(n view.Summary) string {
	return JoinCounts(Plural(n.Deferred, "deferred", "deferred"), Plural(n.ActionRequired, "needs action", "need action"),
		Plural(n.Errors, "error", "errors"))
}

func operations(p plan.Plan) int {
	n := view.Going(p)
	return n.Orders + n.Edits
}

// ApplyCommand is the command that applies the plan, as it can be pasted.
func ApplyCommand(r report.Report) string {
	return Command(slices.Concat([]string{"cpsync", "--apply"}, r.Flags, r.Paths))
}

// onlyCommand is the command that applies the plan of one certificate alone.
func onlyCommand(r report.Report, want cert.Spec) string {
	word, words := want.Name, []string{"cpsync", "--apply", "--only"}
	for _, s := range r.Plan.Steps {
		if s.Want.ID != want.ID && s.Want.IsNamed(word) {
			word = want.ID.String()
		}
	}
	words = append(words, word)
	for pair := range slices.Chunk(r.Flags, 2) {
		if !slices.Contains([]string{"--only", "--tag", "--changed-since"}, pair[0]) {
			words = append(words, pair...)
		}
	}
	return Command(append(words, r.Paths...))
}

// Command writes words for a shell.
func Command(words []string) string { return strings.Join(Each(words, shell.Word), " ") }

// Unfinished is how a text begins that was written while the run was at work. mode is that
// of its JSON.
func Unfinished(mode string) string {
	return "This " + mode + " has not finished. It was at work when this was written: an operation that is not listed as done may be in progress, or done too. The log of the run says more."
}

// OutcomesOf are the outcomes: of every operation, or of an apply at work those so far.
func OutcomesOf(r report.Report) []report.Outcome {
	if r.Unfinished {
		return r.Outcomes
	}
	return r.All()
}
