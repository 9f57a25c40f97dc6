package journal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// History is what a journal says of earlier runs.
type History struct {
	// Pending are the orders that may have been placed and that no reading has shown so
	// far, oldest first.
	Pending []Entry
	// Refused are the writes that the API refused when they were last made.
	Refused map[cert.ID][]plan.Refusal

	// Applied is when an apply last came to its end; zero when none did.
	Applied time.Time

	done []made
	all  []*Entry
}

// Writes returns the writes to a request, the oldest first.
func (h History) Writes(id cert.ID) (all []Entry) {
	for _, e := range h.all {
		if e.ID == id {
			all = append(all, *e)
		}
	}
	return all
}

// made is a write that was made, and was read afterwards.
type made struct {
	id  cert.ID
	by  string // who changed the request last, by that reading
	own plan.Own
}

// Own returns the writes that a client of this name made, by request: those of which a
// reading right afterwards named it as the last to change the request.
func (h History) Own(client string) map[cert.ID][]plan.Own {
	own := map[cert.ID][]plan.Own{}
	for _, m := range h.done {
		if client != "" && m.by == client {
			own[m.id] = append(own[m.id], m.own)
		}
	}
	return own
}

// mayBePlaced leaves the orders of which it is not known that they were not placed, nor
// that a reading showed them.
func mayBePlaced(all []*Entry) (held []Entry) {
	for _, e := range all {
		if e.Operation.Order() && !harmless[e.Outcome] {
			held = append(held, *e)
		}
	}
	return held
}

// Pending parts the orders that the journal of a path holds by what was read of the
// account: those of which no reading shows anything so far, by request, and those that
// one shows. A request that was not read shows nothing.
func Pending(path string, entries []Entry, pairs []plan.Pair) (held map[cert.ID]plan.PendingOrder, shown []Entry) {
	held = map[cert.ID]plan.PendingOrder{}
	for _, e := range entries {
		shows := slices.ContainsFunc(pairs, func(p plan.Pair) bool {
			return p.Want.ID == e.ID && p.Found && p.Err == nil && plan.TookEffect(e.Operation, e.Before, p.Have)
		})
		if shows {
			shown = append(shown, e)
		} else {
			hold := plan.PendingOrder{Kind: e.Operation.Kind, Sent: e.Time, Line: fmt.Sprintf("%s:%d", path, e.Line)}
			if accepted[e.Outcome] {
				hold.Answered = e.OutcomeAt
			}
			if before, ok := held[e.ID]; !ok || !before.Answered.IsZero() { // a lost answer weighs more
				held[e.ID] = hold
			}
		}
	}
	return held, shown
}

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
