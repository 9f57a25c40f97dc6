// Package html writes a report as one page that needs nothing but itself.
package html

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// page holds what the page shows. Every text in it is clean; the template escapes it for its place.
type page struct {
	Style         template.CSS
	Head          []string // what was read, and when
	Now           string
	Total         string // how many certificates
	Managed       string // the same
	Alarms        []count
	Counts        []count // which add up to Total
	Unmanaged     []count
	Limits        string
	Next, Command string // what to do with the plan
	Urgent        []part
	Chart         *chart
	Other         []part
	Table         []part
	Note          string // of the DNS records, what is inferred
	Footer        string
}

// count is a number at the top, and a link to what it counts.
type count struct {
	N                int
	Label, To, Class string
}

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

// mostOpen is how many certificates of a card are open; the rest is folded behind a count.
const mostOpen = 50

// sheet is a report being laid out: each certificate in the one part of the page that is about
// what is most urgent of it.
type sheet struct {
	report.Report
	parts     map[string][]plan.Step
	unmanaged map[cert.ID]bool
}

func sheetOf(r report.Report) sheet {
	r = words.PointToDCV(r, "")
	s := sheet{r, map[string][]plan.Step{}, map[cert.ID]bool{}}
	for _, step := range r.Plan.SoonestFirst() {
		s.parts[partOf(step)] = append(s.parts[partOf(step)], step)
	}
	if r.Plan.Complete {
		s.parts["unmanaged"] = plan.Plan{Steps: view.Unmanaged(r.Plan)}.SoonestFirst()
		for _, step := range s.parts["unmanaged"] {
			s.unmanaged[step.Want.ID] = true
		}
	}
	return s
}

func partOf(s plan.Step) string {
	switch section := view.SectionOf(s); {
	case s.Fault != nil:
		return "errors"
	case s.Is(cert.Revoked):
		return "revoked"
	case s.Is(cert.PastExpiry):
		return "expired"
	case s.Is(cert.Expiring):
		return "expiring"
	case s.NeedsAction():
		return "action"
	case section == view.Deferred:
		return "deferred"
	case section == view.Protected:
		return "protected"
	case section == view.UpToDate:
		return "up-to-date"
	case !s.MayGo():
		return "withheld"
	default:
		return "changes"
	}
}

// Report writes one page that needs nothing but itself: no script, no picture and no style
// from elsewhere.
func Report(w io.Writer, r report.Report) error {
	s := sheetOf(r)
	action, unmanaged := "Action required", "Unmanaged: requests without a manifest"
	if len(s.alarms()) > 0 {
		action = "Other action required"
	}
	if n := len(view.UnmanagedExpiring(r.Plan)); n > 0 {
		unmanaged += "; " + words.Plural(n, "has expired or expires soon", "have expired or expire soon")
	}
	p := page{
		Style: template.CSS(pageCSS), Now: r.Plan.Now.UTC().Format(plan.Minute),
		Total: words.Plural(len(r.Plan.Steps), "certificate"), Managed: words.Plural(len(r.Plan.Steps), "managed certificate"),
		Head:   words.Each(append([]string{r.Target}, r.Paths...), words.Clean),
		Alarms: s.alarms(), Counts: s.counts(), Unmanaged: s.count("unmanaged", "unmanaged", "unmanaged", ""),
		Limits: s.limits(), Next: s.next(),
		Urgent: s.filled(part{ID: "revoked", Title: "Revoked by the CA", Class: "out"}, part{ID: "expired", Title: "Expired", Class: "out"},
			part{ID: "expiring", Title: "Expires" + s.soon(), Class: "act"}),
		Chart: chartOf(s.Plan),
		Other: s.filled(part{ID: "errors", Title: "Errors: not planned", Class: "act"}, part{ID: "action", Title: action, Class: "act"}),
		Table: s.filled(part{ID: "changes", Title: "Changes"}, part{ID: "deferred", Title: "Deferred: a later run sends this", grouped: true},
			part{ID: "withheld", Title: "Not approved"}, part{ID: "protected", Title: "Protected: different, and policy.protect keeps it"},
			part{ID: "unmanaged", Title: unmanaged}, part{ID: "up-to-date", Title: "Up to date"}),
		Footer: words.Clean(r.Version.Name + " " + r.Version.Version + ". " + words.Cost(r.Requests)),
	}
	if !strings.Contains(r.Target, p.Now) {
		p.Head = append(p.Head, p.Now)
	}
	if strings.HasSuffix(p.Next, ":") {
		p.Command = words.Clean(words.ApplyCommand(r))
	}
	for _, c := range r.DCV {
		if slices.ContainsFunc(c.Validations, func(v cert.DomainValidation) bool { return v.Inferred }) {
			p.Note = words.InferredNote
		}
	}
	// Parsed here, because every other command would wait for it.
	return template.Must(template.New("page").Parse(pageHTML)).Execute(w, p)
}

