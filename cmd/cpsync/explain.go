package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// runExplain says where one request is in its life, and who acts next.
func runExplain(ctx context.Context, w cli.World, a *cli.Explain) int {
	for _, p := range a.Paths { // another request may be meant
		if _, err := os.Lstat(p); errors.Is(err, fs.ErrNotExist) {
			return w.WrongUsage("explain", fmt.Errorf("there is no path %q; explain takes one request, then the paths of manifests", p))
		}
	}
	w, log, progress := begin(w, a.Log)
	e := &stages.Explanation{
		Options: stages.Options{Rules: plan.Options{OrderCooldown: a.Cooldown}, DCV: !a.Skip, Lookup: w.Lookup(a.DCV, a.Most(false)), Edge: a.EdgeCheck(a.Target, a.Log, false)},
		Report:  report.Explanation{Common: report.Common{Version: cli.Version()}, Asked: a.What, Flags: a.Repeat, Paths: a.Paths},
		Warn:    func(text string) { log.Warn(text) },
	}
	code, done := reading{
		command: "explain", target: a.Target, log: log, report: &e.Report.Common,
		load: func(ctx context.Context) error { return e.Load(ctx, w.Source(a.Common)) },
		read: func(ctx context.Context, t *stages.Target) error {
			journal, err := stages.OpenJournal(ctx, a.Journal, false, t)
			if err != nil {
				return err
			}
			return e.Read(ctx, t, journal)
		},
	}.run(ctx, w, progress)
	if done {
		return code
	}
	if code == cli.OK {
		code = w.EdgeCode(a.Edge, e.Report.Edges)
	}
	return written(ctx, w, code, func(out io.Writer) error {
		switch {
		case a.Format == "json":
			return jsonplan.Explanation(out, e.Report)
		case e.Report.Failure != nil:
			return nil
		default:
			return text.Explanation(out, e.Report, w.Style(a.Log))
		}
	})
}
