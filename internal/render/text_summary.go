package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/report"
)

// results are the lines of the counts after an apply, in order.
var results = []struct {
	of          report.Result
	word, about string
}{
	{report.Done, "done", ""},
	{report.Unknown, "unknown", "it may have happened; see below"},
	{report.Failed, "failed", "it did not happen"},
	{report.Stale, "stale", "the request changed after the plan was made; not sent"},
	{report.DidNotConverge, "not shown", "answered with success, and the request does not show it"},
	{report.NotStarted, "not begun", ""},
}

// Summary writes what became of the operations of an apply, after the last write: the
// counts, what is not done and why, what the run cost, and what to do next.
func Summary(w io.Writer, r report.Report, s Style) error {
	p := newPage(s)
	p.head(r)
	r.Outcomes = r.All()
	all := r.Outcomes
	if len(all) > 0 {
		p.title("RESULT", "")
		p.blank()
		p.results(r)
		p.failed(all)
		p.notBegun(all)
		p.blocks(r, all)
	}
	p.problems(r.Problems)
	p.failure(r.Failure)
	p.blank()
	p.line(0, cost(r.Requests)+" "+advice(r, all))
	return p.flush(w)
}

func (p *page) results(r report.Report) {
	for _, line := range results {
		if n := r.Count(line.of); n > 0 {
			p.hang(pad(fmt.Sprintf("  %d %s", n, line.word), aboutColumn), line.about, plain)
		}
	}
}

// failed names each operation that failed, and why.
func (p *page) failed(all []report.Outcome) {
	for _, o := range all {
		if o.Result == report.Failed {
			p.blank()
			p.line(2, "failed: "+doing(o.Step, o.Operation()))
			p.line(4, o.Err)
		}
	}
}

// notBegun names the operations that were not begun, under each reason why.
func (p *page) notBegun(all []report.Outcome) {
	for _, group := range reasons(all) {
		p.blank()
		p.line(2, fmt.Sprintf("not begun: %s", group.why))
		shown := group.of
		if len(shown) > fewNames && !p.style.Verbose {
			shown = shown[:fewNames-1]
		}
		for _, o := range shown {
			p.line(4, doing(o.Step, o.Operation()))
		}
		if rest := len(group.of) - len(shown); rest > 0 {
			p.line(4, fmt.Sprintf("and %d more (-v)", rest))
		}
	}
}

// reason is why operations were not begun.
type reason struct {
	why string
	of  []report.Outcome
}

// reasons gathers what was not begun by its reason, each where it first comes up.
func reasons(all []report.Outcome) []reason {
	var groups []reason
	at := map[string]int{}
	for _, o := range all {
		if o.Result != report.NotStarted {
			continue
		}
		why := o.Err
		if why == "" {
			why = "the run ended before"
		}
		i, known := at[why]
		if !known {
			i, at[why] = len(groups), len(groups)
			groups = append(groups, reason{why: why})
		}
		groups[i].of = append(groups[i].of, o)
	}
	return groups
}

// blocks writes what takes more than a line to tell. A certificate found stale once
// is told of once.
func (p *page) blocks(r report.Report, all []report.Outcome) {
	held := r.Count(report.NotStarted)
	for i, o := range all {
		again := i > 0 && o.Result == report.Stale && all[i-1].Result == report.Stale &&
			all[i-1].Step.Want.ID == o.Step.Want.ID
		q := newPage(p.style)
		if q.outcome(o, held); again || q.b.Len() == 0 {
			continue
		}
		p.blank()
		p.b.WriteString(q.b.String())
	}
	if r.Plan.Limits.Exceeded() {
		p.blank()
		p.refused(r)
	}
}

// advice is what to do next.
func advice(r report.Report, all []report.Outcome) string {
	look := lookAt(all)
	switch {
	case len(look) == 1:
		return "Look at request " + look[0] + " in the portal before running again."
	case len(look) > 1:
		return "Look at requests " + strings.Join(look, ", ") + " in the portal before running again."
	case r.Plan.Limits.Exceeded():
		return "Refused in part: see above."
	case r.Count(report.Done) < len(all), r.Failure != nil:
		return "Running again is safe: it plans anew and sends what is still to do."
	default:
		return strings.TrimSpace(nothing(r.Plan.Summary()))
	}
}

// lookAt are the requests for which it is unknown whether something was started.
func lookAt(all []report.Outcome) []string {
	var ids []string
	for _, o := range all {
		if op := o.Operation(); o.Result == report.Unknown && (op.Order() || op.Body.StartsOrder()) {
			ids = append(ids, o.Step.Want.ID.String())
		}
	}
	return ids
}
