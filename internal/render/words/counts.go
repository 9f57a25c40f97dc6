package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// PlanCounts counts what is sent, by the change under review where that is known.
func PlanCounts(r report.Report) string {
	n, unrenewed := r.NewOperations(), LeftUnrenewed(r)
	orders := Plural(n.Orders, "CA order")
	if n.Orders > 0 {
		orders += " (" + JoinCounts(orderKinds(n)...) + ")"
	}
	text := JoinCounts(orders, Plural(n.Edits, "edit"))
	if unrenewed > 0 {
		text = JoinClauses(text, "nothing will renew "+Plural(unrenewed, "certificate")+" from then on")
	}
	switch {
	case n.Orders > 0:
		text += ". ! marks an order"
	case text == "" && r.Base != nil:
		text = "this change starts nothing"
	}
	return prefixed("Plan: ", text)
}

// LeftUnrenewed counts the certificates that the plan, or the change under review, leaves unrenewed.
func LeftUnrenewed(r report.Report) int {
	leaves := func(s plan.Step) bool { return LeavesUnrenewed(s) || r.Base != nil && s.Is(cert.NothingRenews) }
	return len(r.Base.Abandoned()) + len(r.ThisChange().Where(leaves).Steps)
}

func orderKinds(n view.Summary) []string {
	return []string{Plural(n.Renewals, "renewal"), Plural(n.Reissues, "reissue"), Plural(n.Retriggers, "retrigger")}
}

// OperationKinds counts operations by what they are: "3 renewals, 2 edits".
func OperationKinds(n view.Summary) string {
	return JoinCounts(append(orderKinds(n), Plural(n.Edits, "edit"))...)
}

// AlsoApplied counts what the merge of the change under review also applies.
func AlsoApplied(r report.Report) string {
	n := r.PendingOperations()
	text := JoinCounts(Plural(n.Orders, "CA order"), Plural(n.Edits, "edit"))
	if text != "" {
		text += " of earlier commits (list: -v)"
	}
	return prefixed("Also applied by this merge: ", JoinClauses(text, Differing(r.Plan)))
}

// Elsewhere counts what needs action and is not about the change under review.
func Elsewhere(r report.Report) string {
	counts, alarms := ActionCounts(r.Pending().Where(plan.Step.NeedsAction), r.Plan)
	text := prefixed("Elsewhere: ", JoinCounts(counts...))
	if len(alarms) > 0 {
		text += "; first: " + Title(alarms[0]) + ", " + Expiry(alarms[0], r.Plan.Now)
	}
	return text
}

// ActionCounts counts the steps of p, which need action, and what the list says of the whole plan.
// The alarms among them come with the soonest expiry first.
func ActionCounts(p, whole plan.Plan) (counts []string, alarms []plan.Step) {
	l, read, errors := view.ListedOf(whole), p.Where(plan.Step.Alarms).Steps, len(view.In(p, view.Errors))
	counts = append(AlarmCounts(p, l), Plural(errors, "error"),
		Plural(len(p.Steps)-len(read)-errors, "other needs action", "others need action"))
	return counts, plan.Plan{Steps: slices.Concat(read, l.Expired, l.Expiring)}.SoonestFirst()
}

// ExpiryCounts counts what is out of service, or soon will be. With a base that is what is elsewhere.
func ExpiryCounts(r report.Report) string {
	var parts []string
	if r.Base == nil {
		parts = AlarmCounts(r.Plan, view.Listed{})
	}
	if n := len(r.Expiring()); n > 0 {
		parts = append(parts, Plural(n, "is expired or expires", "are expired or expire")+" within "+cert.FormatDuration(r.ExpiringWithin)+" (--fail-on-expiring)")
	}
	return prefixed("Expiry: ", JoinCounts(parts...))
}

// AlarmCounts counts an outage apart from what is still active.
func AlarmCounts(p plan.Plan, l view.Listed) []string {
	a := view.AlarmsOf(p)
	return []string{number(len(a.Revoked), "REVOKED"), number(len(a.Expired)+len(l.Expired), "EXPIRED"), expireSoon(p, l)}
}

// expireSoon counts what expires soon, and what becomes of it.
func expireSoon(p plan.Plan, l view.Listed) string {
	a := view.AlarmsOf(p)
	soon := slices.Concat(a.Unrenewed, a.Failed, a.Renewing, l.Expiring)
	renewed := 0 // by the plan, of what expires as soon as others that need action
	if days := daysOf(soon, p.Now); len(soon) > 0 {
		renewed = len(p.Where(func(s plan.Step) bool {
			return s.Makes(plan.Renew) && !s.Alarms() && !s.Have.Expired(p.Now) && plan.DaysUntil(s.Have.Expires, p.Now) < days
		}).Steps)
	}
	expire := Plural(len(soon)+renewed, "expires", "expire") + Within(soon, p.Now)
	switch need := Agree(len(soon), "needs action", "need action"); {
	case len(soon) == 0 || len(l.Expiring) > 0:
	case renewed > 0:
		expire += fmt.Sprintf(" (%d %s, this plan renews %d)", len(soon), need, renewed)
	default:
		expire += " and " + need
	}
	if n := len(a.Renewing); n > 0 {
		expire += fmt.Sprintf(" (%d with an order placed)", n)
	}
	return expire
}

