package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// session is one run of the plan, with or without its apply, and what it says and writes meanwhile: to stdout,
// to every --out, and to stderr. What can't be written is remembered for the exit code and stops nothing.
type session struct {
	ctx      context.Context // until the first signal
	w        cli.World
	a        *cli.Plan
	log      *slog.Logger
	progress *cli.Progress
	stdout   *cli.Stdout
	style    render.Style
	run      *stages.Run
	ending   cli.Ending
	lift     func() // takes the time limit away
	tooSlow  bool   // that the reads take too long has been said
	named    bool   // the output has named the target
	failed   bool   // something could not be written to a file

	mu     sync.Mutex     // of what follows, and of writing files
	atWork *report.Report // of an apply: as it stands; nil before its first write and after its last
}

func newSession(ctx context.Context, w cli.World, a *cli.Plan) *session {
	w, log, progress := begin(w, a.Log)
	s := &session{ctx: ctx, w: w, a: a, log: log, progress: progress, stdout: &cli.Stdout{W: w.Stdout}, style: w.Style(a.Log)}
	s.run = &stages.Run{
		Options: a.Options,
		Events:  s.events(),
		Report:  report.Report{Apply: a.Apply, ExpiringWithin: a.FailOnExpiring, Paths: a.Paths, Chosen: a.Choice.Words(), Flags: a.Repeat, AsOf: a.AsOf(), Version: cli.Version(), Run: w.Facts(a.Run)},
	}
	o := &s.run.Options
	o.DCV, o.Lookup, o.Edge, o.By = !a.Skip, w.Lookup(a.DCV, a.Most(a.Apply)), a.EdgeCheck(a.Target, a.Log, a.Apply), w.Facts(nil)["actor"]
	if a.Sandbox == "" {
		o.Spread = w.Spread
	}
	s.w.Progress = func(done, total int) {
		progress.Reached(done, total)
		if text := cli.TooSlow(s.run.Target, total-done, a.Most(a.Apply), a.ReadAll); text != "" && !s.tooSlow {
			s.tooSlow = true
			s.warn(text)
		}
	}
	return s
}

func (s *session) events() stages.Events {
	return stages.Events{
		Warn: func(text string) { s.log.Warn(text) },
		Expect: func(e report.Expected) {
			if s.a.Verbose {
				s.log.Info(cli.Expected(e))
			}
		},
		Ended: func(o report.Outcome) {
			s.standsAt(s.unfinished())
			s.a.Log.Outcome(s.log, o)
			s.progress.Reached(len(s.run.Report.Outcomes), s.run.Report.Plan.NumOps())
		},
		Settled: func(o report.Outcome, other bool) {
			s.logSettled(o, other)
			s.standsAt(s.unfinished())
		},
		Progressed: func(w report.Wait) { s.a.Log.Wait(s.log, w, false) },
		Waited:     func(w report.Wait) { s.a.Log.Wait(s.log, w, true) },
	}
}

// logSettled says what a later reading made of an outcome.
func (s *session) logSettled(o report.Outcome, other bool) {
	if other {
		s.a.Log.Outcome(s.log, o)
	}
}

// limited is the time that the run has, up to its last write.
func (s *session) limited() (limited context.Context, end func()) {
	limited, lift, done := cli.Limited(s.ctx, s.a.Most(s.a.Apply))
	s.lift = lift
	forget := cli.OnStop(limited, s.interrupted)
	return limited, func() { forget(); done() }
}

// exitCode is the exit code, as far as it is known by now, and why.
func (s *session) exitCode() (code int, why string) {
	s.ending.OutputFailed = s.ending.OutputFailed || s.failed || s.stdout.Err != nil
	return cli.ExitCode(s.run.Report, s.a, s.ending)
}

// closeJournal gives the journal back. A line that could not be written is a failed
// output: the write it is about was made.
func (s *session) closeJournal() {
	if err := s.run.Journal.Close(); err != nil {
		s.ending.OutputFailed = true
		s.log.Error(err.Error())
	}
}

// guarded writes something. When that panics, the exit code still tells what became of
// the writes: it counts as a failed output.
func (s *session) guarded(write func()) {
	if err := stages.Guard(s.log, func() error { write(); return nil }); err != nil {
		s.failed = true
	}
}

// interrupted says that the first signal was heard: what is in flight may take a while, and
// it is unknown whether this process is still there then. So it writes what is known.
func (s *session) interrupted() {
	s.guarded(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		grace := ""
		if s.atWork != nil {
			grace = fmt.Sprintf("the request in progress has %s to finish; ", cli.Grace)
		}
		s.log.Warn("interrupted: nothing more is sent; " + grace + "a second signal stops at once")
		if s.atWork == nil {
			return
		}
		r := *s.atWork
		r.Requests = s.run.Target.Counted(r.Requests)
		s.files(r)
		r.Requests.Writes++ // that may be in flight: it is counted when it is over
		code, _ := cli.ExitCode(r, s.a, cli.Ending{Stopped: cli.Stopped(s.ctx)})
		s.step(r, code)
	})
}

// standsAt keeps how far the apply is, for a signal that comes in the middle of it; nil
// when the rest of the run writes its files itself.
func (s *session) standsAt(r *report.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.atWork = r
}

func (s *session) unfinished() *report.Report {
	r := s.run.Report
	r.Unfinished = true
	return &r
}

// warn says something about the run, in the log and in the report.
func (s *session) warn(text string) {
	s.run.Report.Warnings = append(s.run.Report.Warnings, report.Problem{Message: text})
	s.log.Warn(text)
}

// finish writes what is left to write: the summary of an apply after its plan, or
// the whole report in a format that is one document.
func (s *session) finish() {
	r := s.run.Report
	switch {
	case s.a.Format != "text":
		s.write(render.Formats[s.a.Format])
	case len(r.Outcomes) > 0:
		s.write(text.Summary)
	}
	s.files(r)
	if s.stdout.Err != nil {
		s.w.NoStdout(s.stdout.Err)
	}
	s.complain()
	s.w.Annotate(s.a.Annotations, r)
}

func (s *session) write(render render.Func) {
	if err := render(s.stdout, s.run.Report, s.style); err != nil && s.stdout.Err == nil {
		s.stdout.Err = err
	}
}

// files writes every --out, and says whether it could.
func (s *session) files(r report.Report) (all bool) {
	all = true
	for _, out := range s.a.Writes {
		if err := s.w.WriteTo("--out", out.Path, func(to io.Writer) error { return render.Formats[out.Format](to, r, render.Style{}) }); err != nil {
			s.failed, all = true, false
			s.log.Error(err.Error())
		}
	}
	return all
}

// step writes what the run has to say to the steps after it. Of what is written twice the runner takes the last.
func (s *session) step(r report.Report, code int) {
	if err := s.a.Step.Write(code, r.Plan, s.a.Writes); err != nil {
		s.failed = true
		s.log.Error(err.Error())
	}
}

// nameTarget names the target on stderr, once, where no plan does it on stdout.
func (s *session) nameTarget() {
	if r := s.run.Report; !s.named && r.Target != "" {
		s.a.Log.Write(s.log, strings.TrimRight("cpsync   "+r.Target+"   "+r.Top, " "), "target", "target", r.Target)
	}
	s.named = true
}

func (s *session) complain() {
	r := s.run.Report
	s.w.Problems(r.Problems)
	if r.Failure != nil {
		s.nameTarget()
		s.w.Complain(r.Failure)
	}
}
