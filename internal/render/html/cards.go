package html

import (
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// mostOpen is how many certificates of a card are open; the rest is folded behind a count.
const mostOpen = 50

// part is certificates that need a person, in cards.
type part struct {
	ID, Title, Class string
	Cards            []card
}

// card is certificates with one cause and one action.
type card struct {
	Count      int
	Reasons    []fact
	Open, Rest []entry
}

// entry is a certificate of a card.
type entry struct {
	By                     string // the deadline, where each certificate has its own
	Name, ID, Place, State string
	Facts                  []fact
}

func (s sheet) urgent() []part {
	return s.cardParts(part{"revoked", "Revoked by the CA", "out", nil}, part{"expired", "Expired", "out", nil},
		part{"expiring", "Expires" + s.soon(), "act", nil})
}

func (s sheet) other() []part {
	title := "Action required"
	if len(s.alarms()) > 0 {
		title = "Other action required"
	}
	return s.cardParts(part{"errors", "Errors: not planned", "act", nil}, part{"action", title, "act", nil})
}

func (s sheet) cardParts(all ...part) []part {
	var filled []part
	for _, p := range all {
		for _, steps := range byCause(s.parts[p.ID]) {
			p.Cards = append(p.Cards, s.card(steps))
		}
		if p.Cards != nil {
			p.Title = fmt.Sprintf("%s (%d)", p.Title, len(s.parts[p.ID]))
			filled = append(filled, p)
		}
	}
	return filled
}

// cause is why a person must act, or why a change is not sent.
type cause struct {
	code, reason, until string
	do                  plan.Action
}

// causesOf returns what keeps a certificate from being up to date.
func causesOf(s plan.Step) []cause {
	if f := s.Fault; f != nil {
		return []cause{{f.Code, f.Message, "", plan.Advise(f.Hint)}}
	}
	var all []cause
	for _, w := range s.Asking() {
		all = append(all, cause{string(w.Code), w.Text, "", w.Do})
	}
	for i, b := range s.Withheld {
		if isCause(s, b) && (i == 0 || !words.SameReasons(b, s.Withheld[i-1])) {
			all = append(all, cause{string(b.Rule), b.Because, words.UntilOf(b), b.Do})
		}
	}
	return all
}

// isCause reports whether a change that is not sent is why the certificate stands where it does.
func isCause(s plan.Step, b plan.Withheld) bool {
	return len(s.Asking()) == 0 && b.NeedsAction() == s.NeedsAction()
}

// byCause parts certificates by their causes and actions, whatever the deadlines are.
func byCause(steps []plan.Step) [][]plan.Step {
	var all [][]plan.Step
	at := map[string]int{}
	for _, s := range steps {
		key := ""
		for _, c := range causesOf(s) {
			key += fmt.Sprintf("%q %q %q ", c.code, c.until, c.do.Shared())
		}
		if _, known := at[key]; !known {
			at[key], all = len(all), append(all, nil)
		}
		all[at[key]] = append(all[at[key]], s)
	}
	return all
}

// shared are the causes that certificates have in common. What differs is left to each.
func shared(steps []plan.Step) (facts []fact, sameReason, sameAction bool) {
	first := causesOf(steps[0])
	sameReason, sameAction = true, true
	for _, s := range steps {
		for i, c := range causesOf(s) {
			sameReason = sameReason && c.reason == first[i].reason
			sameAction = sameAction && c.do == first[i].do
		}
	}
	for _, c := range first {
		action := c.do.String()
		if !sameReason {
			c.reason = ""
		}
		if !sameAction {
			action = c.do.Shared().String() + words.ByTheDate
		}
		facts = append(facts, reasonFacts(c.reason, c.until, action)...)
	}
	return facts, sameReason, sameAction
}

func (s sheet) card(steps []plan.Step) card {
	facts, sameReason, sameAction := shared(steps)
	entries := words.Each(steps, func(step plan.Step) entry {
		e := entry{Name: nameOf(step), ID: step.Want.ID.String(), Place: words.Place(view.Place(step))}
		if step.Fault == nil {
			e.State = words.Clean(words.State(step, s.Plan.Now))
		}
		for _, c := range causesOf(step) {
			if !sameReason {
				e.Facts = append(e.Facts, reasonFacts(c.reason, "", "")...)
			}
			if !sameAction && e.By == "" {
				e.By = words.Clean(c.do.By)
			}
		}
		e.Facts = append(e.Facts, s.facts(step, true)...)
		return e
	})
	if len(entries) == 1 {
		entries[0].Facts, facts = slices.Concat(facts, entries[0].Facts), nil
	}
	open := min(mostOpen, len(entries))
	return card{len(entries), facts, entries[:open], entries[open:]}
}

func nameOf(s plan.Step) string {
	if s.Fault != nil {
		return words.Clean(s.Want.Name)
	}
	return words.Clean(words.Name(s.Have, s.Want.Name))
}
