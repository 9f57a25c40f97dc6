package text

import (
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Summary writes the result of an apply, after the last write: what is not done with its reason
// and action, how the waits ended, what is done, and the counts last.
func Summary(w io.Writer, r report.Report, s layout.Style) error {
	p := newPage(s)
	if r.Unfinished {
		p.Line(0, words.Unfinished(words.Mode(r)))
		p.Blank()
	}
	r.Outcomes = words.OutcomesOf(r)
	p.report = r
	p.head()
	p.section(len(r.Outcomes), "RESULT", "")
	p.results()
	p.problems(r.Problems)
	p.failure(r.Failure)
	p.Blank()
	p.Say(words.ApplyCounts(r))
	p.exceeded()
	p.Line(0, strings.TrimSuffix(words.Cost(r.Requests), "."))
	return p.Flush(w)
}

// Where the operation and the certificate of a result stand, in columns.
const (
	resultWidth    = 15
	operationWidth = 11
)

// results writes what is not done, the waits, what was not started, and what is done.
func (p *page) results() {
	r := p.report
	write := func(result report.Result) {
		for _, same := range words.SameFacts(r, r.WithResult(result)) {
			p.outcomes(same.Outcomes)
			p.facts(same.Facts)
		}
	}
	for _, result := range []report.Result{report.Unknown, report.Failed, report.NotConverged, report.Stale, report.NotApproved, report.NotConfirmed} {
		write(result)
	}
	for _, how := range report.WaitEnds() {
		all := r.Waited(how)
		if how.Good() && len(all) > fewResults && !p.Style.Verbose {
			p.Hang(resultHead(words.WaitEnds[how], ""), words.Plural(len(all), "certificate")+" (list: -v)", layout.Plain)
			continue
		}
		for _, wait := range all {
			p.Hang(resultHead(words.WaitEnds[how], "wait"), words.Title(wait.Step), layout.Plain)
			p.facts(words.WaitFacts(r, wait))
		}
	}
	write(report.NotStarted)
	write(report.Done)
}

// outcomes writes operations with one result, each on a line, or only their counts.
func (p *page) outcomes(all []report.Outcome) {
	if len(all) > fewResults && !p.Style.Verbose {
		p.Hang(resultHead(words.Results[all[0].Result].Word, ""), words.KindsOf(words.Each(all, report.Outcome.Operation))+" (list: -v)", layout.Plain)
		return
	}
	for _, o := range all {
		head := resultHead(words.Results[o.Result].Word, words.OperationWord(o.Operation()))
		p.Marked(head, words.Title(o.Step), words.OutcomeMark(o), layout.Plain)
	}
}

func resultHead(result, operation string) string {
	head := "  " + layout.Pad(strings.ToUpper(result), resultWidth)
	if operation != "" {
		head += layout.Pad(operation, max(operationWidth, len(operation)+1))
	}
	return head
}

// facts writes why, and what to do. A command to paste is on one line.
func (p *page) facts(all []words.Fact) {
	for _, f := range all {
		head := "    " + layout.Pad(f.Key, resultWidth-2)
		switch {
		case f.Text == "":
		case f.Key == "":
			p.Put(head + words.Clean(f.Text))
		default:
			p.Sentence(head, f.Text)
		}
	}
}

// end writes what stopped the run, the counts, and what can be done with the plan.
func (p *page) end() {
	r := p.report
	p.problems(r.Problems)
	p.failure(r.Failure)
	p.Blank()
	if len(r.Plan.Steps) > 0 {
		if p.inferred {
			p.Clause(words.InferredNote)
		}
		for _, line := range []string{words.LookupCounts(words.RecordsOf(r)), words.PlanCounts(r), words.AlsoApplied(r), words.Elsewhere(r),
			words.ExpiryCounts(r), words.CertificateCounts(r), words.NoteCounts(r.Plan), words.LimitCounts(r.Plan.Limits)} {
			p.Say(line)
		}
		p.exceeded()
	}
	p.last()
}

// exceeded writes what is over a limit. A flag or a command to paste is on one line.
func (p *page) exceeded() {
	for _, e := range words.Exceeded(p.report) {
		p.Say(e.Text)
		p.Put("  if all are meant  " + words.Clean(e.All))
		p.Put("  if only one is    " + words.Clean(e.One))
	}
}

// last writes the last line. It never breaks the command that applies the plan: a long
// command stands on the next line, and one that fits no line is described.
func (p *page) last() {
	line := words.NothingWritten(p.report) + words.Next(p.report)
	if !strings.HasSuffix(line, ":") {
		p.Say(line)
		return
	}
	command := words.ApplyCommand(p.report)
	switch {
	case layout.Columns(line+" "+command) <= p.Style.Width:
		p.Line(0, line+" "+command)
	case layout.Columns(command) <= p.Style.Width-layout.Margin:
		p.Line(0, line)
		p.Put(strings.Repeat(" ", layout.Margin) + words.Clean(command))
	default:
		p.Line(0, line+" the same command with --apply")
	}
}

// problems writes problems of the files, one a line, however long.
func (p *page) problems(all []report.Problem) {
	if len(all) == 0 {
		return
	}
	p.Blank()
	for _, problem := range all {
		p.Put(words.Problem(problem))
	}
	p.Blank()
	p.Line(0, words.Plural(report.Count(all), "problem")+"; nothing was sent")
}

func (p *page) failure(f *report.Failure) {
	if f == nil {
		return
	}
	p.Blank()
	head := "error: "
	for line := range strings.SplitSeq(f.Message, "\n") {
		p.Hang(head, line, layout.Plain)
		head = "       "
	}
	if f.Hint != "" {
		p.Line(layout.Columns(head), f.Hint)
	}
}
