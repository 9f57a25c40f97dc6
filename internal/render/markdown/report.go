// Package markdown writes a report as a comment on a pull request or a summary of a job.
package markdown

import (
	"fmt"
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// mostBytes is how long a page gets. GitHub refuses a comment of more than 65,536
// characters, and whoever posts the page adds a marker of its own.
const mostBytes = 60_000

// Report writes the report as a comment for a pull request, which also is what a
// job's summary shows: on top what ends soon, then what the change under review
// brings about, then what was pending anyway, the rest folded. It is never longer
// than 60,000 bytes: entries are left out in the order of importance, and counted.
// Only what ends soon is never left out.
func Report(w io.Writer, r report.Report) error {
	if r.Apply {
		r.Outcomes = words.OutcomesOf(r)
	}
	s := sheet{words.PointToDCV(r, "Domain control")}
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
	parts := []part{s.problems(), s.blocks()}
	parts = append(parts, s.outcomes()...)
	parts = append(parts, s.waited()...)
	parts = append(parts, s.thisChange()...)
	parts = append(parts, s.pending()...)
	return append(parts, s.domainControl(), s.ending(), s.fieldByField(), s.notes(), s.inStep(), s.unmanaged(), s.runWarnings())
}

// thisChange are the tables of what is under review; of everything, where that is not
// known.
func (s sheet) thisChange() []part {
	mine, prefix := s.ThisChange(), ""
	if s.Base != nil {
		prefix = "This change: "
	}
	parts := []part{
		s.table(mine, errorsTable, prefix, cutAsks),
		s.table(mine, s.needYou(), prefix, cutAsks),
	}
	if !s.Apply || s.Unfinished {
		parts = append(parts,
			s.table(mine, ordersTable, prefix, cutOrders),
			s.table(mine, editsTable, prefix, cutEdits))
	}
	parts = append(parts, s.gone())
	if s.Base == nil {
		return append(parts, s.folded(mine, s.waiting(), prefix), s.folded(mine, guardedTable, prefix))
	}
	return append(parts, s.table(mine, s.waiting(), prefix, cutEdits), s.table(mine, guardedTable, prefix, cutEdits))
}

// pending are the tables of what the change under review leaves alone.
func (s sheet) pending() []part {
	const carried, anyway = "The same merge also carries out: ", "Pending anyway: "
	others := s.Pending()
	var parts []part
	if !s.Apply || s.Unfinished {
		parts = append(parts,
			s.table(others, ordersTable, carried, cutPendingOrders),
			s.table(others, editsTable, carried, cutPendingEdits))
	}
	return append(parts,
		s.table(others, errorsTable, anyway, cutPendingAsks),
		s.table(others, s.needYou(), anyway, cutPendingAsks),
		s.folded(others, s.waiting(), anyway), s.folded(others, guardedTable, anyway))
}

func (s sheet) folded(p plan.Plan, t table, prefix string) part {
	waiting := s.table(p, t, prefix, cutWaiting)
	waiting.folded = true
	return waiting
}

// needYou and waiting are what is left when the operations are through.
func (s sheet) needYou() table {
	if s.Apply {
		return leftToYou
	}
	return needYouTable
}

func (s sheet) waiting() table {
	if s.Apply {
		return leftForLater
	}
	return waitingTable
}

// footer says what was asked, when, what it cost, and what the plan is known by.
func (s sheet) footer() string {
	var facts []string
	if s.Target != "" {
		facts = append(facts, code(s.Target))
	}
	if !s.Plan.Now.IsZero() {
		facts = append(facts, s.Plan.Now.UTC().Format(plan.Minute))
	}
	facts = append(facts, strings.TrimSuffix(words.Cost(s.Requests), "."))
	if len(s.Plan.Steps) > 0 {
		facts = append(facts, "plan "+span(s.Plan.Digest()))
	}
	if s.Version.Version != "" {
		fact := "cpsync " + code(s.Version.Version)
		if c := s.Version.Commit; c != "" {
			fact += " (" + code(c[:min(len(c), 12)]) + ")"
		}
		facts = append(facts, fact)
	}
	return fmt.Sprintf("---\n\n%s.\n%s\n", strings.Join(facts, ", "), s.assurance())
}

func (s sheet) assurance() string {
	if s.Apply {
		return "cpsync never creates, deletes or cancels a certificate."
	}
	return "cpsync never creates, deletes or cancels a certificate, and this run wrote nothing."
}