// States counts certificates by what is most urgent about each.
func States(n view.Summary) string {
	action := Plural(n.ActionRequired, "needs action", "need action")
	switch both := n.ActionAndOperation; {
	case both > 0 && n.Total == 1:
		action += ", to change"
	case both > 0:
		action += fmt.Sprintf(" (%d of them to change)", both)
	}
	text := JoinCounts(Plural(n.Errors, "error"), action, number(n.Changing, "to change"), number(n.Deferred, "deferred"),
		number(n.Withheld, "not approved"), number(n.Protected, "protected"), number(n.UpToDate, "up to date"), number(n.NotEvaluated, "not evaluated"))
	if n.Total == 1 {
		return strings.TrimPrefix(text, "1 ")
	}
	return text
}

// CertificateCounts counts the certificates of the plan, and what is beside them.
func CertificateCounts(r report.Report) string {
	n := view.Summarize(r.Plan)
	text := Plural(n.Total, "certificate") + ": " + States(n)
	unmanaged := "unmanaged: not read"
	if r.Plan.Complete {
		unmanaged = number(len(r.Plan.Unmanaged), "unmanaged")
		if soon := len(view.UnmanagedExpiring(r.Plan)); soon > 0 {
			unmanaged += fmt.Sprintf(" (see  %s  for %d expired or about to expire)", Again(r.Flags, r.Paths, "list", "--unmanaged"), soon)
		}
	}
	return text + prefixed(". ", JoinCounts(unmanaged))
}

// NoteCounts counts what asks nobody to act.
func NoteCounts(p plan.Plan) string {
	n := view.Summarize(p)
	text := JoinCounts(Plural(n.Overlap, "overlaps", "overlap")+" with other manifests", Plural(n.Notes, "note"))
	if text != "" {
		text += " (-v)"
	}
	return text
}

// LimitCounts says how much of each limit the plan takes.
func LimitCounts(l plan.Limits) string {
	of := func(l plan.Limit, what string) string { return fmt.Sprintf("%d of %d %s", l.Count, l.Limit, what) }
	return prefixed("Limits: ", JoinCounts(of(l.DomainChanges, "domain changes"), of(l.Renewals, "renewals and retriggers"), of(l.Edits, "edits")))
}

// Excess counts what is over a limit, beside the limit, and names the flag that allows it.
func Excess(e view.Excess) (text, flag string) {
	text, flag = Plural(e.Count, "edit"), "--max-edits"
	if e.Domains {
		text, flag = Plural(e.Count, "change")+" of domains", "--max-domain-changes"
	}
	return fmt.Sprintf("%s, limit %d", text, e.Limit.Limit), flag
}

// Refusal is what an exceeded limit stops, the flag that allows it, and a command for one certificate.
type Refusal struct{ Text, All, One string }

// Exceeded returns the exceeded limits.
func Exceeded(r report.Report) []Refusal {
	effect := ": " + Aside(LimitEffect(r))
	return Each(view.Excesses(r.Plan), func(e view.Excess) Refusal {
		text, flag := Excess(e)
		text += effect
		effect = ""
		return Refusal{"LIMIT EXCEEDED: " + text, fmt.Sprintf("%s %d", flag, e.Count), onlyCommand(r, e.Steps[0].Want)}
	})
}

// LimitEffect says what an exceeded limit leaves: no PATCH is sent, but renewals and
// retriggers of policies are. After an apply it counts those that were sent.
func LimitEffect(r report.Report) string {
	n := view.Going(r.Plan)
	none, is, are := "No edit and no domain change will be made", "will be", "will be"
	switch {
	case !slices.ContainsFunc(view.Excesses(r.Plan), view.Excess.Certain):
		none = "An apply may make no edit and no domain change, because some are counted from the list alone"
		is, are = "will be made", "will be made"
	case len(r.Outcomes) > 0:
		n.Renewals, n.Retriggers = r.Accepted(plan.Renew), r.Accepted(plan.Retrigger)
		none, is, are = "No edit and no domain change was made", "was", "were"
	case r.Apply:
		none, is, are = "No edit and no domain change is made", "is", "are"
	}
	orders := strings.ReplaceAll(JoinCounts(Plural(n.Renewals, "renewal"), Plural(n.Retriggers, "retrigger")), ", ", " and ")
	if orders == "" {
		return none + "."
	}
	return none + "; " + orders + " " + Agree(n.Renewals+n.Retriggers, is, are) + "."
}

// NothingWritten says that a plan wrote nothing, and what it cost.
func NothingWritten(r report.Report) string {
	text := "Nothing was written"
	if r.Apply {
		text += " so far"
	}
	queries := JoinCounts(Plural(r.Requests.Queries, "DNS query", "DNS queries"))
	return text + " (" + Plural(r.Requests.Reads, "read") + prefixed(", ", queries) + ")."
}

// Chosen are the flags that choose manifests, and how many of them they choose.
func Chosen(r report.Report) string {
	text := Paths(r.Chosen)
	if text != "" && r.Manifests > 0 {
		text += fmt.Sprintf(", %d of %d", len(r.Plan.Steps), r.Manifests)
	}
	return text
}

// ShortCommit is enough of a commit to find it.
func ShortCommit(c string) string { return c[:min(len(c), 7)] }

// Differing says what a merge also applies, as far as the list shows it; "" for nothing.
func Differing(p plan.Plan) string {
	if n := len(view.ListedOf(p).Differing); n > 0 {
		return "what differs in " + Plural(n, "other certificate") + " (not evaluated; --read-status all)"
	}
	return ""
}
