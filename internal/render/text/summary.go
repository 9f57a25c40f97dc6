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
	if len(r.Outcomes) > 0 {
		p.Title("RESULT", "")
		p.Blank()
		p.results()
	}
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
	for _, result := range []report.Result{report.Unknown, report.Failed, report.NotConverged, report.Stale, report.NotApproved, report.NotConfirmed} {
		for _, same := range words.SameFacts(r, r.WithResult(result)) {
			p.outcomes(same.Outcomes)
			p.facts(same.Facts)
		}
	}
	for _, how := range report.WaitEnds() {
		all := r.Waited(how)
		if how.Good() && len(all) > fewResults && !p.Style.Verbose {
			p.Hang(resultHead(words.WaitWord(how), ""), words.Plural(len(all), "certificate", "certificates")+" (list: -v)", layout.Plain)
			continue
		}
		for _, wait := range all {
			p.Marked(resultHead(words.WaitWord(how), "wait"), words.Title(wait.Step), "", layout.Plain)
			p.facts(words.WaitFacts(r, wait))
		}
	}
	for _, same := range words.SameFacts(r, r.WithResult(report.NotStarted)) {
		p.outcomes(same.Outcomes)
		p.facts(same.Facts)
	}
	p.outcomes(r.WithResult(report.Done))
}

// fewResults is how many operations with the same result and reason are named where nobody
// asked for all.
const fewResults = 3

// outcomes writes operations with one result, each on a line, or only their counts.
func (p *page) outcomes(all []report.Outcome) {
	if len(all) > fewResults && !p.Style.Verbose {
		p.Hang(resultHead(words.ResultWord(all[0].Result), ""), words.OutcomeCounts(all)+" (list: -v)", layout.Plain)
		return
	}
	for _, o := range all {
		p.Marked(resultHead(words.ResultWord(o.Result), words.OperationWord(o.Operation())), words.Title(o.Step), words.OutcomeMark(o), layout.Plain)
	}
}

func resultHead(result, operation string) string {
	head := "  " + layout.Pad(strings.ToUpper(result), resultWidth)
	if operation == "" {
		return head
	}
	return head + layout.Pad(operation, max(operationWidth, len(operation)+1))
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
