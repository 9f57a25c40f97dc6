package html

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/plan"
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
		part{ID: "protected", Title: "Protected: different, and policy.protect keeps it", grouped: true},
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
			p.Groups = []group{{Open: words.Each(steps, func(step plan.Step) entry { return s.entry(step, s.facts(step, false)) })}}
		} else {
			p.Groups = words.Each(byCause(steps), s.group)
		}
		filled = append(filled, p)
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
	all := words.Each(s.Asking(), func(w plan.Warning) cause { return cause{string(w.Code), w.Text, "", w.Do} })
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

// group writes the causes once. A reason or a deadline that differs stands at each certificate.
func (s sheet) group(steps []plan.Step) group {
	first, sameReason, sameAction := causesOf(steps[0]), true, true
	for _, step := range steps {
		for i, c := range causesOf(step) {
			sameReason, sameAction = sameReason && c.reason == first[i].reason, sameAction && c.do == first[i].do
		}
	}
	g := group{Count: len(steps)}
	for _, c := range first {
		action := c.do.String()
		if !sameReason {
			c.reason = ""
		}
		if !sameAction {
			action = c.do.Shared().String() + words.ByTheDate
		}
		g.Shared = append(g.Shared, reasonFacts(c.reason, c.until, action)...)
	}
	all := words.Each(steps, func(step plan.Step) entry {
		by, facts := "", []fact(nil)
		for _, c := range causesOf(step) {
			if !sameReason {
				facts = append(facts, reasonFacts(c.reason, "", "")...)
			}
			if !sameAction {
				by = cmp.Or(by, c.do.By)
			}
		}
		e := s.entry(step, append(facts, s.facts(step, true)...))
		e.By = words.Clean(by)
		return e
	})
	if len(all) == 1 {
		all[0].Facts, g.Shared = slices.Concat(g.Shared, all[0].Facts), nil
	}
	g.Open, g.Rest = all[:min(mostOpen, len(all))], all[min(mostOpen, len(all)):]
	return g
}
