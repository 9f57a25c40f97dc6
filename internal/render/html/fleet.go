package html

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// phase is how many certificates are in a phase, as people call it.
type phase struct {
	Words string
	Count int
	Width float64 // of its bar, of 100
}

// phasesOf counts the fleet by phase, the largest first.
func phasesOf(p plan.Plan) []phase {
	counts := map[string]int{}
	for _, s := range p.Steps {
		if s.Fault != nil {
			counts["could not be planned"]++
			continue
		}
		counts[plan.State(s.Phase, s.Have, p.Now)]++
	}
	var all []phase
	for words, n := range counts {
		all = append(all, phase{words, n, 100 * float64(n) / float64(len(p.Steps))})
	}
	slices.SortFunc(all, func(a, b phase) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Words, b.Words))
	})
	return all
}

// turn is what waits for somebody.
type turn struct {
	Who  string
	List list[card]
}

// turnsOf says what waits for whom, the soonest end first: a person, the CA, the CDN,
// the next apply.
func turnsOf(p plan.Plan) []turn {
	cards := map[plan.Actor][]card{}
	for _, s := range p.SoonestFirst() {
		t := view.WhoActs(s, p.Now)
		if t.Nobody {
			continue
		}
		var facts []fact
		for _, do := range t.Do {
			facts = append(facts, fact{Text: words.Clean(do.String())})
		}
		cards[t.Next] = append(cards[t.Next], cardOf(s, p, facts))
	}
	var all []turn
	for _, who := range []struct {
		actor plan.Actor
		word  string
	}{{plan.Person, "you"}, {plan.NextRun, "the next apply"}, {plan.CA, "the CA"}, {plan.CDN, "the CDN"}} {
		if list := cards[who.actor]; len(list) > 0 {
			all = append(all, turn{who.word, listOf(list)})
		}
	}
	return all
}

// row is a certificate in the list of all.
type row struct {
	Name, ID, Place string
	State           string
	Ends            string // its day; "" until one was issued
	Renewal         string // what renews it
	Alarm           bool
}

// fleetOf lists all certificates, the soonest end first.
func fleetOf(p plan.Plan) []row {
	steps := slices.Clone(p.Steps)
	slices.SortStableFunc(steps, func(a, b plan.Step) int {
		return cmp.Or(cmp.Compare(noEnd(a), noEnd(b)), a.Have.Expires.Compare(b.Have.Expires))
	})
	return words.Each(steps, func(s plan.Step) row {
		c := cardOf(s, p, nil)
		r := row{Name: c.Name, ID: c.ID, Place: c.Place, State: c.State, Alarm: c.Alarm}
		if s.Fault != nil {
			r.State = "could not be planned"
			return r
		}
		if hasEnd(s) {
			r.Ends = s.Have.Expires.UTC().Format(plan.Date)
		}
		r.Renewal = words.Clean(words.Renewal(s.Renewal(p.Now)))
		return r
	})
}

// noEnd sorts what has no end last.
func noEnd(s plan.Step) int { return words.B2i(!hasEnd(s)) }

func unmanagedOf(p plan.Plan) list[string] {
	return listOf(words.Each(p.Unmanaged, func(have cert.Live) string { return words.Clean(words.LiveTitle(have)) }))
}
