// Package markdown writes a report as a comment on a pull request or a summary of a job.
package markdown

import (
	"io"
	"strings"

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
	top, foot := s.top(), s.footer()
	parts := s.parts()
	fit(parts, mostBytes-len(top)-len(foot))
	var b strings.Builder
	b.WriteString(top)
	for _, p := range parts {
		b.WriteString(p.String())
	}
	b.WriteString(foot)
	_, err := io.WriteString(w, b.String())
	return err
}

// sheet is a report to be written as Markdown.
type sheet struct{ report.Report }

// parts are what the page consists of between its top and its footer, in order.
func (s sheet) parts() []part {
	if s.Apply {
		return []part{s.problems(), s.results(), s.allResults(), s.thisRun()}
	}
	return []part{
		s.problems(), s.changes(), s.restOfAccount(), s.actionRequired(), s.alsoApplied(), s.removed(),
		s.dnsRecords(), s.longTexts(), s.expiring(), s.unserved(), s.notes(), s.warnings(), s.thisRun(),
	}
}

// footer says what was read, what it cost, and a short form of the plan's digest. The whole
// digest is in a mark that nobody sees, and in a fold.
func (s sheet) footer() string {
	facts := []string{s.source()}
	if s.Target != "" {
		facts = append(facts, codeOf(s.Target, mostName))
	}
	facts = append(facts, strings.TrimSuffix(words.Cost(s.Requests), "."))
	if len(s.Plan.Steps) > 0 {
		facts = append(facts, "plan "+span(shortDigest(s.Plan.Digest())))
	}
	if s.Version.Version != "" {
		facts = append(facts, "cpsync "+codeOf(s.Version.Version, mostName))
	}
	text := strings.Join(facts, ", ") + "\n"
	if len(s.Plan.Steps) > 0 {
		text += "\n<!-- cpsync:plan " + s.Plan.Digest() + " -->\n"
	}
	return text
}

// source names the manifests, the selection and the commit.
func (s sheet) source() string {
	text := "no manifests"
	if len(s.Paths) > 0 {
		text = codeOf(words.Paths(s.Paths), mostName)
	}
	if len(s.Chosen) > 0 {
		text += " (only " + codeOf(words.Paths(s.Chosen), mostName) + ")"
	}
	if s.Commit != "" {
		text += " at " + codeOf(words.ShortCommit(s.Commit), mostName)
	}
	return text
}

// shortDigest is the beginning of a digest, without the name of its kind.
func shortDigest(d string) string {
	_, hex, _ := strings.Cut(d, ":")
	return hex[:min(len(hex), 8)]
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
		add(s.Plan.Now.UTC().Format("2006-01-02 15:04 UTC"))
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
	text := words.Plural(n.Total, "certificate", "certificates")
	if len(s.Chosen) > 0 {
		text += " selected by " + codeOf(words.Paths(s.Chosen), mostName)
	}
	if rest := words.States(n); rest != "" {
		text += ": " + rest
	}
	if alarms := words.JoinCounts(alarmCounts(s.Plan, view.ListedOf(s.Plan))...); alarms != "" {
		text += "; " + alarms
	}
	if s.Plan.Complete && len(s.Plan.Unmanaged) > 0 {
		text += "; " + words.Plural(len(s.Plan.Unmanaged), "request is unmanaged", "requests are unmanaged")
		if len(view.UnmanagedExpiring(s.Plan)) > 0 {
			text += ", " + s.unmanagedExpiring()
		}
	}
	if n.Overlap > 0 {
		text += "; " + words.Plural(n.Overlap, "overlaps", "overlap") + " with other manifests, in domains or labels"
	}
	return text
}
