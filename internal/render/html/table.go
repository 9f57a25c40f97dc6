package html

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// group is rows of the table that have their title in common.
type group struct {
	ID, Title string
	Parts     []rows
}

// rows are certificates with one cause. Where there are several, it stands above them.
type rows struct {
	Shared []fact
	Rows   []row
}

// row is a certificate that no person has to act on.
type row struct {
	Expires, Left                      string
	Name, ID, Place, State, Next, Tags string
	Class                              string
	Facts                              []fact
}

func (s sheet) groups() []group {
	var all []group
	for _, g := range []group{
		{ID: "changes", Title: "Changes"},
		{ID: "deferred", Title: "Deferred: a later run sends this"},
		{ID: "withheld", Title: "Not approved"},
		{ID: "protected", Title: "Protected: different, and policy.protect keeps it"},
		{ID: "unmanaged", Title: "Unmanaged: requests without a manifest" + s.unmanagedExpiring()},
		{ID: "up-to-date", Title: "Up to date"},
	} {
		steps := s.parts[g.ID]
		if len(steps) == 0 {
			continue
		}
		causes := [][]plan.Step{steps}
		if g.ID == "deferred" || g.ID == "protected" {
			causes = byCause(steps)
		}
		for _, same := range causes {
			part := rows{}
			if len(causes) < len(steps) && len(same) > 1 {
				part.Shared, _, _ = shared(same)
			}
			part.Rows = words.Each(same, func(step plan.Step) row { return s.row(step, part.Shared != nil) })
			g.Parts = append(g.Parts, part)
		}
		g.Title = fmt.Sprintf("%s (%d)", g.Title, len(steps))
		all = append(all, g)
	}
	return all
}

func (s sheet) unmanagedExpiring() string {
	n := len(view.UnmanagedExpiring(s.Plan))
	if n == 0 {
		return ""
	}
	return "; " + words.Plural(n, "has expired or expires soon", "have expired or expire soon")
}

func (s sheet) row(step plan.Step, told bool) row {
	l := words.RowOf(report.Listing{Now: s.Plan.Now}, step)
	r := row{Expires: l.Expires, Name: nameOf(step), ID: l.ID, Place: words.Place(view.Place(step)), State: words.Clean(l.State),
		Next: words.Clean(s.nextOf(step, l)), Tags: tagsOf(step), Facts: s.facts(step, told)}
	switch end := step.Have.Expires; {
	case end.IsZero():
		r.Expires = "-"
	case step.Have.Expired(s.Plan.Now):
		r.Left, r.Class = plan.Span(end, s.Plan.Now)+" ago", "out"
	default:
		r.Left = "in " + plan.Span(end, s.Plan.Now)
	}
	if plan.Revoked(step.Have) {
		r.Class = "out"
	}
	return r
}

// actors are who may act next.
var actors = map[plan.Actor]string{plan.Person: "a person", plan.NextRun: "the next apply", plan.CA: "the CA", plan.CDN: "the CDN"}

// nextOf says who acts next: where nothing is under way, who renews the certificate.
func (s sheet) nextOf(step plan.Step, l words.Row) string {
	if next := view.WhoActs(step, s.Plan.Now); !next.Nobody {
		return actors[next.Next]
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
