package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// runExplain says where one request is in its life, and who acts next.
func runExplain(ctx context.Context, w cli.World, a *cli.Explain) int {
	w, log, progress := w.WithProgress(a.Log)
	cli.WarnOfUnknown(commands(), w.Environ, log)
	e := &stages.Explanation{
		Options: stages.Options{OrderCooldown: a.Cooldown, DCV: !a.Skip, Lookup: w.Lookup(a.DCV, a.Most(false)),
			Edge: a.EdgeCheck(a.Target, a.Log, false)},
		Report: report.Explanation{Version: cli.Version(), Asked: a.What},
		Warn:   func(text string) { log.Warn(text) },
	}
	err := explain(ctx, w, a, e, log)
	progress.End()
	if errors.As(err, new(stages.UsageError)) {
		return w.WrongUsage("explain", err)
	}
	if err != nil {
		e.Report.Failure = cli.FailureOf(err)
	}
	return printExplanation(ctx, w, a, e.Report)
}

func explain(ctx context.Context, w cli.World, a *cli.Explain, e *stages.Explanation, log *slog.Logger) error {
	ctx, _, end := cli.Limited(ctx, a.Most(false))
	defer end()
	if err := e.Load(ctx, w.Source(a.Manifests), a.Named); err != nil {
		return err
	}
	t, err := w.Connect(ctx, a.Target, false, log)
	if err != nil {
		return err
	}
	defer t.Close()
	e.Report.Target, e.Report.API, e.Report.Now = t.Name, t.API, t.Instant
	journal, err := stages.OpenJournal(ctx, a.Journal, false, t)
	if err != nil {
		return err
	}
	return e.Read(ctx, t, journal)
}

// printExplanation writes the explanation, or why there is none.
func printExplanation(ctx context.Context, w cli.World, a *cli.Explain, r report.Explanation) int {
	out := &cli.Stdout{W: w.Stdout}
	code := cli.OK
	if f := r.Failure; f != nil {
		code = cli.Failed
		for _, p := range r.Problems {
			fmt.Fprintln(w.Stderr, words.Problem(p))
		}
		w.Complain(f)
	}
	if code == cli.OK {
		code = w.EdgeCode(a.Edge, r.Edges)
	}
	var err error
	switch {
	case a.Format == "json":
		err = jsonplan.Explanation(out, r)
	case r.Failure == nil:
		err = text.Explanation(out, r, w.Style(a.Log))
	}
	switch stopped := cli.Stopped(ctx); {
	case stopped != 0:
		return stopped
	case err != nil || out.Err != nil:
		return cli.Failed
	default:
		return code
	}
}
