package html

import (
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// entry is a certificate: in a card, or a row of the table.
type entry struct {
	By              string // the deadline, where each certificate of a card has its own
	Name, ID, Place string
	Label           string // where it is not the name
	State           string // in a card
	Facts           []fact

	// In the table.
	Expires, Left, Class, Short, Next, Tags string
}

func (s sheet) entry(step plan.Step, facts []fact) entry {
	now, name := s.Plan.Now, step.Want.Name
	if step.Fault == nil {
		name = words.Name(step.Have, name)
	}
	l := words.RowOf(report.Listing{Now: now}, step)
	e := entry{Name: words.Clean(name), ID: l.ID, Label: words.Label(step.Have), Place: words.Place(view.Place(step)), Facts: facts,
		Expires: l.Expires, Short: words.Clean(l.State), Next: words.Clean(s.nextOf(step, l)), Tags: tagsOf(step)}
	if step.Fault == nil {
		e.State = words.Clean(words.State(step, now))
	}
	switch end := step.Have.Expires; {
	case end.IsZero():
		e.Expires = "-"
	case step.Have.Expired(now):
		e.Left = plan.Span(end, now) + " ago"
	default:
		e.Left = "in " + plan.Span(end, now)
	}
	if plan.Revoked(step.Have) || step.Have.Expired(now) {
		e.Class = "out"
	}
	return e
}

// nextOf says who acts next: where nothing is under way, who renews the certificate.
func (s sheet) nextOf(step plan.Step, l words.Row) string {
	if next := view.WhoActs(step, s.Plan.Now); !next.Nobody {
		return words.Actors[next.Next]
	}
	switch r := step.Renewal(s.Plan.Now); r.Kind {
	case plan.RenewalByCPS:
		return "CPS renews from about " + r.At.UTC().Format(plan.Date)
	case plan.RenewalByPolicy:
		return "cpsync renews from about " + r.At.UTC().Format(plan.Date)
	case plan.RenewalNone:
		return "nothing renews it"
	default:
		return l.RenewedBy
	}
}

// tagsOf are the tags of the manifest, in order.
func tagsOf(s plan.Step) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(s.Want.Tags)) {
		all = append(all, words.Clean(key+"="+s.Want.Tags[key]))
	}
	return strings.Join(all, ", ")
}

func (s sheet) unmanagedExpiring() string {
	n := len(view.UnmanagedExpiring(s.Plan))
	if n == 0 {
		return ""
	}
	return "; " + words.Plural(n, "has expired or expires soon", "have expired or expire soon")
}
