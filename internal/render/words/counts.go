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

// PlanCounts counts what is sent, and what nothing renews from then on: of the change under
// review, where that is known.
func PlanCounts(r report.Report) string {
	n, unrenewed := r.NewOperations(), LeftUnrenewed(r)
	text := operationCounts(n, true)
	if unrenewed > 0 {
		text = JoinClauses(text, "nothing will renew "+Plural(unrenewed, "certificate", "certificates")+" from then on")
	}
	switch {
	case n.Orders > 0:
		text += ". ! marks an order"
	case text == "" && r.Base != nil:
		text = "this change starts nothing"
	}
	return prefixed("Plan: ", text)
}

// LeftUnrenewed counts the certificates that the plan, or the change under review, leaves
// without a renewal.
func LeftUnrenewed(r report.Report) int {
	leaves := func(s plan.Step) bool { return LeavesUnrenewed(s) || r.Base != nil && s.Is(cert.NothingRenews) }
	return len(r.Base.Abandoned()) + len(r.ThisChange().Where(leaves).Steps)
}

// operationCounts counts CA orders, in kinds too where that is wanted, and edits.
func operationCounts(n view.Summary, kinds bool) string {
	orders := Plural(n.Orders, "CA order", "CA orders")
	if kinds && n.Orders > 0 {
		orders += " (" + JoinCounts(orderKinds(n)...) + ")"
	}
	return JoinCounts(orders, Plural(n.Edits, "edit", "edits"))
}

// orderKinds counts CA orders by what they are.
func orderKinds(n view.Summary) []string {
	return []string{Plural(n.Renewals, "renewal", "renewals"), Plural(n.Reissues, "reissue", "reissues"), Plural(n.Retriggers, "retrigger", "retriggers")}
}

// OperationKinds counts operations by what they are: "3 renewals, 2 edits".
func OperationKinds(n view.Summary) string {
	return JoinCounts(append(orderKinds(n), Plural(n.Edits, "edit", "edits"))...)
}

// AlsoApplied counts what the merge of the change under review also applies.
func AlsoApplied(r report.Report) string {
	text := operationCounts(r.PendingOperations(), false)
	if text != "" {
		text += " of earlier commits (list: -v)"
	}
	return prefixed("Also applied by this merge: ", JoinClauses(text, Differing(r.Plan)))
}

// Elsewhere counts what needs action and is not about the change under review.
func Elsewhere(r report.Report) string {
	p, l := r.Pending().Where(plan.Step.NeedsAction), view.ListedOf(r.Plan)
	read, errors := p.Where(plan.Step.Alarms).Steps, len(view.In(p, view.Errors))
	text := prefixed("Elsewhere: ", JoinCounts(append(alarmCounts(p, l), Plural(errors, "error", "errors"),
		Plural(len(p.Steps)-len(read)-errors, "other needs action", "others need action"))...))
	if alarms := (plan.Plan{Steps: slices.Concat(read, l.Expired, l.Expiring)}).SoonestFirst(); len(alarms) > 0 {
		text += "; first: " + Title(alarms[0]) + ", " + Expiry(alarms[0], r.Plan.Now)
	}
	return text
}

// ExpiryCounts counts what is out of service, or soon will be. With a base that is what is
// elsewhere.
func ExpiryCounts(r report.Report) string {
	var parts []string
	if r.Base == nil {
		parts = alarmCounts(r.Plan, view.Listed{})
	}
	if n := len(r.Expiring()); n > 0 {
		parts = append(parts, Plural(n, "expires", "expire")+" within "+Duration(r.ExpiringWithin)+" (--fail-on-expiring)")
	}
	return prefixed("Expiry: ", JoinCounts(parts...))
}

// alarmCounts counts an outage apart from what is still active.
func alarmCounts(p plan.Plan, l view.Listed) []string {
	a := view.AlarmsOf(p)
	return []string{Plural(len(a.Revoked), "REVOKED", "REVOKED"), Plural(len(a.Expired)+len(l.Expired), "EXPIRED", "EXPIRED"), ExpireSoon(p, l)}
}

