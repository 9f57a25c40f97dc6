// Package html writes a report as one page that needs nothing but itself.
package html

import (
	"embed"
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

//go:embed page.html page.css
var files embed.FS

// page holds what the page shows. Every text in it is clean; the template escapes it for its place.
type page struct {
	Style         template.CSS
	Head          []string // what was read, and when
	Now           string
	Total         int
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

// sheet is a report being laid out: each certificate in the one part of the page that is about
// what is most urgent of it.
type sheet struct {
	report.Report
	parts map[string][]plan.Step
}

func sheetOf(r report.Report) sheet {
	r.Plan.Steps = words.Each(r.Plan.Steps, func(s plan.Step) plan.Step {
		if c, asked := r.DCV.Of(s); asked && c.Err == "" {
			return words.WithDCVAction(s, words.DCVOf(c).Do(words.Below))
		}
		return s
	})
	s := sheet{r, map[string][]plan.Step{}}
	for _, step := range r.Plan.SoonestFirst() {
		s.parts[partOf(step)] = append(s.parts[partOf(step)], step)
	}
	if r.Plan.Complete {
		s.parts["unmanaged"] = plan.Plan{Steps: view.Unmanaged(r.Plan)}.SoonestFirst()
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
	css, err := files.ReadFile("page.css")
	if err != nil {
		return err
	}
	s := sheetOf(r)
	p := page{
		Style: template.CSS(css), Now: r.Plan.Now.UTC().Format(plan.Minute), Total: len(r.Plan.Steps),
		Head:   words.Each(append([]string{r.Target}, r.Paths...), words.Clean),
		Alarms: s.alarms(), Counts: s.counts(), Unmanaged: s.count("unmanaged", "unmanaged", "unmanaged", ""),
		Limits: s.limits(), Next: s.next(),
		Urgent: s.urgent(), Chart: chartOf(s.Plan), Other: s.other(), Table: s.table(), Note: s.note(),
		Footer: words.Clean(r.Version.Name + " " + r.Version.Version + ". " + words.Cost(r.Requests)),
	}
	if !strings.Contains(r.Target, p.Now) {
		p.Head = append(p.Head, p.Now)
	}
	if strings.HasSuffix(p.Next, ":") {
		p.Command = words.Clean(words.ApplyCommand(r))
	}
	// Parsed here, because every other command would wait for it.
	return template.Must(template.ParseFS(files, "page.html")).Execute(w, p)
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

// soon tells them from those that expire as soon, and whose renewal this run sends.
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
		what, flag := words.Excess(e)
		return fmt.Sprintf("%s, limit %d (%s)", what, e.Limit.Limit, flag)
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

// Written says in a line what a page holds.
func Written(file string, r report.Report) string {
	s := sheetOf(r)
	line := words.Clean(file) + ": " + words.Plural(len(r.Plan.Steps), "certificate", "certificates")
	for _, c := range slices.Concat(s.alarms(), s.counts()) {
		if c.Class == "out" || c.Class == "act" {
			line += fmt.Sprintf("; %d %s", c.N, c.Label)
		}
	}
	return line + ". " + words.Cost(r.Requests) + "\n"
}
