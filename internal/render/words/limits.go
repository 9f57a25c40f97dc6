package words

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// Excess counts what is over a limit, and names the flag that allows it.
func Excess(e view.Excess) (what, flag string) {
	if e.Domains {
		return Plural(e.Count, "change", "changes") + " of domains", "--max-domain-changes"
	}
	return Plural(e.Count, "edit", "edits"), "--max-edits"
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
	none, are := "No edit and no domain change will be made", "will be"
	switch {
	case !slices.ContainsFunc(view.Excesses(r.Plan), view.Excess.Certain):
		none, are = "An apply may make no edit and no domain change, because some are counted from the list alone", "will be made"
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
