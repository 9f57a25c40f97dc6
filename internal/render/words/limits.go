package words

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// Refusals are what is over a limit, how to allow it, and how to take it back.
func Refusals(r report.Report) []Block {
	then := " " + LimitEffect(r)
	return Each(view.Excesses(r.Plan), func(e view.Excess) Block {
		what, flag := Excess(e)
		b := Block{Title: fmt.Sprintf("refused: %s, the limit is %d.%s", what, e.Limit.Limit, then)}
		then = ""
		b.add(noHead, ExcessFields(e)+"; first "+Title(e.Steps[0])+AndMore(len(e.Steps)-1))
		b.add("  only this ", onlyCommand(r, e.Steps[0].Want))
		b.add("  meant     ", fmt.Sprintf("%s %d", flag, e.Count))
		b.add("  not meant ", "revert the commit; no edit was made, so nothing is to be undone")
		return b
	})
}

// Excess counts what is over a limit, and names the flag that allows it.
func Excess(e view.Excess) (what, flag string) {
	if e.Domains {
		return Plural(e.Count, "change", "changes") + " of domains", "--max-domain-changes"
	}
	return Plural(e.Count, "edit", "edits"), "--max-edits"
}

func ExcessFields(e view.Excess) string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = fmt.Sprintf("%s %d", f.Field, f.Count)
	}
	return strings.Join(parts, ", ")
}

func AndMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}

// policyOrders counts what policies ask for: "3 renewals and 1 retrigger".
func policyOrders(n view.Summary) string {
	return strings.ReplaceAll(JoinCounts(Plural(n.Renewals, "renewal", "renewals"),
		Plural(n.Retriggers, "retrigger", "retriggers")), ", ", " and ")
}

// LimitEffect says what an exceeded limit leaves: no PATCH is sent, but renewals and
// retriggers of policies are. After an apply it counts those that were sent.
func LimitEffect(r report.Report) string {
	n := view.Going(r.Plan)
	none, are := "No edit and no domain change would be made", "would be"
	switch {
	case len(r.Outcomes) > 0:
		n.Renewals, n.Retriggers = r.Done(plan.Renew), r.Done(plan.Retrigger)
		none, are = "No edit and no domain change was made", "were"
	case r.Apply:
		none, are = "No edit and no domain change is made", "are"
	}
	others := policyOrders(n)
	switch n.Renewals + n.Retriggers {
	case 0:
		return none + "."
	case 1:
		are = strings.NewReplacer("were", "was", "are", "is").Replace(are)
	}
	return none + "; " + others + " " + are + "."
}
