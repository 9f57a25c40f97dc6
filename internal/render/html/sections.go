package html

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// mostOpen is how many certificates of a card are open; the rest is folded behind a count.
const mostOpen = 50

// part is certificates in cards, where a person must act, or in rows of the table.
type part struct {
	ID, Title, Class string
	grouped          bool // by cause
	Groups           []group
}

// group is certificates with one cause and one action.
type group struct {
	Count      int
	Shared     []fact
	Open, Rest []entry
}

func (s sheet) urgent() []part {
	return s.filled(part{ID: "revoked", Title: "Revoked by the CA", Class: "out"}, part{ID: "expired", Title: "Expired", Class: "out"},
		part{ID: "expiring", Title: "Expires" + s.soon(), Class: "act"})
}

func (s sheet) other() []part {
	title := "Action required"
	if len(s.alarms()) > 0 {
		title = "Other action required"
	}
	return s.filled(part{ID: "errors", Title: "Errors: not planned", Class: "act"}, part{ID: "action", Title: title, Class: "act"})
}

func (s sheet) table() []part {
	return s.filled(part{ID: "changes", Title: "Changes"}, part{ID: "deferred", Title: "Deferred: a later run sends this", grouped: true},
		part{ID: "withheld", Title: "Not approved"},
		part{ID: "protected", Title: "Protected: different, and policy.protect keeps it"},
		part{ID: "unmanaged", Title: "Unmanaged: requests without a manifest" + s.unmanagedExpiring()}, part{ID: "up-to-date", Title: "Up to date"})
}

// filled are the parts that have certificates, with them.
func (s sheet) filled(all ...part) []part {
	var filled []part
	for _, p := range all {
		steps := s.parts[p.ID]
		if len(steps) == 0 {
			continue
		}
		p.Title = fmt.Sprintf("%s (%d)", p.Title, len(steps))
		if !p.grouped && p.Class == "" {
			p.Groups = []group{{Open: words.Each(steps, func(step plan.Step) entry { return s.entry(step, s.facts(step, view.Group{})) })}}
		} else {
			p.Groups = words.Each(view.Groups(plan.Plan{Now: s.Plan.Now, Steps: steps}), s.group)
		}
		filled = append(filled, p)
	}
	return filled
}

// group writes cause and action once. A reason or a deadline that differs stands at each
// certificate.
func (s sheet) group(g view.Group) group {
	out := group{Count: len(g.Steps), Shared: reasonFacts(g.Reason, g.Until, words.GroupAction(s.Report, g, "before the name"))}
	dated := words.DatesDiffer(g)
	all := words.Each(g.Steps, func(step plan.Step) entry {
		e := s.entry(step, s.facts(step, g))
		if dated {
			e.By = words.Clean(words.Deadline(step))
		}
		return e
	})
	if len(all) == 1 {
		out.Shared, all[0].Facts = nil, s.facts(g.Steps[0], view.Group{})
	}
	out.Open, out.Rest = all[:min(mostOpen, len(all))], all[min(mostOpen, len(all)):]
	return out
}
