package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/report"
)

// session is one run of the plan, with or without its apply. The report grows as
// the run goes on, so that there is one to write whatever happens.
type session struct {
	w      world
	o      options
	talk   *slog.Logger
	out    *rememberer
	style  render.Style
	report report.Report
	target *target
	rules  plan.Options
	ending ending
	named  bool // the output has named the target

	journal *journal.Journal // of an apply with --journal
	entries []journal.Entry  // orders of earlier runs that hold others

	approval plan.Approval // of --plan
}

// runPlan is the main command.
func runPlan(ctx context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return wrongUsage(w, "", o, errors.New("name the files or directories that hold the manifests"))
	}
	if err := mistaken(o.paths); err != nil {
		return wrongUsage(w, "", o, err)
	}
	s := &session{
		w: w, o: o,
		talk:   newTalk(w.stderr, o.logFormat, o.quiet, o.verbose),
		out:    &rememberer{w: w.stdout},
		style:  styleOf(w.stdout, o.color, o.verbose, w.getenv),
		report: report.Report{Apply: o.apply, Paths: o.paths, Flags: o.repeat, AsOf: o.now != "" && o.sandbox == "", Version: version()},
	}
	warnOfUnknown(w.environ, s.talk)
	return s.run(ctx)
}

// run goes through the stages and writes the report, whatever stopped them.
func (s *session) run(ctx context.Context) int {
	soft, cancel := softly(ctx, s.w.stop, s.o.wholeTimeout(), s.interrupted)
	defer cancel()
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
	s.finished()
	s.ending.outputFailed = s.ending.outputFailed || s.out.err != nil
	return exitCode(s.report, s.o, s.ending)
}

// finished writes the report. When that panics, the exit code still tells what became of
// the writes: it counts as a failed output.
func (s *session) finished() {
	defer func() {
		if p := recover(); p != nil {
			s.ending.outputFailed = true
			s.talk.Error(fmt.Sprintf("internal error: %v\n%s", p, debug.Stack()))
		}
	}()
	s.finish()
}

// interrupted says that the first signal was heard: what is in flight may take a while.
func (s *session) interrupted() {
	s.talk.Warn("interrupted: nothing new is begun; what is in flight comes to its end; once more stops at once")
}

// stages are the run: read the manifests, read the account, decide, and with
// --apply carry it out. A panic in one of them is an error like any other.
func (s *session) stages(ctx, soft context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.talk.Error(fmt.Sprintf("internal error: %v\n%s", p, debug.Stack()))
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	specs, problems := manifest.Load(manifest.OS{}, s.o.paths)
	if s.report.Problems = problems; len(problems) > 0 {
		return nil
	}
	m, err := s.choose(soft, specs)
	if err != nil {
		return err
	}
	before, err := s.readBase(soft)
	if err != nil {
		return err
	}
	if s.target, err = connect(soft, s.w, s.o, s.talk); err != nil {
		return err
	}
	s.report.Target, s.report.Commit = s.target.name, s.head(soft)
	if s.o.format != "text" {
		s.nameTarget()
	}
	defer func() { err = errors.Join(err, s.target.close()) }()
	if err := s.openJournal(); err != nil {
		return err
	}
	defer s.closeJournal()
	if err := s.approve(); err != nil {
		return err
	}
	defer s.count()
	if err := s.decide(soft, m, before); err != nil {
		return err
	}
	return s.carryOut(ctx, soft)
}

// decide reads the account and makes the plan. Where no manifest was chosen there is
// nothing to read.
func (s *session) decide(soft context.Context, m selection, before *baseline) (err error) {
	var l live
	if len(m.chosen) > 0 {
		if l, err = gather(soft, s.target.client, m, s.target.instant, s.inJournal); err != nil {
			return err
		}
	}
	s.rules = s.planOptions(l.Pairs)
	s.report.Plan = plan.Build(l.Account, s.target.instant, s.rules)
	if before != nil {
		s.report.Base = s.compare(before, m, l)
	}
	if skew := s.target.client.Skew(); skew.Abs() > 5*time.Minute {
		s.warn(fmt.Sprintf("the clock of the API and the clock here are %s apart; what is due is decided by the clock here", skew.Abs().Round(time.Second)))
	}
	s.count()
	return nil
}

