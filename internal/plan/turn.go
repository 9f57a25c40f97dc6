package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Turn says who has to move next so that a request goes on.
type Turn struct {
	Nobody bool // nothing is under way and nothing is to be done; Next then means nothing
	Next   Actor
	Do     []string // what a person does, or what is waited for; each a clause
}

// Turn returns who moves next: a person if one is needed, then the next apply, then
// whoever works on the request.
func (s Step) Turn(now time.Time) Turn {
	switch {
	case s.Fault != nil:
		return Turn{Next: You, Do: clauses(s.Fault.Hint)}
	case s.NeedsYou():
		return Turn{Next: You, Do: s.asked()}
	case len(s.Ops) > 0:
		return Turn{Next: NextRun, Do: clauses("run cpsync --apply")}
	}
	for _, b := range s.Blocked {
		if b.waits() {
			return Turn{Next: b.Next, Do: clauses("until " + b.Until)}
		}
	}
	switch w := wordsOf(s.Phase, s.Have, now); {
	case s.Phase != cert.Active && w.next == You:
		return Turn{Next: You, Do: clauses(w.do)}
	case s.Phase != cert.Active:
		return Turn{Next: w.next, Do: clauses("until " + w.until)}
	}
	return Turn{Nobody: true}
}

// asked is what a person is asked to do, each thing once.
func (s Step) asked() []string {
	var all []string
	for _, w := range s.Asking() {
		all = append(all, clauses(w.Do)...)
	}
	for _, b := range s.Blocked {
		if b.NeedsYou() {
			all = append(all, clauses(b.Do)...)
		}
	}
	var once []string
	for _, do := range all {
		if !slices.Contains(once, do) {
			once = append(once, do)
		}
	}
	return once
}

func clauses(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
