package words

import (
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// GroupTitle says what is the matter with the certificates of a group.
func GroupTitle(g view.Group, now time.Time) string {
	count := Plural(len(g.Steps), "certificate")
	all := func(is func(plan.Step) bool) bool {
		return !slices.ContainsFunc(g.Steps, func(s plan.Step) bool { return !is(s) })
	}
	same := func(text func(plan.Step) string) string {
		first := text(g.Steps[0])
		if all(func(s plan.Step) bool { return text(s) == first }) {
			return first
		}
		return ""
	}
	agree := func(one, many string) string { return " " + Agree(len(g.Steps), one, many) }
	state := same(func(s plan.Step) string { return plan.State(s.Phase, s.Have, now) })
	switch {
	case g.Steps[0].Fault != nil:
		return count + " could not be planned"
	case all(func(s plan.Step) bool { return s.Is(cert.Revoked) }):
		return count + " REVOKED by the CA"
	case all(func(s plan.Step) bool { return s.Is(cert.PastExpiry) }):
		return count + agree("has", "have") + " EXPIRED"
	case all(func(s plan.Step) bool { return s.Is(cert.Expiring) }):
		return count + agree("expires", "expire") + Within(g.Steps, now) +
			prefixed(", ", ofAll.Replace(same(func(s plan.Step) string { return renewalWords(s, now) })))
	case state != "" && g.Steps[0].Phase != cert.Active:
		return count + ": " + state
	case g.Next == plan.Person:
		return count + agree("needs", "need") + " action"
	default:
		return count
	}
}

// ofAll makes what is said of one certificate a word about several.
var ofAll = strings.NewReplacer("renew it", "renew them", "renews it", "renews them", "its renewal is", "their renewal is")

// GroupAction is what a person does about each certificate of a group. A deadline that is not
// the same for all stands at each certificate; where says how.
func GroupAction(r report.Report, g view.Group, where string) string {
	switch by := Deadline(g.Steps[0]); {
	case g.Action.Kind != plan.Advice:
		return Do(g.Action, r.Flags, r.Paths)
	case DatesDiffer(g):
		return g.Action.Text + ", by the date " + where
	case by != "":
		return by + ": " + g.Action.Text
	default:
		return g.Action.Text
	}
}

// Deadline is until when a person acts: "by 2026-11-27", "now", or "".
func Deadline(s plan.Step) string {
	for _, w := range s.Asking() {
		return w.Do.By
	}
	return ""
}

// DatesDiffer reports whether certificates of a group have deadlines of their own.
func DatesDiffer(g view.Group) bool {
	return len(slices.Compact(Each(g.Steps, Deadline))) > 1
}

// ActionClause is "action: …", or "" where nobody has to act.
func ActionClause(do string) string { return prefixed("action: ", do) }

// UntilClause is "until …", or "" where only a person ends it.
func UntilClause(b plan.Withheld) string { return prefixed("until ", Until(b)) }

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// JoinClauses joins the clauses that are not empty.
func JoinClauses(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

// ChangeMark tells what creates a CA order from what does not.
func ChangeMark(e cert.Edit) string {
	if e == cert.EditDomains || e == cert.EditRenew || e == cert.EditRetrigger {
		return "!"
	}
	return "~"
}

// Wanted is a change that is not sent, on one line.
func Wanted(b plan.Withheld) string {
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		return "! " + b.Edit.String()
	case b.Edit >= cert.NumEdits:
		is, not := FromTo(b.Change)
		return b.Edit.String() + " is " + is + ", not " + not
	case b.Verdict == plan.ExtraDomain:
		return "domains " + strings.Join(Each(b.Change.Remove, cert.DisplayName), ", ")
	case b.Edit == cert.EditDomains:
		return "! domains " + summed(b.Change)
	case IsLong(b.Change.From, b.Change.To):
		return "~ " + b.Edit.String() + " " + TextDiff(b.Change.From, b.Change.To, Folded)
	default:
		return "~ " + changed(b.Change)
	}
}
