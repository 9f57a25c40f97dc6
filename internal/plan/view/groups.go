package view

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Group is the certificates that one cause and one action have in common.
type Group struct {
	Cause  string // a code of an error or a warning, or a rule
	Action plan.Action
	Next   plan.Actor
	IDs    []cert.ID // the soonest end first
}

// Groups returns why certificates need action or are not changed now. A certificate is in
// each group that it has a cause of.
func Groups(p plan.Plan) []Group {
	type key struct {
		cause  string
		action plan.Action
		next   plan.Actor
	}
	var all []Group
	at := map[key]int{}
	for _, s := range p.SoonestFirst() {
		for _, cause := range causesOf(s) {
			k := key{cause.Cause, cause.Action, cause.Next}
			if _, known := at[k]; !known {
				at[k], all = len(all), append(all, cause)
			}
			if g := &all[at[k]]; !slices.Contains(g.IDs[max(0, len(g.IDs)-1):], s.Want.ID) {
				g.IDs = append(g.IDs, s.Want.ID)
			}
		}
	}
	return all
}

func causesOf(s plan.Step) []Group {
	if f := s.Fault; f != nil {
		return []Group{{Cause: f.Code, Action: plan.Advise(f.Hint), Next: plan.Person}}
	}
	var all []Group
	for _, w := range s.Asking() {
		all = append(all, Group{Cause: string(w.Code), Action: w.Do, Next: plan.Person})
	}
	for _, b := range s.Withheld {
		if !b.Protects() {
			all = append(all, Group{Cause: string(b.Rule), Action: b.Do, Next: b.Next})
		}
	}
	return all
}
