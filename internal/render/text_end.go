package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/shell"
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
	p.last(r)
}

// last writes the last line. The command that carries the plan out is never broken: a
// long one stands under it, one that fits no line is described.
func (p *page) last(r report.Report) {
	line := cost(r.Requests) + next(r)
	if !strings.HasSuffix(line, ":") {
		p.line(0, line)
		return
	}
	command := carryOut(r)
	switch {
	case columns(line+" "+command) <= p.style.Width:
		p.line(0, line+" "+command)
	case columns(command) <= p.style.Width-margin:
		p.line(0, line)
		p.put(strings.Repeat(" ", margin) + Clean(command))
	default:
		p.line(0, line+" the same command with --apply")
	}
}

// cost is what the run took so far: "28 reads, 0 writes."
func cost(c report.Requests) string {
	all := plural(c.Reads, "read", "reads") + ", " + plural(c.Writes, "write", "writes")
	if c.Queries > 0 {
		all += ", " + plural(c.Queries, "query of DNS", "queries of DNS")
	}
	return all + "."
}

// next is what can be done with the plan. It starts with a space, or is ""; a command
// belongs after a colon.
func next(r report.Report) string {
	apply := r.Plan.ToApply()
	switch {
	case len(r.Problems) > 0:
		return " Correct the files and run again."
	case r.Failure != nil:
		return ""
	case len(apply) == 0 && r.Plan.HasOps():
		return " Nothing of it is approved."
	case len(apply) == 0:
		return nothing(r.Plan.Summary())
	case r.Plan.Limits.Exceeded():
		return exceeded(r)
	case r.AsOf:
		return " It is a plan as of another day: it can't be carried out."
	case r.Apply:
		return fmt.Sprintf(" Carrying out %s on %s.", plural(operations(r.Plan), "operation", "operations"),
			plural(len(apply), "certificate", "certificates"))
	default:
		return " To carry it out:"
	}
}

func nothing(n plan.Summary) string {
	if rest := left(n); rest != "" {
		return " Nothing to apply; " + rest + "."
	}
	return " Nothing to do."
}

// left is what an apply leaves as it is.
func left(n plan.Summary) string {
	return counted(plural(n.Waiting, "waits", "wait"), plural(n.NeedYou, "needs you", "need you"),
		plural(n.Errors, "error", "errors"))
}

func exceeded(r report.Report) string {
	going := r.Plan.Going()
	if going.Orders == 0 {
		return " Nothing is applied as it is: see above."
	}
	return " An apply makes only " + policyOrders(going) + ": see above."
}

func operations(p plan.Plan) int {
	n := p.Going()
	return n.Orders + n.Edits
}

// carryOut is the command that carries the plan out, as it can be pasted.
func carryOut(r report.Report) string {
	words := append([]string{"cpsync", "--apply"}, r.Flags...)
	words = append(words, r.Paths...)
	for i, w := range words {
		words[i] = shell.Word(w)
	}
	return strings.Join(words, " ")
}
