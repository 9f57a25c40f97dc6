package journal

import (
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Held parts the orders that the journal of a path holds by what was read of the
// account: those of which no reading shows anything so far, by request, and those that
// one shows. A request that was not read shows nothing.
func Held(path string, entries []Entry, pairs []plan.Pair) (held map[cert.ID]plan.Hold, shown []Entry) {
	held = map[cert.ID]plan.Hold{}
	for _, e := range entries {
		shows := slices.ContainsFunc(pairs, func(p plan.Pair) bool {
			return p.Want.ID == e.ID && p.Found && p.Err == nil && plan.TookEffect(e.Operation, e.Before, p.Have)
		})
		if shows {
			shown = append(shown, e)
		} else {
			hold := plan.Hold{Kind: e.Operation.Kind, Sent: e.Time, Line: fmt.Sprintf("%s:%d", path, e.Line)}
			if accepted[e.Outcome] {
				hold.Answered = e.Told
			}
			if before, ok := held[e.ID]; !ok || !before.Answered.IsZero() { // a lost answer weighs more
				held[e.ID] = hold
			}
		}
	}
	return held, shown
}
