package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

func runPlan(ctx context.Context, w cli.World, a *cli.Plan) int {
	if err := cli.Mistaken(commands(), a.Paths, a.Repeat); err != nil {
		return wrongUsage(w, "", a, err)
	}
	s := newSession(ctx, w, a)
	limited, end := s.limited()
	defer end()
	if err := s.stages(limited); err != nil {
		return wrongUsage(w, "", a, err)
	}
	s.ending.TimedOut = errors.Is(context.Cause(limited), cli.ErrTimeout)
	s.ending.Stopped = cli.Stopped(ctx)
	s.standsAt(nil)
	s.guarded(s.finish)
	if a.Verbose && s.run.Target != nil {
		a.Log.Requests(s.log, s.run.Target, s.run.Spent)
	}
	code, _ := s.exitCode()
	s.guarded(func() { s.step(s.run.Report, code) })
	code, why := s.exitCode() // writing the outputs of the step may have failed
	s.w.Because(why)
	return code
}

// stages are the run: load the manifests, read the account, decide, and with --apply carry it out and wait. A panic
// in one of them is an error like any other. It returns wrong usage; what else stopped the run is in the report.
func (s *session) stages(ctx context.Context) (usage error) {
	defer s.progress.End()
	err := stages.Guard(s.log, func() (err error) {
		defer func() {
			if s.run.Target != nil {
				err = errors.Join(err, s.run.Target.Close())
			}
		}()
		m, err := s.load(ctx)
		if err != nil || len(s.run.Report.Problems) > 0 {
			return err
		}
		return s.plan(ctx, m)
	})
	switch {
	case errors.As(err, new(stages.UsageError)):
		return err
	case err != nil:
		s.fail(err)
	}
	return nil
}

// fail keeps what stopped the run. What to do begins with the state of the world.
func (s *session) fail(err error) {
	f := s.w.FailureOf(err)
	state := "nothing was written"
	switch {
	case s.run.Report.Began():
		state = "writes were sent before: see the outcomes"
	case len(s.a.Settle) > 0: // the journal may have been written to
		state += " to the API"
	}
	switch first, _ := utf8.DecodeRuneInString(f.Hint); {
	case f.Hint == "":
	case unicode.IsUpper(first) && !strings.Contains(f.Hint, "\n"):
		state += ". " + f.Hint
	default: // a command, or a list
		state += "\n" + f.Hint
	}
	f.Hint, s.run.Report.Failure = state, f
}

// load reads the manifests, and chooses among them.
func (s *session) load(ctx context.Context) (m stages.Manifests, err error) {
	source, r := s.w.Source(s.a.Common), &s.run.Report
	disk, err := source.Open(ctx)
	if err != nil {
		return m, stages.UsageError{Err: err}
	}
	r.Top = s.a.Top(disk)
	loaded := manifest.LoadAll(disk, source.Paths, false)
	err = cmp.Or(context.Cause(ctx), disk.Err())
	if s.w.Loaded != nil {
		s.w.Loaded()
	}
	if err := cmp.Or(s.w.Guard(disk, s.a), err); err != nil {
		return m, err
	}
	if text := stages.Skipped(loaded.Skipped); text != "" {
		s.warn(text)
	}
	if r.Problems = loaded.Problems; len(r.Problems) > 0 {
		return m, nil
	}
	r.Manifests = len(loaded.Specs)
	if m, err = s.choose(ctx, source, loaded); err != nil {
		return m, err
	}
	r.Reviewed = m.Reviewed
	if len(m.Chosen) == 0 {
		text := fmt.Sprintf("no manifest is new or changed since %s (a removed one is shown by --base)", s.a.Since)
		if len(s.a.Settle) == 0 {
			text += "; nothing to do"
		}
		s.log.Info(text)
	}
	if m.Base != nil && len(m.Base.Problems) > 0 {
		s.warn(fmt.Sprintf("the manifests as of %s have %s, so everything counts as changed; the first: %s",
			m.Base.Revision, words.Plural(report.Count(m.Base.Problems), "problem"), words.Problem(m.Base.Problems[0])))
	}
	return m, nil
}

