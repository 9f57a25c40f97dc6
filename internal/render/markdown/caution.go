package markdown

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// cautionBytes is the size above which the caution says less about each certificate. It
// never leaves one out.
const cautionBytes = 12_000

// caution names every certificate that was revoked, has ended or ends soon, or whose renewal
// should be under way by now and is not, but for those of which the manifest says that this
// is fine: a group for each.
func (s sheet) caution() string {
	a := view.AlarmsOf(s.Plan)
	all, unsure := view.Unrenewed(s.Plan)
	nothing, yet := words.SplitByRenewal(all, s.Plan.Now)
	type group struct {
		title string
		steps []plan.Step
	}
	groups := slices.DeleteFunc([]group{
		{words.Plural(len(a.Revoked), "certificate was", "certificates were") + " revoked by the CA", a.Revoked},
		{words.Plural(len(a.Ended), "certificate has", "certificates have") + " ended", a.Ended},
		{dueFor(nothing) + ", and nothing renews " + pronoun(len(nothing)), nothing},
		{dueFor(yet) + ", and no renewal is ordered yet", yet},
		{dueFor(unsure) + "; an order failed, or its state is not known", unsure},
		{words.Plural(len(a.Renewing), "certificate ends", "certificates end") + " soon, and an order is open", a.Renewing},
	}, func(g group) bool { return len(g.steps) == 0 })
	if len(groups) == 0 {
		return ""
	}
	var b strings.Builder
	for _, g := range groups {
		b.WriteString(">\n> **" + g.title + ":**\n>\n" + s.shortestLines(g.steps, cautionBytes/len(groups),
			func(step plan.Step) string { return s.titleAndState(step) + ": " + reasonsOf(s.expiry(step)) }, s.titleAndState))
	}
	return "> [!CAUTION]\n" + strings.TrimPrefix(b.String(), ">\n") + "\n"
}

func (s sheet) expiry(step plan.Step) plan.Warning {
	w, _ := view.WhyExpiring(step, s.Plan.Now)
	return w
}

// dueFor counts certificates that end soon, or whose renewal should have begun.
func dueFor(steps []plan.Step) string {
	text := words.Plural(len(steps), "certificate ends", "certificates end") + " soon"
	if slices.ContainsFunc(steps, func(step plan.Step) bool { return !step.Is(cert.Expiring) }) {
		text = words.Plural(len(steps), "certificate is", "certificates are") + " due for renewal"
	}
	return text
}

func pronoun(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// titleAndState names a certificate and says when it ends.
func (s sheet) titleAndState(step plan.Step) string {
	return title(step) + " " + s.state(step)
}

// shortestLines writes a line for each step in the first way that is short enough. When
// none is, it gathers them by the day they end.
func (s sheet) shortestLines(steps []plan.Step, most int, ways ...func(plan.Step) string) string {
	for _, way := range ways {
		var b strings.Builder
		for _, step := range steps {
			b.WriteString("> - " + way(step) + "\n")
		}
		if b.Len() <= most {
			return b.String()
		}
	}
	return byDay(steps)
}

// byDay writes a line for each day and the ids of what ends on it, which is a few
// bytes for each. The steps come in the order they end.
func byDay(steps []plan.Step) string {
	var b strings.Builder
	day := ""
	for _, step := range steps {
		ends := step.Have.Expires.UTC().Format(plan.Date)
		if ends != day {
			b.WriteString(newline(day) + "> - " + ends + ", by id:")
			day = ends
		} else {
			b.WriteString(",")
		}
		b.WriteString(" " + word(step.Want.ID.String()))
	}
	return b.String() + "\n"
}

// newline ends the line before, where there is one.
func newline(before string) string {
	if before == "" {
		return ""
	}
	return "\n"
}
