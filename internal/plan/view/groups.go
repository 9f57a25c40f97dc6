package view

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Group is the certificates that one cause and one action have in common.
type Group struct {
	Cause  string      // a code of an error or a warning, or a rule
	Action plan.Action // without what differs between certificates: deadline and id
	Next   plan.Actor
	Reason string      // the clauses that all have in common
	Until  string      // what ends it where nobody has to act; "" where that differs
	Steps  []plan.Step // the soonest end first
}

// Groups returns the certificates that need action or have withheld changes. Each is in one
// group, by what is most urgent about it. The group with the soonest end comes first. Text and
// JSON group those without operations alone: see Idle.
func Groups(p plan.Plan) []Group {
	type key struct {
		cause  string
		action plan.Action
		next   plan.Actor
	}
	var all []Group
	at := map[key]int{}
	for _, s := range p.SoonestFirst() {
		cause, is := causeOf(s)
		if !is {
			continue
		}
		k := key{cause.Cause, cause.Action, cause.Next}
		i, known := at[k]
		if !known {
			i, at[k] = len(all), len(all)
			all = append(all, cause)
		}
		g := &all[i]
		g.Steps = append(g.Steps, s)
		g.Reason = strings.Join(slices.DeleteFunc(clauses(g.Reason), func(c string) bool {
			return !slices.Contains(clauses(cause.Reason), c)
		}), "; ")
		if g.Until != cause.Until {
			g.Until = ""
		}
	}
	return all
}

// Idle returns the plan of the certificates without operations.
func Idle(p plan.Plan) plan.Plan {
	return p.Where(func(s plan.Step) bool { return len(s.Ops) == 0 })
}

// causeOf returns the most urgent cause of a certificate, as a group without certificates.
func causeOf(s plan.Step) (Group, bool) {
	if f := s.Fault; f != nil {
		return Group{Cause: f.Code, Action: plan.Advise(f.Hint), Next: plan.Person, Reason: f.Message}, true
	}
	for _, w := range s.Asking() {
		return Group{Cause: string(w.Code), Action: w.Do.Shared(), Next: plan.Person, Reason: w.Text}, true
	}
	i := slices.IndexFunc(s.Withheld, plan.Withheld.NeedsAction)
	if i < 0 {
		i = slices.IndexFunc(s.Withheld, func(b plan.Withheld) bool { return !b.Protects() })
	}
	if i < 0 {
		return Group{}, false
	}
	b := s.Withheld[i]
	return Group{Cause: string(b.Rule), Action: b.Do.Shared(), Next: b.Next, Reason: b.Because, Until: b.Until}, true
}

func clauses(reason string) []string { return strings.Split(reason, "; ") }

// IDs returns the requests of the group.
func (g Group) IDs() []cert.ID {
	var ids []cert.ID
	for _, s := range g.Steps {
		ids = append(ids, s.Want.ID)
	}
	return ids
}
