package render

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/report"
)

// Problem returns one line: place, what is wrong, and the hint. The place comes first
// so that editors and problem matchers find it.
func Problem(p report.Problem) string {
	line := Clean(p.Message)
	switch at := p.At; {
	case at.File != "" && at.Line > 0:
		line = fmt.Sprintf("%s:%d:%d: %s", Clean(at.File), at.Line, at.Column, line)
	case at.File != "":
		line = Clean(at.File) + ": " + line
	}
	if p.Hint != "" {
		line += " (hint: " + Clean(p.Hint) + ")"
	}
	return line
}

// problems writes problems of the files, one a line, however long.
func (p *page) problems(all []report.Problem) {
	if len(all) == 0 {
		return
	}
	p.blank()
	for _, problem := range all {
		p.put(Problem(problem))
	}
	p.blank()
	p.line(0, plural(len(all), "problem", "problems")+"; nothing was sent")
}

// failure writes what stopped the run, and what to do about it.
func (p *page) failure(f *report.Failure) {
	if f == nil {
		return
	}
	p.blank()
	head := "error: "
	for line := range strings.SplitSeq(f.Message, "\n") {
		p.hang(head, line, plain)
		head = "       "
	}
	if f.Hint != "" {
		p.line(columns(head), f.Hint)
	}
}
