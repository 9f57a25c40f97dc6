package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// session is one run of the plan, with or without its apply, stage by stage. The
// report grows as the run goes on, so that there is one to write whatever happens.
type session struct {
	w        world
	o        options
	talk     *slog.Logger
	progress *progress
	out      *printer
	report   report.Report
	disk     *manifest.Disk
	target   *target
	trail    trail
	approval plan.Approval // of --plan
	rules    plan.Options
	spent    spent // by the plan
	ending   ending
	untimed  func() // takes the time limit away

	outlasting bool // that the reads take too long has been said

	mu     sync.Mutex     // of what follows, and of writing files
	atWork *report.Report // of an apply: as it stands; nil before its first write and after its last
}

// runPlan is the main command.
func runPlan(ctx context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return wrongUsage(w, "", o, errors.New("name the files or directories that hold the manifests"))
	}
	if err := mistaken(o.paths); err != nil {
		return wrongUsage(w, "", o, err)
	}
	return newSession(w, o).run(ctx)
}

func newSession(w world, o options) *session {
	w, talk, progress := conversation(w, o)
	warnOfUnknown(w.environ, talk)
	s := &session{
		w: w, o: o, talk: talk, progress: progress, out: newPrinter(w, o, talk),
		report: report.Report{Apply: o.apply, Within: o.failOnExpiring, Paths: o.paths, Chosen: o.chosen(), Flags: o.repeat, AsOf: o.now != "" && o.sandbox == "" && !cps.OnLoopback(o.apiURL), Version: version(), Run: runFacts(w.getenv, o.run)},
	}
	s.w.progress = func(done, total int) {
		progress.reached(done, total)
		s.outlasts(done, total)
	}
	return s
}

// look reads and plans, for a command that says it in another way than the plan does.
// Where that was not possible it has said why, and code is the exit code.
func (s *session) look(ctx context.Context, command string) (code int, ok bool) {
	soft, cancel := softly(ctx, s.w.stop, s.o.wholeTimeout(), s.interrupted)
	defer cancel()
	if err := s.stages(ctx, soft); err != nil {
		var u usageError
		if errors.As(err, &u) && u.code == exitUsage {
			return usage(s.w, command, u), false
		}
		s.report.Failure = failureOf(err)
	}
	if s.report.Failure == nil && len(s.report.Problems) == 0 {
		return exitOK, true
	}
	s.out.complain(s.report)
	if s.w.stop.done() {
		return s.w.stop.code, false
	}
	return exitError, false
}

// run goes through the stages and writes the report, whatever stopped them.
func (s *session) run(ctx context.Context) int {
	soft, lift, end := liftably(ctx, s.w.stop, s.o.wholeTimeout(), s.interrupted)
	defer end()
	s.untimed = lift
	if err := s.stages(ctx, soft); err != nil {
		var u usageError
		if errors.As(err, &u) && u.code == exitUsage {
			return wrongUsage(s.w, "", s.o, u)
		}
		s.report.Failure = failureOf(err)
	}
	s.ending.timedOut = errors.Is(context.Cause(soft), errTimeout)
	if s.w.stop.done() {
		s.ending.stopped = s.w.stop.code
	}
	s.standsAt(nil)
	s.guarded(func() { s.out.finish(s.report) })
	s.explainCost()
	s.guarded(func() { s.out.outputs(s.report, s.code()) })
	if why := because(s.report, s.o, s.code()); why != "" {
		s.talk.Info(why)
	}
	return s.code()
}

// code is the exit code, as far as it is known by now.
func (s *session) code() int {
	s.ending.outputFailed = s.ending.outputFailed || s.out.incomplete()
	return exitCode(s.report, s.o, s.ending)
}

// guarded writes something. When that panics, the exit code still tells what became of
// the writes: it counts as a failed output.
func (s *session) guarded(write func()) {
	defer func() {
		if p := recover(); p != nil {
			s.out.failed = true
			s.talk.Error(fmt.Sprintf("internal error: %v\n%s", p, debug.Stack()))
		}
	}()
	write()
}

// interrupted says that the first signal was heard: what is in flight may take a while, and
// nobody knows whether this process is still there then. So it writes what is known.
func (s *session) interrupted() {
	s.talk.Warn(fmt.Sprintf("interrupted: nothing new is begun; what is in flight has %s; once more stops at once", grace))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.atWork == nil {
		return
	}
	r := *s.atWork
	r.Requests = s.counted(r.Requests)
	s.guarded(func() {
		s.out.files(r)
		r.Requests.Writes++ // that may be in flight: it is counted when it is over
		s.out.outputs(r, exitCode(r, s.o, ending{stopped: s.w.stop.code}))
	})
}

// standsAt keeps how far the apply is, for a signal that comes in the middle of it; nil
// when the rest of the run writes its files itself.
func (s *session) standsAt(r *report.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.atWork = r
}

// unfinished is the report of an apply at work.
func (s *session) unfinished() *report.Report {
	r := s.report
	r.Unfinished = true
	return &r
}

// warn says something about the run, in the conversation and in the report.
func (s *session) warn(text string) {
	s.report.Warnings = append(s.report.Warnings, report.Problem{Message: text})
	s.talk.Warn(text)
}
