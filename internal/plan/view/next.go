package view

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// NextActor says who acts next so that a request goes on.
type NextActor struct {
	Nobody bool // nothing is in progress and nothing is to be done; Next then means nothing
	Next   plan.Actor
	Do     []plan.Action // what a person does, or what is waited for
}

// WhoActs returns who acts next: a person if one is needed, then the next apply, then
// whoever works on the request.
func WhoActs(s plan.Step, now time.Time) NextActor {
	switch {
	case s.Fault != nil:
		return NextActor{Next: plan.Person, Do: actions(plan.Advise(s.Fault.Hint))}
	case s.NeedsAction():
		return NextActor{Next: plan.Person, Do: asked(s)}
	case len(s.Ops) > 0:
		return NextActor{Next: plan.NextRun, Do: []plan.Action{plan.Advise("run cpsync --apply")}}
	}
	for _, b := range s.Withheld {
		if b.Waits() {
			return NextActor{Next: b.Next, Do: []plan.Action{plan.Advise("until " + b.Until)}}
		}
	}
	switch w := plan.WordsOf(s.Phase, s.Have, now); {
	case s.Phase != cert.Active && w.Next == plan.Person:
		return NextActor{Next: plan.Person, Do: actions(w.Do)}
	case w.Next == plan.CDN && s.Have.Order.Queued():
		return NextActor{Next: plan.CDN, Do: []plan.Action{plan.Advise("until it has placed the order at the CA")}}
	case s.Phase != cert.Active:
		return NextActor{Next: w.Next, Do: []plan.Action{plan.Advise("until " + w.Until)}}
	}
	return NextActor{Nobody: true}
}

// Before returns who acts next where it was seen what is served: that counts where nothing
// else is to be done, and an expired certificate comes before everything else.
func (n NextActor) Before(v plan.Served) NextActor {
	if v.Do.None() || !n.Nobody && v.Worst.Finding != cert.EdgeExpired {
		return n
	}
	all := []plan.Action{v.Do}
	if n.Next == v.Next {
		all = append(all, n.Do...)
	}
	return NextActor{Next: v.Next, Do: all}
}

// asked is what a person is asked to do, each action once.
func asked(s plan.Step) []plan.Action {
	var all []plan.Action
	for _, w := range s.Asking() {
		all = append(all, w.Do)
	}
	for _, b := range s.Withheld {
		if b.NeedsAction() {
			all = append(all, b.Do)
		}
	}
	return actions(all...)
}

// actions returns each action once, without those of nobody.
func actions(all ...plan.Action) []plan.Action {
	var once []plan.Action
	for _, a := range all {
		if !a.None() && !slices.Contains(once, a) {
			once = append(once, a)
		}
	}
	return once
}
