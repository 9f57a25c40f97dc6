package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/platform"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// printer writes what a run has to say: to stdout, to every --out, and to stderr. What
// can't be written is remembered for the exit code and stops nothing.
type printer struct {
	w      cli.World
	a      *cli.Plan
	log    *slog.Logger
	stdout *cli.Stdout
	style  render.Style
	named  bool // the output has named the target
	failed bool // something could not be written to a file
}

func newPrinter(w cli.World, a *cli.Plan, log *slog.Logger) *printer {
	return &printer{w: w, a: a, log: log, stdout: &cli.Stdout{W: w.Stdout}, style: w.Style(a.Log)}
}

// begin names the target on stderr, where stdout is one document that comes at the end.
func (p *printer) begin(r report.Report) {
	if p.a.Format != "text" {
		p.nameTarget(r)
	}
}

// plan writes the plan in text, so that it stands there before the first write. In
// other formats a report is one document, at the end.
func (p *printer) plan(r report.Report) {
	if p.a.Format == "text" {
		p.write(text.Plan, r)
		p.named = true
	}
}

// finish writes what is left to write: the summary of an apply after its plan, or
// the whole report in a format that is one document.
func (p *printer) finish(r report.Report) {
	switch {
	case p.a.Format != "text":
		p.write(render.Formats[p.a.Format], r)
	case len(r.Outcomes) > 0:
		p.write(text.Summary, r)
	}
	p.files(r)
	p.reportStdout()
	p.complain(r)
	p.w.Annotate(p.a.Annotations, r)
}

// reportStdout says why stdout is not whole, but where its reader has gone away, as head
// does.
func (p *printer) reportStdout() {
	if err := p.stdout.Err; err != nil && !platform.IsClosedPipe(err) {
		p.log.Error("stdout: " + cli.WithoutPath(err).Error())
	}
}

// files writes every --out, and says whether it could.
func (p *printer) files(r report.Report) (all bool) {
	all = true
	for _, f := range p.a.Outs {
		if err := f.Write(r); err != nil {
			p.failed, all = true, false
			p.log.Error(err.Error())
		}
	}
	return all
}

// nameTarget names the target on stderr, once, where no plan does it on stdout.
func (p *printer) nameTarget(r report.Report) {
	if !p.named && r.Target != "" {
		p.a.Log.Write(p.log, strings.TrimRight("cpsync   "+r.Target+"   "+r.Top, " "), "target", "target", r.Target)
	}
	p.named = true
}

// complain says on stderr what stopped the run. A problem of a manifest begins with
// its place, so that editors and problem matchers find it.
func (p *printer) complain(r report.Report) {
	for _, problem := range r.Problems {
		if p.a.Log.JSON() {
			cli.LogProblem(p.log, problem)
		} else {
			fmt.Fprintln(p.w.Stderr, words.Problem(problem))
		}
	}
	if r.Failure != nil {
		p.nameTarget(r)
		p.w.Complain(r.Failure)
	}
}

func (p *printer) write(render render.Func, r report.Report) {
	if err := render(p.stdout, r, p.style); err != nil && p.stdout.Err == nil {
		p.stdout.Err = err
	}
}

// incomplete reports whether something could not be written.
func (p *printer) incomplete() bool { return p.failed || p.stdout.Err != nil }

// step writes what the run has to say to the steps after it. Of what is written twice
// the runner takes the last.
func (p *printer) step(r report.Report, code int) {
	if err := p.a.Step.Write(code, r.Plan, p.a.Outs); err != nil {
		p.failed = true
		p.log.Error(err.Error())
	}
}