// warn says something about the run, in the conversation and in the report.
func (s *session) warn(text string) {
	s.report.Warnings = append(s.report.Warnings, report.Problem{Message: text})
	s.talk.Warn(text)
}

// carryOut prints the plan and, with --apply, sends it.
func (s *session) carryOut(ctx, soft context.Context) error {
	if s.o.format == "text" {
		s.write(render.Plan)
		s.named = true
	}
	if !s.o.apply || !s.report.Plan.HasOps() || !s.holds() {
		return nil
	}
	if !s.writeFiles() {
		return errors.New("nothing was sent, because an --out file can't be written")
	}
	apply.Run(ctx, s.target.client, s.report.Plan, apply.Options{
		Plan: s.rules, Now: s.target.now, Wait: s.target.wait, Stop: soft.Done(),
		Why: func() error { return context.Cause(soft) }, Journal: s.trail(),
		Each: func(o report.Outcome) {
			s.report.Outcomes = append(s.report.Outcomes, o)
			s.talk.Info(render.OutcomeLine(o))
		},
	})
	return nil
}

// finish writes what is left to write: the summary of an apply after its plan, or
// the whole report in a format that is one document.
func (s *session) finish() {
	switch {
	case s.o.format != "text":
		s.write(render.Formats[s.o.format])
	case len(s.report.Outcomes) > 0:
		s.write(render.Summary)
	}
	s.writeFiles()
	s.complain()
	annotate(s.w, s.o, s.report)
}

// writeFiles writes every --out, and says whether it could. What can't be written is
// remembered for the exit code, like stdout; before the first write it ends the run,
// since somebody wants the record.
func (s *session) writeFiles() (all bool) {
	all = true
	for _, f := range s.o.outFiles {
		if err := f.write(s.report); err != nil {
			s.ending.outputFailed, all = true, false
			s.talk.Error(err.Error())
		}
	}
	return all
}

// nameTarget names the target on stderr, once, where no plan does it on stdout.
func (s *session) nameTarget() {
	if !s.named && s.report.Target != "" {
		s.talk.Info("cpsync   " + s.report.Target)
	}
	s.named = true
}

// complain says on stderr what stopped the run. A problem of a manifest begins with
// its place, so that editors and problem matchers find it.
func (s *session) complain() {
	asJSON := s.o.logFormat == "json"
	for _, p := range s.report.Problems {
		if asJSON {
			s.talk.Error(render.Problem(p))
		} else {
			fmt.Fprintln(s.w.stderr, render.Problem(p))
		}
	}
	f := s.report.Failure
	if f != nil {
		s.nameTarget()
	}
	switch {
	case f == nil:
	case asJSON:
		s.talk.Error(f.Message, "hint", f.Hint)
	default:
		s.talk.Error(f.Message)
		fmt.Fprint(s.w.stderr, lines(f.Hint))
	}
}

// lines ends a text with a line end, unless it is empty.
func lines(text string) string {
	if text == "" {
		return ""
	}
	return text + "\n"
}

func (s *session) write(render render.Func) {
	if err := render(s.out, s.report, s.style); err != nil && s.out.err == nil {
		s.out.err = err
	}
}

// count takes over what the requests have cost so far.
func (s *session) count() {
	c := s.target.client.Counts()
	s.report.Requests = report.Requests{Reads: c.Reads, Writes: c.Writes, Retries: c.Retries, Waited: c.Waited}
}

// planOptions are what the plan is made with, and every step of it is made again with.
func (s *session) planOptions(pairs []plan.Pair) plan.Options {
	return plan.Options{
		API: s.target.api, OrderPause: s.o.orderPause,
		MaxEdits: s.o.maxEdits, MaxOrders: s.o.maxOrders, MaxRenewals: s.o.maxRenewals,
		Held: s.held(pairs), Approval: s.approval,
	}
}

// wholeTimeout is --timeout, or what a plan or an apply takes at most.
func (o options) wholeTimeout() time.Duration {
	switch {
	case o.timeout > 0:
		return o.timeout
	case o.apply:
		return 45 * time.Minute
	default:
		return 15 * time.Minute
	}
}
