package render

import (
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/report"
)

// resultColumn is where it says what a result means.
const resultColumn = 24

// results are the lines of the counts after an apply, in order.
var results = []struct {
	of          report.Result
	word, about string
}{
	{report.Done, "done", ""},
	{report.Unknown, "unknown", "it may have happened; see below"},
	{report.Failed, "failed", "it did not happen"},
	{report.Stale, "stale", "the request changed after the plan was made; not sent"},
	{report.DidNotConverge, "did not converge", "answered with success, and the request does not show it"},
	{report.NotConfirmed, "accepted, not visible yet", ""},
	{report.NotApproved, "not approved", "left alone; see below"},
	{report.NotStarted, "not started", ""},
}

// Summary writes what became of the operations of an apply, after the last write: the
// counts, what is not done and why, how the waiting ended, what the run cost, and what
// to do next.
func Summary(w io.Writer, r report.Report, s Style) error {
	p := newPage(s)
	if r.Unfinished {
		p.line(0, Unfinished(mode(r)))
		p.blank()
	}
	p.head(r)
	r.Outcomes = outcomesOf(r)
	all := r.Outcomes
	if len(all) > 0 {
		p.title("RESULT", "")
		p.blank()
		p.results(r)
		p.notConfirmed(r)
		p.failed(all)
		p.notStarted(all)
		p.blocks(r)
		p.waited(r)
	}
	p.problems(r.Problems)
	p.failure(r.Failure)
	p.blank()
	next := ""
	if !r.Unfinished {
		next = " " + advice(r)
	}
	p.line(0, cost(r.Requests)+next)
	return p.flush(w)
}

func (p *page) results(r report.Report) {
	for _, line := range results {
		if n := r.Count(line.of); n > 0 {
			p.hang(pad(fmt.Sprintf("  %d %s", n, line.word), resultColumn), line.about, plain)
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

// blocks writes what takes more than a line to tell. A certificate found stale once
// is told of once.
func (p *page) blocks(r report.Report) {
	held := r.Count(report.NotStarted)
	for _, o := range r.Told() {
		p.blank()
		p.outcome(o, held)
	}
	if r.Plan.Limits.Exceeded() {
		p.blank()
		p.refused(r)
	}
}
