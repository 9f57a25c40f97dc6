package html

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostOpen is how many entries of a list are open; the rest is folded behind a count.
const mostOpen = 12

// htmlList is a list of which the rest is folded.
type htmlList struct{ Open, Rest []htmlCard }

// Len is how many entries the list has.
func (l htmlList) Len() int { return len(l.Open) + len(l.Rest) }

// htmlCard is a certificate and what there is to say of it.
type htmlCard struct {
	Name, ID, Place string
	State           string
	Alarm           bool
	Mine            bool // the change under review is about it
	Facts           []htmlFact
}

// htmlFact is a word and what belongs to it. Names that a change takes off or adds are
// listed apart.
type htmlFact struct {
	Key, Text      string
	Removed, Added []string
	Mark           string // that it is not made; "" when it is
}

// htmlSection is a part of the plan.
type htmlSection struct {
	Title, About string
	List         htmlList
}

func htmlSections(r report.Report) []htmlSection {
	var all []htmlSection
	for _, s := range []struct {
		title, about string
		in           plan.Section
		facts        func(plan.Step) []htmlFact
	}{
		{"Errors", "These could not be planned.", plan.Errors, htmlFault},
		{"Need you", "cpsync cannot do these.", plan.NeedsYou, htmlFacts},
		{"Orders", "Each starts something at the CA.", plan.Orders, htmlFacts},
		{"Edits", "No order.", plan.Edits, htmlFacts},
		{"Waiting", "Nothing to do; a later run makes it.", plan.Waiting, htmlFacts},
		{"Protected", "These differ in what their manifests protect: shown, never made.", plan.Guarded, htmlFacts},
	} {
		if list := htmlCards(r, r.Plan.In(s.in), s.facts); list.Len() > 0 {
			all = append(all, htmlSection{s.title, s.about, list})
		}
	}
	day := func(s plan.Step) []htmlFact { return []htmlFact{{Key: "end", Text: words.Ending(s, r.Plan.Now)}} }
	if list := htmlCards(r, r.Plan.UnwantedEnding(), day); list.Len() > 0 {
		all = append(all, htmlSection{"Without a manifest", "These live requests have ended or end soon; cpsync leaves them alone.", list})
	}
	return all
}

func htmlCards(r report.Report, steps []plan.Step, facts func(plan.Step) []htmlFact) htmlList {
	cards := make([]htmlCard, len(steps))
	for i, s := range steps {
		cards[i] = htmlCardOf(s, r.Plan, facts(s))
		cards[i].Mine = r.Base.Touches(s)
	}
	open := min(mostOpen, len(cards))
	return htmlList{cards[:open], cards[open:]}
}

func htmlCardOf(s plan.Step, p plan.Plan, facts []htmlFact) htmlCard {
	c := htmlCard{Name: htmlName(s), ID: s.Want.ID.String(), Place: words.Place(s.Place()), Facts: facts, Alarm: s.Alarms()}
	if s.Fault == nil {
		c.State = words.Clean(words.State(s, p.Now))
	}
	return c
}

func htmlName(s plan.Step) string {
	if s.Fault != nil {
		return words.Clean(s.Want.Name)
	}
	return words.Clean(words.Name(s.Have, s.Want.Name))
}

func htmlFault(s plan.Step) []htmlFact {
	return htmlSaid("because", s.Fault.Message, "", s.Fault.Hint)
}

// htmlAsking is what needs a person.
func htmlAsking(s plan.Step) []htmlFact {
	var all []htmlFact
	for _, w := range s.Asking() {
		all = append(all, htmlSaid("because", w.Text, "", w.Do)...)
	}
	return all
}

// htmlFacts are what needs a person, what is sent, and what is not.
func htmlFacts(s plan.Step) []htmlFact {
	all := htmlAsking(s)
	for _, o := range s.Ops {
		all = append(all, htmlSent(s, o)...)
	}
	for i, b := range s.Blocked {
		all = append(all, htmlWanted(b))
		if i+1 == len(s.Blocked) || !words.SameReasons(b, s.Blocked[i+1]) {
			all = append(all, htmlSaid("because", b.Because, words.UntilOf(b), b.Do)...)
		}
	}
	return all
}

func htmlSent(s plan.Step, o plan.Operation) []htmlFact {
	var all []htmlFact
	if o.Kind != plan.Patch {
		all = []htmlFact{{Key: o.Kind.String(), Text: "because " + words.Clean(strings.TrimPrefix(o.Reason, "because "))}}
	}
	for _, c := range o.Changes {
		all = append(all, htmlChange(c, ""))
	}
	if o.Effect.Kind != plan.MetadataOnly {
		all = append(all, htmlFact{Key: "effect", Text: words.Clean(words.Effect(s, o))})
	}
	return all
}

func htmlSaid(key, why, until, do string) []htmlFact {
	all := []htmlFact{{Key: key, Text: words.Clean(why)}}
	if until != "" {
		all = append(all, htmlFact{Key: "until", Text: words.Clean(until)})
	}
	if do != "" {
		all = append(all, htmlFact{Key: "do", Text: words.Clean(do)})
	}
	return all
}

// htmlWanted is a change that is not made, as it would be.
func htmlWanted(b plan.Blocked) htmlFact {
	switch {
	case b.Edit == cert.EditRenew, b.Edit == cert.EditRetrigger:
		return htmlFact{Key: b.Edit.String(), Text: "asked for by policy", Mark: words.VerdictMark(b.Verdict)}
	case b.Edit >= cert.NumEdits:
		is, not := words.FromTo(b.Change)
		return htmlFact{Key: "expect", Text: b.Edit.String() + " is " + is + ", not " + not, Mark: words.VerdictMark(b.Verdict)}
	case b.Verdict == plan.ExtraName:
		return htmlFact{Key: "domains", Text: strings.Join(htmlNamesOf(b.Change.Remove), ", "), Mark: words.VerdictMark(b.Verdict)}
	default:
		return htmlChange(b.Change, words.VerdictMark(b.Verdict))
	}
}

func htmlChange(c diff.Change, mark string) htmlFact {
	if c.Edit != cert.EditDomains {
		from, to := words.FromTo(c)
		return htmlFact{Key: c.Edit.String(), Text: from + " → " + to, Mark: mark}
	}
	text := words.Plural(len(c.Before), "name", "names") + " → " + words.Plural(len(c.After()), "name", "names")
	if c.CommonFrom != c.CommonTo {
		text += "; " + words.Clean(words.CommonName(c))
	}
	return htmlFact{Key: "domains", Text: text, Removed: htmlNamesOf(c.Remove), Added: htmlNamesOf(c.Add), Mark: mark}
}

func htmlNamesOf(all []string) []string {
	return words.Each(all, func(n string) string { return words.Clean(cert.DisplayName(n)) })
}

// htmlRefused says what is over a limit.
func htmlRefused(r report.Report) []string {
	return words.Each(r.Plan.Excesses(), func(e plan.Excess) string {
		what, flag := words.Excess(e)
		return fmt.Sprintf("%s, the limit is %d; none is made. Meant: %s %d", what, e.Limit.Limit, flag, e.Count)
	})
}
