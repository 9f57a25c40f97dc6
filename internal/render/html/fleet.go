package html

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// row is a certificate in the list of all.
type row struct {
	Name, ID, Place string
	State           string
	Ends            string // its day; "" until one was issued
	Renewal         string // what renews it
	Next            string // who acts next; "" when nobody has to
	Tags            string
	Alarm           bool
}

// actors are who may act next.
var actors = map[plan.Actor]string{plan.Person: "a person", plan.NextRun: "the next apply", plan.CA: "the CA", plan.CDN: "the CDN"}

// tagsOf are the tags of the manifest, in order.
func tagsOf(s plan.Step) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(s.Want.Tags)) {
		all = append(all, words.Clean(key+"="+s.Want.Tags[key]))
	}
	return strings.Join(all, ", ")
}

// fleetOf lists all certificates, the soonest end first.
func fleetOf(p plan.Plan) []row {
	steps := slices.Clone(p.Steps)
	slices.SortStableFunc(steps, func(a, b plan.Step) int {
		return cmp.Or(cmp.Compare(noEnd(a), noEnd(b)), a.Have.Expires.Compare(b.Have.Expires))
	})
	return words.Each(steps, func(s plan.Step) row {
		c := cardOf(s, p, nil)
		r := row{Name: c.Name, ID: c.ID, Place: c.Place, State: c.State, Alarm: c.Alarm, Tags: tagsOf(s)}
		if next := view.WhoActs(s, p.Now); !next.Nobody {
			r.Next = actors[next.Next]
		}
		if s.Fault != nil {
			r.State = "could not be planned"
			return r
		}
		if hasEnd(s) {
			r.Ends = s.Have.Expires.UTC().Format(plan.Date)
		}
		r.Renewal = words.Clean(words.Renewal(s.Renewal(p.Now)))
		return r
	})
}

// noEnd sorts what has no end last.
func noEnd(s plan.Step) int { return words.B2i(!hasEnd(s)) }

func unmanagedOf(p plan.Plan) list[string] {
	return listOf(words.Each(p.Unmanaged, func(have cert.Live) string { return words.Clean(words.LiveTitle(have)) }))
}
