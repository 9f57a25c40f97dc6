package journal

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// refusals are the writes that the API refused when they were last made, by request.
func refusals(all []*Entry) map[cert.ID][]plan.Refusal {
	last := map[string]*Entry{}
	for _, e := range all {
		last[e.ID.String()+" "+e.Operation.Kind.String()+" "+strings.Join(e.asked, " ")] = e
	}
	refused := map[cert.ID][]plan.Refusal{}
	for _, e := range last {
		if e.Outcome == failed && e.refused != "" {
			refused[e.ID] = append(refused[e.ID], plan.Refusal{
				Kind: e.Operation.Kind, Asked: e.asked, At: e.Time, Answer: e.refused,
				Status: e.Before.Status, Order: e.Before.Order, Domains: e.domains,
			})
		}
	}
	for _, of := range refused {
		slices.SortFunc(of, func(a, b plan.Refusal) int { return b.At.Compare(a.At) })
	}
	return refused
}
