package text

import (
	"strings"

	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

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

// ending writes what stopped the run, what is refused, and the line that says what
// the plan cost and how to carry it out.
func (p *page) ending(r report.Report) {
	p.problems(r.Problems)
	p.failure(r.Failure)
	if r.Plan.Limits.Exceeded() {
		p.Blank()
		for _, b := range words.Refusals(r) {
			p.Block(b)
		}
	}
	p.Blank()
	p.last(r)
}

// last writes the last line. It never breaks the command that applies the plan: a long
// command stands on the next line, and one that fits no line is described.
func (p *page) last(r report.Report) {
	line := words.Cost(r.Requests) + words.Next(r)
	if !strings.HasSuffix(line, ":") {
		p.Line(0, line)
		return
	}
	command := words.ApplyCommand(r)
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
