package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// ending writes what stopped the run, what is refused, and the line that says what
// the plan cost and how to carry it out.
func (p *page) ending(r report.Report) {
	p.problems(r.Problems)
	p.failure(r.Failure)
	if r.Plan.Limits.Exceeded() {
		p.blank()
		p.refused(r)
	}
	p.blank()
	p.line(0, cost(r.Requests)+next(r, p.style.Width))
}

// cost is what the run took so far: "28 reads, 0 writes."
func cost(c report.Requests) string {
	return plural(c.Reads, "read", "reads") + ", " + plural(c.Writes, "write", "writes") + "."
}

// next is what can be done with the plan. It starts with a space, or is "".
func next(r report.Report, width int) string {
	apply := r.Plan.ToApply()
	switch {
	case len(r.Problems) > 0:
		return " Correct the files and run again."
	case r.Failure != nil:
		return ""
	case len(apply) == 0:
		return nothing(r.Plan.Summary())
	case r.Plan.Limits.Exceeded():
		return exceeded(r)
	case r.Apply:
		return fmt.Sprintf(" Carrying out %s on %s.", plural(operations(r.Plan), "operation", "operations"),
			plural(len(apply), "certificate", "certificates"))
	default:
		return carryOut(r, width-columns(cost(r.Requests)))
	}
}

func nothing(n plan.Summary) string {
	rest := counted(plural(n.Waiting, "waits", "wait"), plural(n.NeedYou, "needs you", "need you"),
		plural(n.Errors, "error", "errors"))
	if rest == "" {
		return " Nothing to do."
	}
	return " Nothing to apply; " + rest + "."
}

func exceeded(r report.Report) string {
	left := r.Plan.Limits.Renewals.Count
	switch {
	case left == 0:
		return " Nothing is applied as it is: see above."
	default:
		return " An apply makes only " + policyOrders(r.Plan) + ": see above."
	}
}

func operations(p plan.Plan) int {
	n := p.Summary()
	return n.Orders + n.Edits
}

func policyOrders(p plan.Plan) string {
	n := p.Summary()
	return counted(plural(n.Renewals, "renewal", "renewals"), plural(n.Retriggers, "retrigger", "retriggers"))
}

// carryOut is the command that carries the plan out, in one piece, so that it can be
// pasted. One that does not fit on the line is described.
func carryOut(r report.Report, room int) string {
	words := append([]string{"cpsync", "--apply"}, r.Flags...)
	words = append(words, r.Paths...)
	for i, w := range words {
		words[i] = shell(w)
	}
	command := " To carry it out: " + strings.Join(words, " ")
	if columns(command) > room {
		return " To carry it out: the same command with --apply"
	}
	return command
}

// shell quotes a word for a shell when it holds anything but plain characters.
func shell(word string) string {
	special := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,@%+", r)
	}
	if word != "" && !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
