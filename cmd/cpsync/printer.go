package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/cpsync/cpsync/internal/platform"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// printer writes what a run has to say: to stdout, to every --out, and to stderr. What
// can't be written is remembered for the exit code and stops nothing.
type printer struct {
	w      world
	o      options
	talk   *slog.Logger
	stdout *rememberer
	style  render.Style
	named  bool // the output has named the target
	failed bool // something could not be written to a file
}

func newPrinter(w world, o options, talk *slog.Logger) *printer {
	return &printer{
		w: w, o: o, talk: talk,
		stdout: &rememberer{w: w.stdout},
		style:  styleOf(w.stdout, o.color, o.verbose, w.getenv),
	}
}

// begin names the target on stderr, where stdout is one document that comes at the end.
func (p *printer) begin(r report.Report) {
	if p.o.format != "text" {
		p.nameTarget(r)
	}
}

// plan writes the plan in text, so that it stands there before the first write. In
// other formats a report is one document, at the end.
func (p *printer) plan(r report.Report) {
	if p.o.format == "text" {
		p.write(text.Plan, r)
		p.named = true
	}
}

// finish writes what is left to write: the summary of an apply after its plan, or
// the whole report in a format that is one document.
func (p *printer) finish(r report.Report) {
	switch {
	case p.o.format != "text":
		p.write(render.Formats[p.o.format], r)
	case len(r.Outcomes) > 0:
		p.write(text.Summary, r)
	}
	p.files(r)
	p.tellOfStdout()
	p.complain(r)
	writeAnnotations(p.w, p.o, r)
}

// tellOfStdout says why stdout is not whole, but where its reader has gone away, as head
// does.
func (p *printer) tellOfStdout() {
	if err := p.stdout.err; err != nil && !platform.IsClosedPipe(err) {
		p.talk.Error("stdout: " + withoutPath(err).Error())
	}
}

// files writes every --out, and says whether it could.
func (p *printer) files(r report.Report) (all bool) {
	all = true
	for _, f := range p.o.outFiles {
		if err := f.write(r); err != nil {
			p.failed, all = true, false
			p.talk.Error(err.Error())
		}
	}
	return all
}

// nameTarget names the target on stderr, once, where no plan does it on stdout.
func (p *printer) nameTarget(r report.Report) {
	if !p.named && r.Target != "" {
		p.talk.Info(strings.TrimRight("cpsync   "+r.Target+"   "+r.Top, " "))
	}
	p.named = true
}

// complain says on stderr what stopped the run. A problem of a manifest begins with
// its place, so that editors and problem matchers find it.
func (p *printer) complain(r report.Report) {
	asJSON := p.o.logFormat == "json"
	for _, problem := range r.Problems {
		if asJSON {
			p.talk.Error(words.Problem(problem))
		} else {
			fmt.Fprintln(p.w.stderr, words.Problem(problem))
		}
	}
	f := r.Failure
	if f != nil {
		p.nameTarget(r)
	}
	switch {
	case f == nil:
	case asJSON:
		p.talk.Error(f.Message, "hint", f.Hint)
	default:
		p.talk.Error(f.Message)
		fmt.Fprint(p.w.stderr, lines(f.Hint))
	}
}

// lines ends a text with a line end, unless it is empty. Its lines are safe for a terminal:
// they may name what others named.
func lines(text string) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		all.WriteString(words.Clean(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return all.String()
}

func (p *printer) write(render render.Func, r report.Report) {
	if err := render(p.stdout, r, p.style); err != nil && p.stdout.err == nil {
		p.stdout.err = err
	}
}

// incomplete reports whether something could not be written.
func (p *printer) incomplete() bool { return p.failed || p.stdout.err != nil }
