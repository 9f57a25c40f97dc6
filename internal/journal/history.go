package journal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// History is the writes of earlier runs.
type History struct {
	// Pending holds the orders that may have been placed and that no reading has shown,
	// oldest first.
	Pending []Entry
	// Refused holds the writes that the API rejected when they were last sent.
	Refused map[cert.ID][]plan.Refusal

	// Applied is when an apply last came to its end, or zero.
	Applied time.Time

	done []made
	all  []*Entry
}

// Writes returns the writes to a request, oldest first.
func (h History) Writes(id cert.ID) (all []Entry) {
	for _, e := range h.all {
		if e.ID == id {
			all = append(all, *e)
		}
	}
	return all
}

// made is a write whose effect was read right afterwards.
type made struct {
	id  cert.ID
	by  string // who changed the request last, by that reading
	own plan.Own
}

// Own returns the writes of a client, by request: those after which a reading named it as the
// last to change the request.
func (h History) Own(client string) map[cert.ID][]plan.Own {
	own := map[cert.ID][]plan.Own{}
	for _, m := range h.done {
		if client != "" && m.by == client {
			own[m.id] = append(own[m.id], m.own)
		}
	}
	return own
}

// Ordered returns when the last order of each request was sent that the journal does not say
// to have been refused, held back or never placed.
func (h History) Ordered() map[cert.ID]time.Time {
	at := map[cert.ID]time.Time{}
	for _, e := range h.all {
		placed := e.Outcome == seenLater || !harmless[e.Outcome]
		if e.Operation.Order() && placed && e.Time.After(at[e.ID]) {
			at[e.ID] = e.Time
		}
	}
	return at
}

// mayBePlaced returns the orders that may have been placed and that no reading has shown.
func mayBePlaced(all []*Entry) (orders []Entry) {
	for _, e := range all {
		if e.Operation.Order() && !harmless[e.Outcome] {
			orders = append(orders, *e)
		}
	}
	return orders
}

// Pending splits the pending orders of the journal at path by what was read of the account:
// those that are still pending, by request, and those that a reading shows. A request that
// was not read shows nothing.
func Pending(path string, entries []Entry, pairs []plan.Pair) (orders map[cert.ID]plan.PendingOrder, shown []Entry) {
	orders = map[cert.ID]plan.PendingOrder{}
	for _, e := range entries {
		shows := slices.ContainsFunc(pairs, func(p plan.Pair) bool {
			return p.Want.ID == e.ID && p.Found && p.Err == nil && plan.TookEffect(e.Operation, e.Before, p.Have)
		})
		if shows {
			shown = append(shown, e)
		} else {
			order := plan.PendingOrder{Kind: e.Operation.Kind, Sent: e.Time, Line: fmt.Sprintf("%s:%d", path, e.Line)}
			if accepted[e.Outcome] {
				order.Answered = e.OutcomeAt
			}
			if before, ok := orders[e.ID]; !ok || !before.Answered.IsZero() { // a lost answer counts more
				orders[e.ID] = order
			}
		}
	}
	return orders, shown
}

// refusals returns the writes that the API rejected when they were last sent, by request.
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
