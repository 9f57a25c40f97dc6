package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Explanation writes what there is to say of one request, as text.
func Explanation(w io.Writer, e report.Explanation, s Style) error {
	p := newPage(s)
	p.together([]string{"cpsync explain", e.Asked, e.Target}, "   ")
	if e.Failure != nil {
		p.problems(e.Problems)
		p.failure(e.Failure)
		return p.flush(w)
	}
	e = selfContained(e)
	p.blank()
	p.where(e)
	p.domainControl(e)
	p.asksFor(e)
	p.outlooks(e.Outlooks)
	p.sends(e.Step)
	p.blank()
	p.line(0, cost(e.Requests))
	return p.flush(w)
}

// where writes where the request is in its life, and who acts next.
func (p *page) where(e report.Explanation) {
	at := place(e.Step.Want.Place("metadata.id"))
	if !e.Managed {
		at = "no manifest"
	}
	p.marked("  ", named(e.Step.Have), at, plain)
	p.hang(strings.Repeat(" ", rowIndent), state(e.Step, e.Now), alarm)
	p.blank()
	p.life(e.Life)
	p.blank()
	p.row("from", origin(e.Step.Have))
	if text := e.Step.Have.ErrorMessage; text != "" {
		p.row("message", quote(text))
	}
	for i, do := range turn(e) {
		p.row([]string{"next", ""}[min(i, 1)], do)
	}
	if f := e.Step.Fault; f != nil {
		p.row("because", f.Message)
	}
	if e.Step.Fault != nil {
		return
	}
	p.row("renewal", renewal(e.Renewal))
	if e.Renewal.Do != "" && !slices.Contains(e.Turn.Do, e.Renewal.Do) {
		p.row("do", e.Renewal.Do)
	}
}

// life draws the stops as a line with the present one underlined, or below each other
// where the line is too long.
func (p *page) life(l plan.Life) {
	const joint = " > "
	line := strings.Join(l.Stops, joint)
	if columns(line)+rowIndent > p.style.Width {
		for i, stop := range l.Stops {
			p.put(pad([]string{"", "  > "}[b2i(i == l.At)], rowIndent) + stop)
		}
		return
	}
	p.line(rowIndent, line)
	if l.At >= 0 {
		before := columns(strings.Join(l.Stops[:l.At], joint))
		if l.At > 0 {
			before += len(joint)
		}
		p.put(strings.Repeat(" ", rowIndent+before) + strings.Repeat("^", columns(l.Stops[l.At])))
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// origin is what the API says, word for word, that the rest was derived from.
func origin(have cert.Live) string {
	parts := []string{"status " + have.Status.String(), "order " + have.Order.String()}
	if have.RequiresAttention {
		parts = append(parts, "requires_attention")
	}
	all := append(slices.Clone(have.Domains), have.Leaving...)
	for i, d := range all {
		same := func(o cert.Domain) bool { return o.Status == d.Status }
		if slices.IndexFunc(all, same) == i {
			n := len(slices.DeleteFunc(slices.Clone(all), func(o cert.Domain) bool { return !same(o) }))
			parts = append(parts, plural(n, "name ", "names ")+d.Status.String())
		}
	}
	if !have.Issued() {
		parts = append(parts, "no certificate yet")
	}
	return strings.Join(append(parts, have.Unheard...), ", ")
}

// turn says who acts next, and what is done.
func turn(e report.Explanation) []string {
	if e.Turn.Nobody {
		return []string{"nobody: nothing is under way, and nothing is asked for"}
	}
	who := map[plan.Actor]string{plan.You: "you", plan.CA: "the CA", plan.CDN: "the CDN", plan.NextRun: "the next apply"}[e.Turn.Next]
	all := slices.Clone(e.Turn.Do)
	if len(all) == 0 {
		return []string{who}
	}
	all[0] = who + ": " + all[0]
	return all
}

// renewal says what renews the certificate.
func renewal(r plan.RenewalState) string {
	who := map[plan.RenewalKind]string{plan.RenewalNone: "nothing", plan.RenewalByCPS: "CPS", plan.RenewalByPolicy: "cpsync"}[r.Kind]
	if who == "" {
		return r.Because
	}
	if !r.At.IsZero() {
		who += fmt.Sprintf(", from about %s", r.At.UTC().Format(plan.Date))
	}
	return who + "; " + r.Because
}
