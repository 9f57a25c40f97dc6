package html

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostOpen is how many entries of a list are open; the rest is folded behind a count.
const mostOpen = 12

// list is a list of which the rest is folded.
type list[T any] struct{ Open, Rest []T }

func listOf[T any](all []T) list[T] {
	open := min(mostOpen, len(all))
	return list[T]{all[:open], all[open:]}
}

// Len is how many entries the list has.
func (l list[T]) Len() int { return len(l.Open) + len(l.Rest) }

// card is a certificate and what there is to say of it.
type card struct {
	Name, ID, Place string
	State           string
	Alarm           bool
	Mine            bool // the change under review is about it
	Facts           []fact
}

// fact is a word and what belongs to it. Names that a change takes off or adds are
// listed apart.
type fact struct {
	Key, Text      string
	Removed, Added []string
	Mark           string // that it is not made; "" when it is
}

// section is a part of the plan.
type section struct {
	Title, About string
	List         list[card]
}

func sectionsOf(r report.Report) []section {
	var all []section
	for _, s := range []struct {
		title, about string
		in           view.Section
		facts        func(plan.Step) []fact
	}{
		{"Errors", "These could not be planned.", view.Errors, faultFacts},
		{"Need you", "cpsync cannot do these.", view.ActionRequired, stepFacts},
		{"Orders", "Each starts something at the CA.", view.Orders, stepFacts},
		{"Edits", "No order.", view.Edits, stepFacts},
		{"Waiting", "Nothing to do; a later run makes it.", view.Deferred, stepFacts},
		{"Protected", "These differ in what their manifests protect: shown, never made.", view.Protected, stepFacts},
	} {
		if list := cardsOf(r, view.In(r.Plan, s.in), s.facts); list.Len() > 0 {
			all = append(all, section{s.title, s.about, list})
		}
	}
	day := func(s plan.Step) []fact { return []fact{{Key: "end", Text: words.Expiry(s, r.Plan.Now)}} }
	if list := cardsOf(r, view.UnmanagedExpiring(r.Plan), day); list.Len() > 0 {
		all = append(all, section{"Without a manifest", "These live requests have ended or end soon; cpsync leaves them alone.", list})
	}
	return all
}

func cardsOf(r report.Report, steps []plan.Step, facts func(plan.Step) []fact) list[card] {
	cards := make([]card, len(steps))
	for i, s := range steps {
		cards[i] = cardOf(s, r.Plan, facts(s))
		cards[i].Mine = r.Base.Touches(s)
	}
	return listOf(cards)
}

func cardOf(s plan.Step, p plan.Plan, facts []fact) card {
	c := card{Name: nameOf(s), ID: s.Want.ID.String(), Place: words.Place(view.Place(s)), Facts: facts, Alarm: s.Alarms()}
	if s.Fault == nil {
		c.State = words.Clean(words.State(s, p.Now))
	}
	return c
}

func nameOf(s plan.Step) string {
	if s.Fault != nil {
		return words.Clean(s.Want.Name)
	}
	return words.Clean(words.Name(s.Have, s.Want.Name))
}

func faultFacts(s plan.Step) []fact {
	return reasonFacts("because", s.Fault.Message, "", s.Fault.Hint)
}

// askingFacts is what needs a person.
func askingFacts(s plan.Step) []fact {
	var all []fact
	for _, w := range s.Asking() {
		all = append(all, reasonFacts("because", w.Text, "", w.Do.String())...)
	}
	return all
}

// stepFacts are what needs a person, what is sent, and what is not.
func stepFacts(s plan.Step) []fact {
	all := askingFacts(s)
	for _, o := range s.Ops {
		all = append(all, operationFacts(s, o)...)
	}
	for i, b := range s.Withheld {
		all = append(all, blockedFact(b))
		if i+1 == len(s.Withheld) || !words.SameReasons(b, s.Withheld[i+1]) {
			all = append(all, reasonFacts("because", b.Because, words.UntilOf(b), b.Do.String())...)
		}
	}
	return all
}

func operationFacts(s plan.Step, o plan.Operation) []fact {
	var all []fact
	if o.Kind != plan.Patch {
		all = []fact{{Key: o.Kind.String(), Text: "because " + words.Clean(strings.TrimPrefix(o.Reason, "because "))}}
	}
	for _, c := range o.Changes {
		all = append(all, changeFact(c, ""))
	}
	if o.Effect.Kind != plan.MetadataOnly {
		all = append(all, fact{Key: "effect", Text: words.Clean(words.Effect(s, o))})
	}
	return all
}

func reasonFacts(key, why, until, do string) []fact {
	all := []fact{{Key: key, Text: words.Clean(why)}}
	if until != "" {
		all = append(all, fact{Key: "until", Text: words.Clean(until)})
	}
	if do != "" {
		all = append(all, fact{Key: "do", Text: words.Clean(do)})
	}
	return all
}

// blockedFact is a change that is not made, as it would be.
func blockedFact(b plan.Withheld) fact {
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		return fact{Key: b.Edit.String(), Text: "asked for by policy", Mark: words.VerdictMark(b.Verdict)}
	case b.Edit >= cert.NumEdits:
		is, not := words.FromTo(b.Change)
		return fact{Key: "expect", Text: b.Edit.String() + " is " + is + ", not " + not, Mark: words.VerdictMark(b.Verdict)}
	case b.Verdict == plan.ExtraDomain:
		return fact{Key: "domains", Text: strings.Join(displayNames(b.Change.Remove), ", "), Mark: words.VerdictMark(b.Verdict)}
	default:
		return changeFact(b.Change, words.VerdictMark(b.Verdict))
	}
}

func changeFact(c diff.Change, mark string) fact {
	if c.Edit != cert.EditDomains {
		from, to := words.FromTo(c)
		return fact{Key: c.Edit.String(), Text: from + " → " + to, Mark: mark}
	}
	text := words.Plural(len(c.Before), "name", "names") + " → " + words.Plural(len(c.After()), "domain", "domains")
	if c.CommonFrom != c.CommonTo {
		text += "; " + words.Clean(words.CommonName(c))
	}
	return fact{Key: "domains", Text: text, Removed: displayNames(c.Remove), Added: displayNames(c.Add), Mark: mark}
}

func displayNames(all []string) []string {
	return words.Each(all, func(n string) string { return words.Clean(cert.DisplayName(n)) })
}

// refusalsOf says what is over a limit.
func refusalsOf(r report.Report) []string {
	return words.Each(view.Excesses(r.Plan), func(e view.Excess) string {
		what, flag := words.Excess(e)
		return fmt.Sprintf("%s, the limit is %d; none is made. Meant: %s %d", what, e.Limit.Limit, flag, e.Count)
	})
}
