package main

import (
	"context"
	"fmt"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// runExplain says where one request is in its life, and who acts next.
func runExplain(ctx context.Context, w cli.World, a *cli.Explain) int {
	if err := a.MissingPath(); err != nil {
		return w.WrongUsage("explain", err)
	}
	w, log, progress := begin(w, a.Log)
	e := &stages.Explanation{
		Options: stages.Options{Rules: plan.Options{OrderCooldown: a.Cooldown}, DCV: !a.Skip, Lookup: w.Lookup(a.DCV, a.Most(false)),
			Edge: a.EdgeCheck(a.Target, a.Log, false)},
		Report: report.Explanation{Version: cli.Version(), Asked: a.What, Flags: a.Repeat, Paths: a.Given()},
		Warn:   func(text string) { log.Warn(text) },
	}
	failure, code, done := reading{
		command: "explain", world: w, target: a.Target, log: log,
		load: func(ctx context.Context) error { return e.Load(ctx, w.Source(a.Manifests), a.Named) },
		read: func(ctx context.Context, t *stages.Target) error {
			e.Report.Target, e.Report.API, e.Report.Now = t.Name, t.API, t.Instant
			journal, err := stages.OpenJournal(ctx, a.Journal, false, t)
			if err != nil {
				return err
			}
			return e.Read(ctx, t, journal)
		},
	}.run(ctx, progress)
	if done {
		return code
	}
	e.Report.Failure = failure
	return printExplanation(ctx, w, a, e.Report, code)
}

// printExplanation writes the explanation, or why there is none.
func printExplanation(ctx context.Context, w cli.World, a *cli.Explain, r report.Explanation, code int) int {
	out := &cli.Stdout{W: w.Stdout}
	if r.Failure != nil {
		for _, p := range r.Problems {
			fmt.Fprintln(w.Stderr, words.Problem(p))
		}
		w.Complain(r.Failure)
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
	return written(ctx, out, err, code)
}
