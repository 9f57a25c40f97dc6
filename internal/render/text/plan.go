// Package text writes reports, explanations, imports and validations as text for a
// terminal or the log of a job.
package text

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Report writes the plan, or after an apply the summary: its plan was printed before the first write.
func Report(w io.Writer, r report.Report, s layout.Style) error {
	if r.Apply {
		return Summary(w, r, s)
	}
	return Plan(w, r, s)
}

// page is a plan, an explanation or an import being laid out.
type page struct {
	*layout.Page
	report    report.Report
	validated int      // certificates whose records are on the page
	inferred  bool     // there are such records
	deferred  bool     // the section says so
	said      []string // clauses of the certificate or the group that is written, which no further row repeats
	allNotes  bool
}

// How much is written where nobody asked for all of it with -v; the rest is only counted.
const (
	fullEntries   = 50 // certificates with operations: one apply's default of --max-domain-changes and --max-renewals
	mostMembers   = 50 // certificates of a group; those that expire are always named
	mostValidated = 10 // certificates with their DCV records
	mostRecords   = 10 // of a certificate; of one with more none is written
	mostDomains   = 12 // of a request
	fewNames      = 10 // that a change adds
	fewResults    = 3  // operations with the same result and reason
	fewFiles      = 20 // that an import wrote
	mostWrites    = 10 // of the journal
)

func newPage(s layout.Style) *page { return &page{Page: layout.NewPage(s), allNotes: s.Verbose} }

// Plan writes the plan as text: the changes first, then what else needs action or is
// deferred, and the counts last. With a base it is about the change under review.
func Plan(w io.Writer, r report.Report, s layout.Style) error {
	p := newPage(s)
	p.report = r
	p.head()
	var gone []report.Gone
	if r.Base != nil {
		gone = r.Base.Gone
	}
	p.sections(r.ThisChange(), gone)
	if r.Base != nil && p.Style.Verbose {
		p.Title("NOT THIS CHANGE", "what the same merge also applies, and the rest")
		p.sections(r.Pending(), nil)
	}
	p.upToDate()
	p.unmanaged()
	p.unserved()
	p.end()
	return p.Flush(w)
}

// head writes the line that says what was asked, of whom and when.
func (p *page) head() {
	r := p.report
	parts := []string{"cpsync " + words.Mode(r), words.Paths(r.Paths), words.Chosen(r), r.Target, r.Top}
	// A sandbox names its own clock, which is the now of the plan.
	if now := r.Plan.Now; !now.IsZero() && !strings.Contains(r.Target, now.UTC().Format(plan.Minute)) {
		parts = append(parts, now.UTC().Format(plan.Minute))
	}
	if r.Commit != "" {
		parts = append(parts, "commit "+words.ShortCommit(r.Commit))
	}
	if r.Base != nil {
		parts = append(parts, "base "+r.Base.Revision)
	}
	p.together(parts, "   ")
}

// together writes parts on one line as long as they fit, without breaking any.
func (p *page) together(parts []string, gap string) {
	line := ""
	for _, part := range parts {
		part = words.Clean(part)
		switch {
		case part == "":
			continue
		case line == "":
			line = part
		case layout.Columns(line+gap+part) > p.Style.Width:
			p.Put(line)
			line = strings.Repeat(" ", layout.Margin) + part
		default:
			line += gap + part
		}
	}
	p.Put(line)
}

// sections writes each certificate once: with its operations, or in the group of what is most urgent.
func (p *page) sections(all plan.Plan, gone []report.Gone) {
	p.changes(all, gone)
	sections := map[string][]view.Group{}
	for _, g := range view.Groups(view.Idle(all)) {
		name := "DEFERRED"
		switch {
		case g.Steps[0].Fault != nil:
			name = "ERRORS"
		case g.Next == plan.Person:
			name = "ACTION REQUIRED"
		}
		sections[name] = append(sections[name], g)
	}
	for _, name := range []string{"ERRORS", "ACTION REQUIRED", "DEFERRED"} {
		p.deferred = name == "DEFERRED"
		for i, g := range sections[name] {
			if i == 0 {
				p.Title(name, "")
			}
			p.group(g)
		}
	}
	p.deferred = false
	if p.Style.Verbose || p.report.Base != nil {
		p.entries("PROTECTED", "", view.In(all, view.Protected))
	}
}

func (p *page) entries(title, about string, in []plan.Step) {
	if len(in) > 0 {
		p.Title(title, about)
	}
	for _, s := range in {
		p.entry(s)
	}
}

// section writes a title, and a line of space below it, where there are things to name.
func (p *page) section(things int, title, about string) {
	if things > 0 {
		p.Title(title, about)
		p.Blank()
	}
}