// count counts one part of the page; what is zero is left out.
func (s sheet) count(id, one, many, class string) []count {
	n := len(s.parts[id])
	if n == 0 {
		return nil
	}
	return []count{{n, words.Agree(n, one, many), id, class}}
}

func (s sheet) alarms() []count {
	return slices.Concat(s.count("revoked", "revoked", "revoked", "out"), s.count("expired", "expired", "expired", "out"),
		s.count("expiring", "expires"+s.soon(), "expire"+s.soon(), "act"))
}

// soon says within which time they expire. Others may expire as soon that this run renews: those
// need no action.
func (s sheet) soon() string {
	return words.Within(s.parts["expiring"], s.Plan.Now) + ", action required"
}

func (s sheet) counts() []count {
	needs := slices.Concat(s.alarms(), s.count("action", "", "", ""))
	if len(needs) > 0 {
		n := view.Summarize(s.Plan).ActionRequired
		needs = []count{{n, words.Agree(n, "needs action", "need action"), needs[0].To, "act"}}
	}
	return slices.Concat(s.count("errors", "error", "errors", "act"), needs, s.count("changes", "to change", "to change", "go"),
		s.count("deferred", "deferred", "deferred", ""), s.count("withheld", "not approved", "not approved", ""),
		s.count("protected", "protected", "protected", ""), s.count("up-to-date", "up to date", "up to date", ""))
}

// limits says what is over a limit, and what comes of it; "" where nothing is.
func (s sheet) limits() string {
	over := words.Each(view.Excesses(s.Plan), func(e view.Excess) string {
		text, flag := words.Excess(e)
		return text + " (" + flag + ")"
	})
	if len(over) == 0 {
		return ""
	}
	return strings.Join(over, "; ") + ". " + words.LimitEffect(s.Report)
}

// next says what an apply would send, and what to do with the plan. What is over a limit says so
// itself.
func (s sheet) next() string {
	if s.Plan.Limits.Exceeded() {
		return ""
	}
	text := words.OperationKinds(view.Going(s.Plan))
	if text != "" {
		text = "The next apply sends " + text + ". A ! marks what creates a CA order."
	}
	return strings.TrimSpace(text + words.Clean(words.Next(s.Report)))
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
			p.Groups = []group{{Open: words.Each(steps, func(step plan.Step) entry { return s.entry(step, s.facts(step, view.Group{})) })}}
		} else {
			p.Groups = words.Each(view.Groups(plan.Plan{Now: s.Plan.Now, Steps: steps}), s.group)
		}
		filled = append(filled, p)
	}
	return filled
}

// group writes cause and action once. A reason or a deadline that differs stands at each
// certificate.
func (s sheet) group(g view.Group) group {
	out := group{Count: len(g.Steps),
		Shared: factsOf("reason", g.Reason, "until", g.Until, "action", words.GroupAction(s.Report, g, "before the name"))}
	dated := words.DatesDiffer(g)
	all := words.Each(g.Steps, func(step plan.Step) entry {
		e := s.entry(step, s.facts(step, g))
		if dated {
			e.By = words.Clean(words.Deadline(step))
		}
		return e
	})
	if len(all) == 1 {
		out.Shared, all[0].Facts = nil, s.facts(g.Steps[0], view.Group{})
	}
	out.Open, out.Rest = all[:min(mostOpen, len(all))], all[min(mostOpen, len(all)):]
	return out
}

// Written says in a line what a page holds.
func Written(file string, r report.Report) string {
	s := sheetOf(r)
	line := words.Clean(file) + ": " + words.Plural(len(r.Plan.Steps), "certificate")
	for _, c := range slices.Concat(s.alarms(), s.counts()) {
		if c.Class == "out" || c.Class == "act" {
			line += fmt.Sprintf("; %d %s", c.N, c.Label)
		}
	}
	return line + ". " + words.Cost(r.Requests) + "\n"
}
