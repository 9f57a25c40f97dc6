package text

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Where the counts of the head stand, in columns.
const (
	aboutColumn = 16
	limitColumn = 54
)

// head writes the line that says what was asked, of whom and when.
func (p *page) head(r report.Report) {
	what := "cpsync plan"
	if r.Apply {
		what = "cpsync apply"
	}
	parts := []string{what, words.Paths(r.Paths), words.Paths(r.Chosen), r.Target, r.Top}
	// A sandbox names its own clock, which is the now of the plan.
	if now := r.Plan.Now; !now.IsZero() && !strings.Contains(r.Target, now.UTC().Format(plan.Minute)) {
		parts = append(parts, now.UTC().Format(plan.Minute))
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

// counts writes how much there is of what. What there is none of is left out, but
// for what is in step.
func (p *page) counts(all plan.Plan) {
	n, l := view.Summarize(all), all.Limits
	if n.Errors > 0 {
		p.count(n.Errors, "error", "errors", "could not be planned", "")
	}
	a := view.AlarmsOf(all)
	if len(a.Revoked) > 0 {
		p.count(len(a.Revoked), "revoked", "revoked", "by the CA", "")
	}
	if len(a.Expired) > 0 {
		p.count(len(a.Expired), "expired", "expired", "", "")
	}
	if a.Expiring() > 0 {
		about := ""
		if len(a.Renewing) > 0 {
			about = fmt.Sprintf("(%d with an order placed)", len(a.Renewing))
		}
		p.count(a.Expiring(), "expires soon", "expire soon", about, "")
	}
	if n.ActionRequired > 0 {
		p.count(n.ActionRequired, "needs action", "need action", "", "")
	}
	if n.Orders > 0 {
		p.count(n.Orders, "order", "orders", words.JoinCounts(
			words.Plural(n.Renewals, "renewal", "renewals"),
			words.Plural(n.Reissues, "reissue", "reissues"),
			words.Plural(n.Retriggers, "retrigger", "retriggers"),
		), fmt.Sprintf("limits: %s, renewals %d", limit(l.DomainChanges), l.Renewals.Limit))
	}
	if n.Edits > 0 {
		about, limits := edits(n, l, len(all.Where(words.LeavesUnrenewed).Steps))
		p.count(n.Edits, "edit", "edits", about, limits)
	}
	if n.Deferred > 0 {
		p.count(n.Deferred, "deferred", "deferred", "a later run sends it", "")
	}
	if n.Protected > 0 {
		p.count(n.Protected, "protected", "protected", "differs, and policy.protect keeps it"+p.more(), "")
	}
	p.count(n.UpToDate, "up to date", "up to date", p.rest(all, n), "")
	if n.Overlap > 0 {
		p.count(n.Overlap, "overlaps", "overlap", "with other manifests, in domains or labels"+p.more(), "")
	}
}

// more says how to see what is only counted, where it is.
func (p *page) more() string {
	if p.Style.Verbose {
		return ""
	}
	return " (-v)"
}

// edits tells metadata from changes of the DCV method, and from edits after which nothing
// renews the certificate.
func edits(n view.Summary, l plan.Limits, unrenewed int) (about, limits string) {
	limits = "limit: " + limit(l.Edits)
	if n.Methods+unrenewed == 0 {
		return "metadata only", limits
	}
	about = words.JoinCounts(fmt.Sprintf("%d metadata", n.Metadata-unrenewed),
		fmt.Sprintf("%d after which nothing renews", unrenewed), fmt.Sprintf("%d DCV method", n.Methods))
	return about, limits
}

func limit(l plan.Limit) string {
	if l.Exceeded() {
		return fmt.Sprintf("%d EXCEEDED", l.Limit)
	}
	return fmt.Sprint(l.Limit)
}

// rest says what else there is, and how to see what is only counted.
func (p *page) rest(all plan.Plan, n view.Summary) string {
	unmanaged, known := "live requests without a manifest: not counted", 0
	if all.Complete {
		known = len(all.Unmanaged)
		unmanaged = words.Plural(known, "live request has", "live requests have") + " no manifest"
	}
	about := fmt.Sprintf("of %d", n.Total)
	if more := words.JoinCounts(unmanaged, words.Plural(n.Notes, "note", "notes")); more != "" {
		about += "; " + more
	}
	if known+n.Notes > 0 {
		about += p.more()
	}
	return about
}

// count writes one line of the counts, the limit in a column of its own if it fits,
// else on the next line.
func (p *page) count(n int, one, many, about, limit string) {
	head := layout.Pad("  "+words.Plural(n, one, many), aboutColumn-1) + " "
	if line := layout.Pad(head+about, limitColumn-1) + " "; limit != "" && layout.Columns(line+limit) <= p.Style.Width {
		p.Put(line + p.Paint(layout.Alarm, limit))
		return
	}
	p.Hang(head, about, layout.Plain)
	if limit != "" {
		p.Hang(strings.Repeat(" ", aboutColumn), limit, layout.Alarm)
	}
}
