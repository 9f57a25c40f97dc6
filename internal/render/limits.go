package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// refused writes what is over a limit, how to allow it, and how to take it back.
func (p *page) refused(r report.Report) {
	then := " " + spared(r)
	for _, e := range r.Plan.Excesses() {
		what, flag := plural(e.Count, "edit", "edits"), "--max-edits"
		if e.Orders {
			what, flag = plural(e.Count, "change", "changes")+" of domains or DCV method", "--max-orders"
		}
		p.clause(fmt.Sprintf("refused: %s, the limit is %d.%s", what, e.Limit.Limit, then))
		then = ""
		p.line(2, fields(e)+"; first "+title(e.Steps[0])+andMore(len(e.Steps)-1))
		p.hang("  meant     ", fmt.Sprintf("%s %d", flag, e.Count), plain)
		p.hang("  not meant ", "revert the commit; no PATCH was made, so no edit is to be undone", plain)
	}
}

func fields(e plan.Excess) string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = fmt.Sprintf("%s %d", f.Field, f.Count)
	}
	return strings.Join(parts, ", ")
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}

// policyOrders counts what policies ask for: "3 renewals and 1 retrigger".
func policyOrders(n plan.Summary) string {
	return strings.ReplaceAll(counted(plural(n.Renewals, "renewal", "renewals"),
		plural(n.Retriggers, "retrigger", "retriggers")), ", ", " and ")
}

// spared says what becomes of everything else: no PATCH is sent, and what policies
// ask for is. Only an apply that is over can say what was.
func spared(r report.Report) string {
	n := r.Plan.Going()
	none, are := "No PATCH would be made", "would be"
	switch {
	case len(r.Outcomes) > 0:
		n.Renewals, n.Retriggers = r.Done(plan.Renew), r.Done(plan.Retrigger)
		none, are = "No PATCH was made", "were"
	case r.Apply:
		none, are = "No PATCH is made", "are"
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
