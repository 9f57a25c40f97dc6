// Package markdown writes a report as a comment on a pull request or a summary of a job.
package markdown

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostBytes is how long a page gets. GitHub refuses a comment of more than 65,536
// characters, and whoever posts the page adds a marker of its own.
const mostBytes = 60_000

// Report writes the report as a comment for a pull request, which is also the summary of a
// job. A plan begins with what the change under review starts; the rest of the account is
// one line and folds. An apply is a table of results. The page is never longer than 60,000
// bytes: entries are left out in the order of importance, and counted. What expires is never
// left out of a plan.
func Report(w io.Writer, r report.Report) error {
	if r.Apply {
		r.Outcomes = words.OutcomesOf(r)
	}
	s := sheet{words.PointToDCV(r, dcvTitle(r))}
	page, foot, parts := s.top(), s.footer(), s.parts()
	fit(parts, mostBytes-len(page)-len(foot))
	for _, p := range parts {
		page += p.String()
	}
	_, err := io.WriteString(w, page+foot)
	return err
}

// sheet is a report to be written as Markdown.
type sheet struct{ report.Report }

// parts are what the page consists of between its top and its footer, in order.
func (s sheet) parts() []part {
	problems := part{title: "Problems", head: columnsOf("Place", "Problem", "Action"), rank: cutProblems,
		entry: "problem", entries: words.Each(s.Problems, problemRow)}
	if s.Apply {
		return slices.Concat([]part{problems}, s.results(), []part{s.thisRun()})
	}
	gone, operations := s.gone(), func(step plan.Step) string { return entry(step, s.operationRows(step)) }
	return []part{
		problems,
		s.changes(),
		s.restOfAccount(),
		s.actionRequired(),
		fold(cutPending, "Also applied by this merge", "certificate", changeHead, entriesOf(s.Pending().ToApply(), operations)),
		fold(cutChanges, "More removed manifests", "certificate", changeHead, words.Each(gone[min(len(gone), mostGone):], s.goneRow)),
		s.dnsRecords(),
		fold(cutTexts, "Diff of long texts", "text", "", s.longTexts()),
		s.expiring(),
		s.unserved(),
		fold(cutNotes, "Notes", "certificate", columnsOf("Certificate", "Note"), entriesOf(view.WithNotes(s.reviewed()), s.noteRows)),
		fold(cutProblems, "Warnings about this run", "warning", columnsOf("Place", "Warning", "Action"), words.Each(s.Warnings, problemRow)),
		s.thisRun(),
	}
}

// top is what is never left out: what this change starts, what stopped the run, what the
// merge also applies, and what would be refused.
func (s sheet) top() string {
	text := "### cpsync" + s.heading() + "\n\n"
	if s.Unfinished {
		text = words.Unfinished(words.Mode(s.Report)) + "\n\n" + text
	}
	if f := s.Failure; f != nil {
		text += "**Stopped by an error:**\n\n" + fence("text", f.Message) + "\n"
		switch {
		case strings.Contains(f.Hint, "\n"):
			text += "**Hint:**\n\n" + fence("text", f.Hint) + "\n"
		case f.Hint != "":
			text += "**Hint:** " + Prose(f.Hint) + "\n\n"
		}
	}
	text += s.warning()
	if !s.Apply && s.Base == nil && len(s.Plan.Steps) > 0 {
		text += s.counts() + ".\n\n"
	}
	return text
}

// heading says at one glance what this change starts, or what became of it.
func (s sheet) heading() string {
	n := view.Summarize(s.Plan)
	switch {
	case len(s.Problems) > 0:
		return ": " + words.Plural(report.Count(s.Problems), "problem") + " in the manifests, nothing was sent"
	case s.Unfinished:
		return " is applying " + cmp.Or(work(view.Going(s.Plan)), "nothing")
	case s.Apply && len(s.Outcomes) > 0:
		return " applied: " + words.ResultCounts(s.Report)
	case s.Failure != nil:
		return ": stopped by an error"
	case s.Apply, s.Base == nil && n.Orders+n.Edits == 0:
		return ": " + words.Nothing(n)
	case s.Base == nil:
		return ": " + work(n)
	default:
		return ": " + s.starts()
	}
}

// starts says what this change starts. It never says "nothing" of a change after which
// nothing renews a certificate.
func (s sheet) starts() string {
	starts, n := work(s.NewOperations()), words.LeftUnrenewed(s.Report)
	unrenewed := "nothing will renew " + words.Plural(n, "certificate") + " from then on"
	switch {
	case n == 0:
		return "this change starts " + cmp.Or(starts, "nothing")
	case starts == "":
		return "with this change, " + unrenewed
	default:
		return "this change starts " + starts + "; " + unrenewed
	}
}

