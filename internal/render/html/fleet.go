package html

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
)

// htmlPhase is how many certificates are in a phase, as people call it.
type htmlPhase struct {
	Words string
	Count int
	Width float64 // of its bar, of 100
}

// htmlPhases counts the fleet by phase, the largest first.
func htmlPhases(p plan.Plan) []htmlPhase {
	counts := map[string]int{}
	for _, s := range p.Steps {
		if s.Fault != nil {
			counts["could not be planned"]++
			continue
		}
		counts[plan.State(s.Phase, s.Have, p.Now)]++
	}
	var all []htmlPhase
	for words, n := range counts {
		all = append(all, htmlPhase{words, n, 100 * float64(n) / float64(len(p.Steps))})
	}
	slices.SortFunc(all, func(a, b htmlPhase) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Words, b.Words))
	})
	return all
}

// htmlTurn is what waits for somebody.
type htmlTurn struct {
	Who  string
	List htmlList
}

// htmlTurns says what waits for whom, the soonest end first: a person, the CA, the CDN,
// the next apply.
func htmlTurns(p plan.Plan) []htmlTurn {
	cards := map[plan.Actor][]htmlCard{}
	for _, s := range p.SoonestFirst() {
		t := s.Turn(p.Now)
		if t.Nobody {
			continue
		}
		var facts []htmlFact
		for _, do := range t.Do {
			facts = append(facts, htmlFact{Text: words.Clean(do)})
		}
		cards[t.Next] = append(cards[t.Next], htmlCardOf(s, p, facts))
	}
	var all []htmlTurn
	for _, who := range []struct {
		actor plan.Actor
		word  string
	}{{plan.You, "you"}, {plan.NextRun, "the next apply"}, {plan.CA, "the CA"}, {plan.CDN, "the CDN"}} {
		if list := cards[who.actor]; len(list) > 0 {
			open := min(mostOpen, len(list))
			all = append(all, htmlTurn{who.word, htmlList{list[:open], list[open:]}})
		}
	}
	return all
}

// htmlRow is a certificate in the list of all.
type htmlRow struct {
	Name, ID, Place string
	State           string
	Ends            string // its day; "" until one was issued
	Renewal         string // what renews it
	Alarm           bool
}

// htmlFleet lists all certificates, the soonest end first.
func htmlFleet(p plan.Plan) []htmlRow {
	steps := slices.Clone(p.Steps)
	slices.SortStableFunc(steps, func(a, b plan.Step) int {
		return cmp.Or(cmp.Compare(endless(a), endless(b)), a.Have.Expires.Compare(b.Have.Expires))
	})
	return words.Each(steps, func(s plan.Step) htmlRow {
		c := htmlCardOf(s, p, nil)
		r := htmlRow{Name: c.Name, ID: c.ID, Place: c.Place, State: c.State, Alarm: c.Alarm}
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

// endless sorts what has no end last.
func endless(s plan.Step) int { return words.B2i(!hasEnd(s)) }

// htmlNames is a list of requests by label.
type htmlNames struct{ Open, Rest []string }

// Len is how many there are.
func (n htmlNames) Len() int { return len(n.Open) + len(n.Rest) }

func htmlStrangers(p plan.Plan) htmlNames {
	all := words.Each(p.Unmanaged, func(have cert.Live) string { return words.Clean(words.LiveTitle(have)) })
	open := min(mostOpen, len(all))
	return htmlNames{all[:open], all[open:]}
}