// changes writes what is sent, orders first, and the manifests that the change under review removes.
// What is past the first fifty is a line each, or only counted: never what orders or expires.
func (p *page) changes(all plan.Plan, gone []report.Gone) {
	edits := all.Where(func(s plan.Step) bool { return len(s.Ops) > 0 && !s.HasOrder() })
	in := slices.Concat(all.Where(plan.Step.HasOrder).SoonestFirst(), edits.SoonestFirst())
	full, left := p.most(len(in), fullEntries), 0
	p.entries("CHANGES", "", in[:full])
	if len(in) == 0 && len(gone) > 0 {
		p.Title("CHANGES", "")
	}
	for _, s := range in[full:] {
		if !s.HasOrder() && !s.Alarms() {
			left++
			continue
		}
		p.Marked("  ", words.Title(s)+"  "+words.Operations(s, 0), words.Place(view.Place(s)), layout.Plain)
	}
	if left > 0 {
		p.Line(layout.Margin, "and "+words.Plural(left, "more certificate with edits", "more certificates with edits")+" (-v)")
	}
	p.gone(gone)
}

// gone names the manifests that the change under review removes, or moves out of the paths.
func (p *page) gone(all []report.Gone) {
	shown := all[:p.most(len(all), fullEntries)]
	for _, g := range shown {
		p.Blank()
		p.Hang("  ", words.GoneName(g)+" ("+g.ID.String()+")", layout.Plain)
		if g.MovedTo != "" {
			p.Row("manifest", "moved to "+g.MovedTo+", which this run does not read")
			continue
		}
		p.Hang(layout.RowHead("- manifest"), "REMOVED; it "+words.GoneState(g, "auto_renew is off", p.report.Plan.Now), layout.Alarm)
		p.Row("action", words.GoneDo(g))
	}
	p.andMore(layout.Margin, len(all)-len(shown))
}

// upToDate names the certificates with nothing to do: with -v all of them, and else those that
// expire within the time that fails the run, and those of the change under review that
// have something in common with others.
func (p *page) upToDate() {
	r := p.report
	soon := map[string]bool{}
	for _, s := range r.Expiring() {
		soon[s.Want.ID.String()] = true
	}
	in := view.In(r.Plan.Where(func(s plan.Step) bool {
		return p.Style.Verbose || soon[s.Want.ID.String()] || r.Reviewed[s.Want.ID] && len(s.Overlaps()) > 0
	}), view.UpToDate)
	p.section(len(in), "UP TO DATE", "")
	for _, s := range in {
		p.Marked("  ", words.Labelled(words.Title(s), s.Have), words.Place(view.Place(s)), layout.Plain)
		p.Hang("    ", words.StateAndSource(s, r.Plan.Now), layout.Alarm)
		p.dcv(s)
		p.notes(s)
	}
}

// unmanaged names the requests without a manifest that are expired or expire soon; with -v all,
// where they are known. A review names none of them: they are elsewhere.
func (p *page) unmanaged() {
	all := p.report.Plan
	in := view.UnmanagedExpiring(all)
	switch {
	case p.Style.Verbose && all.Complete:
		in = view.Unmanaged(all)
	case p.report.Base != nil:
		return
	}
	p.section(len(in), "UNMANAGED", "requests without a manifest")
	for _, s := range in {
		p.Hang("  ", words.Title(s)+"  "+words.StateAndSource(s, all.Now), layout.Alarm)
	}
}

// most is how many of n things are named: the first few, where nobody asked for all.
func (p *page) most(n, few int) int {
	if p.Style.Verbose {
		return n
	}
	return min(n, few)
}

func (p *page) andMore(indent, rest int) {
	if rest > 0 {
		p.Line(indent, fmt.Sprintf("and %d more (-v)", rest))
	}
}

// unserved counts what was seen at the edge, and names what somebody has to act on.
func (p *page) unserved() {
	r := p.report
	if len(r.Edges) == 0 {
		return
	}
	p.Title("SERVED", words.EdgeCounts(r.Edges, r.Plan.Steps))
	cause := func(s plan.Step) string { return words.EdgeCell(r.Edges, s) }
	for all := words.Unserved(r.Edges, r.Plan.SoonestFirst()); len(all) > 0; {
		n := slices.IndexFunc(all, func(s plan.Step) bool { return cause(s) != cause(all[0]) })
		if n < 0 {
			n = len(all)
		}
		p.sameServed(cause(all[0]), all[:n])
		all = all[n:]
	}
}

// sameServed writes certificates of which the same was seen; what is the same to do is said once.
func (p *page) sameServed(cause string, all []plan.Step) {
	action := func(s plan.Step) string { return words.EdgeAction(p.report.Edges[s.Want.ID]) }
	first, indent, once := action(all[0]), "", false
	p.Blank()
	if len(all) > 1 {
		indent = strings.Repeat(" ", layout.Margin)
		once = !slices.ContainsFunc(all, func(s plan.Step) bool { return action(s) != first })
		p.Hang("  ", words.Plural(len(all), "certificate")+": "+cause, layout.Alarm)
	}
	if once {
		p.Row("action", first)
	}
	for _, s := range all {
		p.Marked("  "+indent, words.Title(s), words.Place(s.Want.Place("metadata.id")), layout.Plain)
		p.Sentence(layout.RowHead(indent+"seen"), words.EdgeSeen(p.report.Edges[s.Want.ID]))
		if !once {
			p.Sentence(layout.RowHead(indent+"action"), action(s))
		}
	}
}
