package text

import (
	"strings"

	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

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
		for _, line := range []string{words.LookupCounts(words.RecordsOf(r)), words.PlanCounts(r), words.AlsoApplied(r), words.Elsewhere(r), words.ExpiryCounts(r),
			words.CertificateCounts(r), words.NoteCounts(r.Plan), words.LimitCounts(r.Plan.Limits)} {
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
	p.Line(0, words.Plural(len(all), "problem", "problems")+"; nothing was sent")
}

// failure writes what stopped the run, and what to do about it.
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