// work counts operations; "" where there are none.
func work(n view.Summary) string { return lastAnd(words.OperationKinds(n)) }

// lastAnd writes "and" in place of the last comma of counts.
func lastAnd(counts string) string {
	if i := strings.LastIndex(counts, ", "); i >= 0 {
		return counts[:i] + " and " + counts[i+2:]
	}
	return counts
}

// warning says what the merge also applies, and what of it would be refused. It is never
// left out.
func (s sheet) warning() string {
	var lines []string
	if also := s.also(); !s.Apply && also != "" {
		lines = append(lines, "Merging also applies "+also+".")
	}
	for _, e := range view.Excesses(s.Plan) {
		text, flag := words.Excess(e)
		refused := "It would be refused"
		switch {
		case s.Apply:
			refused = "Refused"
		case !e.Certain():
			refused = "It may be refused"
		}
		lines = append(lines, fmt.Sprintf("**%s: %s** (input `%s`).", refused, text, strings.TrimPrefix(flag, "--")))
	}
	if s.Plan.Limits.Exceeded() {
		lines = append(lines, words.LimitEffect(s.Report))
	}
	if len(lines) == 0 {
		return ""
	}
	return "> [!WARNING]\n> " + strings.Join(lines, "\n> ") + "\n\n"
}

// also is what the merge also applies.
func (s sheet) also() string {
	n, rest := s.PendingOperations(), words.Differing(s.Plan)
	also := lastAnd(words.JoinCounts(words.Plural(n.Orders, "CA order"), words.Plural(n.Edits, "edit")))
	switch {
	case also == "":
		return rest
	case rest != "":
		rest = ", and " + rest
	}
	return also + ", pending before this change" + rest
}

// thisRun is what identifies the run and the plan, and the counts of the whole account.
func (s sheet) thisRun() part {
	p := part{title: "This run", folded: true, rank: cutProblems}
	add := func(text string) { p.fixed += "- " + text + "\n" }
	if s.Base != nil {
		add(s.counts())
		add("Compared with " + Code(s.Base.Revision))
	}
	if len(s.Plan.Steps) > 0 {
		add("Plan " + span(s.Plan.Digest()))
	}
	if !s.Plan.Now.IsZero() {
		add(s.Plan.Now.UTC().Format(plan.Minute))
	}
	if c := s.Version.Commit; c != "" {
		add("cpsync of commit " + Code(c[:min(len(c), 12)]))
	}
	add("cpsync never creates, deletes or cancels a certificate")
	return p
}

// counts is a sentence about all certificates that the run looked at.
func (s sheet) counts() string {
	n := view.Summarize(s.Plan)
	text := words.Plural(n.Total, "certificate")
	if len(s.Chosen) > 0 {
		text += " selected by " + codeOf(words.Paths(s.Chosen), mostName)
	}
	if rest := words.States(n); rest != "" {
		text += ": " + rest
	}
	if alarms := calm(words.AlarmCounts(s.Plan, view.ListedOf(s.Plan))...); alarms != "" {
		text += "; " + alarms
	}
	if s.Plan.Complete && len(s.Plan.Unmanaged) > 0 {
		text += "; " + words.Plural(len(s.Plan.Unmanaged), "request is unmanaged", "requests are unmanaged")
		if expiring := words.JoinCounts(s.unmanagedExpiring()); expiring != "" {
			text += ", " + expiring
		}
	}
	if n.Overlap > 0 {
		text += "; " + words.Plural(n.Overlap, "overlaps", "overlap") + " with other manifests, in domains or labels"
	}
	return text
}

// footer says what was read, what it cost, and a short form of the plan's digest. The whole
// digest is in a mark that nobody sees, and in a fold.
func (s sheet) footer() string {
	source := "no manifests"
	if len(s.Paths) > 0 {
		source = codeOf(words.Paths(s.Paths), mostName)
	}
	if len(s.Chosen) > 0 {
		source += " (only " + codeOf(words.Paths(s.Chosen), mostName) + ")"
	}
	if s.Commit != "" {
		source += " at " + codeOf(words.ShortCommit(s.Commit), mostName)
	}
	facts, mark := []string{source}, ""
	if s.Target != "" {
		facts = append(facts, codeOf(s.Target, mostName))
	}
	facts = append(facts, strings.TrimSuffix(words.Cost(s.Requests), "."))
	if len(s.Plan.Steps) > 0 {
		digest := s.Plan.Digest()
		_, hex, _ := strings.Cut(digest, ":")
		facts = append(facts, "plan "+span(hex[:min(len(hex), 8)]))
		mark = "\n<!-- cpsync:plan " + digest + " -->\n"
	}
	if s.Version.Version != "" {
		facts = append(facts, "cpsync "+codeOf(s.Version.Version, mostName))
	}
	return strings.Join(facts, ", ") + "\n" + mark
}
