package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
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
	parts := []string{what, paths(r.Paths), paths(r.Chosen), r.Target, r.Top}
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
		part = Clean(part)
		switch {
		case part == "":
			continue
		case line == "":
			line = part
		case columns(line+gap+part) > p.style.Width:
			p.put(line)
			line = strings.Repeat(" ", margin) + part
		default:
			line += gap + part
		}
	}
	p.put(line)
}

// paths names the first few paths: a shell may have made hundreds of one pattern.
func paths(all []string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, " ")
	}
	return fmt.Sprintf("%s and %d more", all[0], len(all)-1)
}

// counts writes how much there is of what. What there is none of is left out, but
// for what is in step.
func (p *page) counts(all plan.Plan) {
	n, l := all.Summary(), all.Limits
	if n.Errors > 0 {
		p.count(n.Errors, "error", "errors", "could not be planned", "")
	}
	a := all.Alarms()
	if len(a.Revoked) > 0 {
		p.count(len(a.Revoked), "revoked", "revoked", "by the CA", "")
	}
	if len(a.Ended) > 0 {
		p.count(len(a.Ended), "ended", "ended", "past the end", "")
	}
	if a.EndSoon() > 0 {
		about := ""
		if len(a.Renewing) > 0 {
			about = fmt.Sprintf("for %d of them an order is open", len(a.Renewing))
		}
		p.count(a.EndSoon(), "ends soon", "end soon", about, "")
	}
	if n.NeedYou > 0 {
		p.count(n.NeedYou, "needs you", "need you", "cpsync cannot do these", "")
	}
	if n.Orders > 0 {
		p.count(n.Orders, "order", "orders", counted(
			plural(n.Renewals, "renewal", "renewals"),
			plural(n.Reissues, "reissue", "reissues"),
			plural(n.Retriggers, "retrigger", "retriggers"),
		), fmt.Sprintf("limits: %s, renewals %d", limit(l.Orders), l.Renewals.Limit))
	}
	if n.Edits > 0 {
		about, limits := edits(n, l)
		p.count(n.Edits, "edit", "edits", about, limits)
	}
	if n.Waiting > 0 {
		p.count(n.Waiting, "waiting", "waiting", "nothing to do; a later run makes it", "")
	}
	if n.Protected > 0 {
		p.count(n.Protected, "protected", "protected", "differs, and its manifest keeps it"+p.more(), "")
	}
	p.count(n.Unchanged, "in step", "in step", p.rest(all, n), "")
	if n.Overlap > 0 {
		p.count(n.Overlap, "overlaps", "overlap", "with other manifests, in names or labels"+p.more(), "")
	}
}

// more says how to see what is only counted, where it is.
func (p *page) more() string {
	if p.style.Verbose {
		return ""
	}
	return " (-v)"
}

// edits tells metadata from changes of the DCV method, which count as orders against
// the limits.
func edits(n plan.Summary, l plan.Limits) (about, limits string) {
	if n.Methods == 0 {
		return "metadata only", "limit: " + limit(l.Edits)
	}
	about = counted(fmt.Sprintf("%d metadata", n.Metadata), fmt.Sprintf("%d DCV method", n.Methods))
	return about, "limits: " + limit(l.Edits) + ", DCV method " + limit(l.Orders)
}

func limit(l plan.Limit) string {
	if l.Exceeded() {
		return fmt.Sprintf("%d EXCEEDED", l.Limit)
	}
	return fmt.Sprint(l.Limit)
}

// rest says what else there is, and how to see what is only counted.
func (p *page) rest(all plan.Plan, n plan.Summary) string {
	unmanaged, known := "live requests without a manifest: not counted", 0
	if all.Complete {
		known = len(all.Unmanaged)
		unmanaged = plural(known, "live request has", "live requests have") + " no manifest"
	}
	about := fmt.Sprintf("of %d", n.Total)
	if more := counted(unmanaged, plural(n.Notes, "note", "notes")); more != "" {
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
	head := pad("  "+plural(n, one, many), aboutColumn-1) + " "
	if line := pad(head+about, limitColumn-1) + " "; limit != "" && columns(line+limit) <= p.style.Width {
		p.put(line + p.paint(alarm, limit))
		return
	}
	p.hang(head, about, plain)
	if limit != "" {
		p.hang(strings.Repeat(" ", aboutColumn), limit, alarm)
	}
}
