package text

import (
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// keepers say what prevents another run from sending an order again that was answered and
// is not visible.
var keepers = []struct {
	is   report.ResendGuard
	text string
}{
	{report.GuardedByNothing, "Answered with success, and not visible, not even in last_modified. The API may show it late. Another run before that would order again: only a journal prevents it (cpsync help journal)."},
	{report.GuardedByCooldown, "Answered with success, and visible only in last_modified. The API may show it late. If it does not after the cooldown, another run orders again: only a journal prevents that (cpsync help journal)."},
	{report.GuardedByJournal, "Answered with success, and not visible yet. The API may show it late. Until then the journal keeps another run from sending it again."},
}

// notConfirmed names the orders that were answered and are not visible: the next run can't
// see them either.
func (p *page) notConfirmed(r report.Report) {
	for _, k := range keepers {
		all := r.GuardedBy(k.is)
		if len(all) == 0 {
			continue
		}
		p.Blank()
		p.Line(2, "not visible yet:")
		p.operations(all)
		p.Line(4, k.text)
	}
}

// notStarted names the operations that were not started, under each reason why.
func (p *page) notStarted(all []report.Outcome) {
	for _, group := range reasons(all) {
		p.Blank()
		p.Line(2, fmt.Sprintf("not started: %s", group.why))
		p.operations(group.of)
	}
}

// operations names a few operations, or with -v all of them.
func (p *page) operations(all []report.Outcome) {
	shown := all
	if len(shown) > fewNames && !p.Style.Verbose {
		shown = shown[:fewNames-1]
	}
	for _, o := range shown {
		p.Line(4, words.VerbPhrase(o.Step, o.Operation()))
	}
	p.andMore(4, len(all)-len(shown))
}

// reason is why operations were not started.
type reason struct {
	why string
	of  []report.Outcome
}

// reasons gathers what was not started by its reason, each where it first comes up.
func reasons(all []report.Outcome) []reason {
	var groups []reason
	at := map[string]int{}
	for _, o := range all {
		if o.Result != report.NotStarted {
			continue
		}
		why := o.Err
		if why == "" {
			why = "the run stopped before"
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

// resultColumn is where it says what a result means.
const resultColumn = 24

// Summary writes what became of the operations of an apply, after the last write: the
// counts, what is not done and why, how the waiting ended, what the run cost, and what
// to do next.
func Summary(w io.Writer, r report.Report, s layout.Style) error {
	p := newPage(s)
	if r.Unfinished {
		p.Line(0, words.Unfinished(words.Mode(r)))
		p.Blank()
	}
	p.report = r
	p.head()
	r.Outcomes = words.OutcomesOf(r)
	all := r.Outcomes
	if len(all) > 0 {
		p.Title("RESULT", "")
		p.Blank()
		p.results(r)
		p.notConfirmed(r)
		p.failed(all)
		p.notStarted(all)
		p.blocks(r)
		p.waited(r)
	}
	p.problems(r.Problems)
	p.failure(r.Failure)
	p.Blank()
	next := ""
	if !r.Unfinished {
		next = " " + words.Advice(r)
	}
	p.Line(0, words.Cost(r.Requests)+next)
	return p.Flush(w)
}

func (p *page) results(r report.Report) {
	for _, line := range words.Results {
		if n := r.Count(line.Of); n > 0 {
			p.Hang(layout.Pad(fmt.Sprintf("  %d %s", n, line.Word), resultColumn), line.About, layout.Plain)
		}
	}
}

// failed names each operation that failed, and why.
func (p *page) failed(all []report.Outcome) {
	for _, o := range all {
		if o.Result == report.Failed {
			p.Blank()
			p.Line(2, "failed: "+words.VerbPhrase(o.Step, o.Operation()))
			p.Line(4, o.Err)
		}
	}
}

// blocks writes what takes more than a line to tell. A certificate found stale once
// is told of once.
func (p *page) blocks(r report.Report) {
	held := r.Count(report.NotStarted)
	for _, o := range r.Detailed() {
		p.Blank()
		p.Block(words.OutcomeBlock(o, held))
	}
	if r.Plan.Limits.Exceeded() {
		p.Blank()
		p.exceeded()
	}
}

// waitColumn is where it says which certificate waited, and how it is.
const waitColumn = 16

// waited writes how the following of each request ended, by who acts next.
func (p *page) waited(r report.Report) {
	if len(r.Waits) == 0 {
		return
	}
	p.Title("WAITS", "")
	p.Blank()
	for _, how := range report.WaitEnds() {
		for _, w := range r.Waited(how) {
			p.Hang(layout.Pad("  "+words.WaitWord(how), waitColumn), words.Title(w.Step)+": "+words.WaitState(w, words.ReadAt(w)), layout.Plain)
			if !w.Do.None() {
				p.Hang(layout.Pad("  do", waitColumn), w.Do.String(), layout.Plain)
			}
		}
	}
}