// choose asks the API about a word of --only that no manifest has: it may be a live label.
func (s *session) choose(ctx context.Context, source stages.Source, all manifest.Loaded) (stages.Manifests, error) {
	choice := s.a.Choice
	for {
		m, err := source.Choose(ctx, all, choice)
		var none stages.NoManifest
		if !errors.As(err, &none) || s.connect(ctx, s.log) != nil {
			return m, err
		}
		if choice, err = none.WithID(ctx, s.run.Target, all.Specs, choice); err != nil {
			return m, err
		}
	}
}

// connect prepares the target, once, and without a log no client for it.
func (s *session) connect(ctx context.Context, log *slog.Logger) (err error) {
	if s.run.Target == nil {
		s.run.Target, err = s.w.Connect(ctx, s.a.Target, s.a.Apply, log)
	}
	return err
}

// plan connects, decides, and goes on with the apply.
func (s *session) plan(ctx context.Context, m stages.Manifests) (err error) {
	r := s.run
	log := s.log
	if !r.Options.Asks(m) {
		log = nil
	}
	if err := s.connect(ctx, log); err != nil {
		return err
	}
	r.Report.Target = r.Target.Name
	r.Report.Commit = s.w.Source(s.a.Common).Head(ctx)
	if s.a.Format != "text" { // its one document comes at the end
		s.nameTarget()
	}
	if r.Journal, err = stages.OpenJournal(ctx, s.a.Journal, s.a.Apply, r.Target); err != nil {
		return err
	}
	defer s.closeJournal()
	if s.a.Approved != "" {
		data, err := cli.ReadFile(ctx, s.a.Approved, cli.MaxPlan)
		if err != nil {
			return fmt.Errorf("--plan %w", err)
		}
		if r.Options.Rules.Approval, err = r.ReadApproval(data, s.a.Approved, s.a.MaxAge); err != nil {
			return err
		}
	} else if s.a.Rules.PoliciesApproved {
		r.Options.Rules.Approval = plan.Approval{}
	}
	defer r.Count()
	s.progress.Begin("reading", "reads") // loading is over, and has no part in the rate
	if err := r.Plan(ctx, m); err != nil {
		return err
	}
	s.progress.End()
	if s.a.Format == "text" { // the plan stands there before the first write
		s.write(text.Plan)
		s.named = true
	}
	if err = s.apply(ctx); err == nil && ctx.Err() == nil && !s.ending.Refused {
		r.Journal.Writer.Applied()
	}
	return err
}

func (s *session) apply(ctx context.Context) error {
	if !s.run.MayApply() {
		if s.ending.Refused = s.run.Refused; s.ending.Refused {
			s.log.Error("refused: the approved plan does not hold any more; nothing was sent")
		}
		return nil
	}
	if !s.files(*s.unfinished()) { // somebody wants the record
		return errors.New("nothing was sent, because an --out file can't be written")
	}
	s.standsAt(s.unfinished())
	s.progress.Begin("applying", "operations")
	s.run.Apply(ctx, cli.InFlight(ctx))
	s.standsAt(nil)
	if s.run.MayWait() {
		s.wait(ctx)
	}
	return nil
}

// wait waits for what was sent. The limit of --timeout ends here: it is about the time
// until everything is sent, and CAs take hours. The journal is given back, since nothing
// more is written, and the files hold the outcomes from now on, however the wait ends.
func (s *session) wait(ctx context.Context) {
	s.lift()
	if ctx.Err() == nil {
		s.run.Journal.Writer.Applied()
	}
	s.closeJournal()
	s.run.Count()
	s.files(s.run.Report)
	s.run.Events.Waiting, s.run.Events.Settled = s.progress.WaitLine(s.run.Target.Now), s.logSettled
	pause := s.run.Target.Pause
	s.run.Target.Pause = func(ctx context.Context, d time.Duration) error {
		defer s.progress.End()
		return pause(ctx, d)
	}
	s.run.Wait(ctx)
}