// ExpireSoon counts what expires soon, and what becomes of it.
func ExpireSoon(p plan.Plan, l view.Listed) string {
	a := view.AlarmsOf(p)
	soon := slices.Concat(a.Unrenewed, a.Failed, a.Renewing, l.Expiring)
	within, renewed := Within(soon, p.Now), renewedSoon(p, soon)
	expire := Plural(len(soon)+renewed, "expires", "expire") + within
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

// renewedSoon counts what expires as soon as others that need action, and is renewed by the plan.
func renewedSoon(p plan.Plan, soon []plan.Step) int {
	if len(soon) == 0 {
		return 0
	}
	days := daysOf(soon, p.Now)
	return len(p.Where(func(s plan.Step) bool {
		return s.Makes(plan.Renew) && !s.Alarms() && !s.Have.Expired(p.Now) && plan.DaysUntil(s.Have.Expires, p.Now) < days
	}).Steps)
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
	text := JoinCounts(Plural(n.Errors, "error", "errors"), action,
		Plural(n.Changing, "to change", "to change"), Plural(n.Deferred, "deferred", "deferred"), Plural(n.Withheld, "not approved", "not approved"),
		Plural(n.Protected, "protected", "protected"), Plural(n.UpToDate, "up to date", "up to date"), Plural(n.NotEvaluated, "not evaluated", "not evaluated"))
	if n.Total == 1 {
		return strings.TrimPrefix(text, "1 ")
	}
	return text
}

// CertificateCounts counts the certificates of the plan, and what is beside them.
func CertificateCounts(r report.Report) string {
	n := view.Summarize(r.Plan)
	text := Plural(n.Total, "certificate", "certificates") + ": " + States(n)
	unmanaged := "unmanaged: not read"
	if r.Plan.Complete {
		unmanaged = fmt.Sprintf("%d unmanaged", len(r.Plan.Unmanaged))
		if soon := len(view.UnmanagedExpiring(r.Plan)); soon > 0 {
			unmanaged += fmt.Sprintf(" (see  %s  for %d expired or about to expire)", Again(r.Flags, r.Paths, "list", "--unmanaged"), soon)
		}
	}
	if rest := JoinCounts(unmanaged); rest != "" {
		text += ". " + rest
	}
	return text
}

// NoteCounts counts what asks nobody to act.
func NoteCounts(p plan.Plan) string {
	n := view.Summarize(p)
	text := JoinCounts(Plural(n.Overlap, "overlaps", "overlap")+" with other manifests", Plural(n.Notes, "note", "notes"))
	if text == "" {
		return ""
	}
	return text + " (-v)"
}

// LimitCounts says how much of each limit the plan takes.
func LimitCounts(l plan.Limits) string {
	of := func(l plan.Limit, what string) string { return fmt.Sprintf("%d of %d %s", l.Count, l.Limit, what) }
	return prefixed("Limits: ", JoinCounts(of(l.DomainChanges, "domain changes"), of(l.Renewals, "renewals and retriggers"), of(l.Edits, "edits")))
}

// Refusal is an exceeded limit: what it stops, the flag that allows all of it, and the command
// that applies one certificate alone.
type Refusal struct{ Text, All, One string }

// Exceeded returns the exceeded limits.
func Exceeded(r report.Report) []Refusal {
	effect := ": " + Aside(LimitEffect(r))
	return Each(view.Excesses(r.Plan), func(e view.Excess) Refusal {
		what, flag := Excess(e)
		text := fmt.Sprintf("LIMIT EXCEEDED: %s, limit %d%s", what, e.Limit.Limit, effect)
		effect = ""
		return Refusal{text, fmt.Sprintf("%s %d", flag, e.Count), onlyCommand(r, e.Steps[0].Want)}
	})
}

// NothingWritten says that a plan wrote nothing, and what it cost.
func NothingWritten(r report.Report) string {
	if r.Apply {
		return "Nothing was written so far (" + Reads(r.Requests) + ")."
	}
	return "Nothing was written (" + Reads(r.Requests) + ")."
}

// Reads counts what was only read.
func Reads(c report.Requests) string {
	text := Plural(c.Reads, "read", "reads")
	if c.Queries > 0 {
		text += ", " + Plural(c.Queries, "DNS query", "DNS queries")
	}
	return text
}

// Chosen are the flags that choose manifests, and how many of them they choose.
func Chosen(r report.Report) string {
	if len(r.Chosen) == 0 {
		return ""
	}
	text := Paths(r.Chosen)
	if r.Manifests > 0 {
		text += fmt.Sprintf(", %d of %d", len(r.Plan.Steps), r.Manifests)
	}
	return text
}

// ShortCommit is enough of a commit to find it.
func ShortCommit(c string) string { return c[:min(len(c), 7)] }

// Differing says what a merge also applies, as far as the list shows it; "" for nothing.
func Differing(p plan.Plan) string {
	n := len(view.ListedOf(p).Differing)
	if n == 0 {
		return ""
	}
	return "what differs in " + Plural(n, "other certificate", "other certificates") + " (not evaluated; --read-status all)"
}
