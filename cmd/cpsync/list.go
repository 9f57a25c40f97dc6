package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/render/csvlist"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// runList writes one line a certificate, the soonest expiry first.
func runList(ctx context.Context, w cli.World, a *cli.List) int {
	w, log, progress := w.WithProgress(a.Log)
	cli.WarnOfUnknown(commands(), w.Environ, log)
	l := &stages.List{
		Choice: a.Choice, Expiring: a.Expiring, Unmanaged: a.Unmanaged, Status: a.Reads(), Edge: a.EdgeCheck(a.Target, a.Log, false),
		Report: report.Listing{Version: cli.Version(), Chosen: a.Selection()},
		Warn:   func(text string) { log.Warn(text) },
	}
	err := list(ctx, w, a, l, log)
	progress.End()
	if errors.As(err, new(stages.UsageError)) {
		return w.WrongUsage("list", err)
	}
	if err != nil {
		l.Report.Failure = cli.FailureOf(err)
	}
	return printList(ctx, w, a, l.Report)
}

func list(ctx context.Context, w cli.World, a *cli.List, l *stages.List, log *slog.Logger) error {
	ctx, _, end := cli.Limited(ctx, a.Most(false))
	defer end()
	if err := l.Load(ctx, w.Source(a.Manifests), a.Named); err != nil {
		return err
	}
	t, err := w.Connect(ctx, a.Target, false, log)
	if err != nil {
		return err
	}
	defer t.Close()
	l.Report.Target, l.Report.API, l.Report.Now = t.Name, t.API, t.Instant
	return l.Read(ctx, t)
}

// printList writes the list, or why there is none. What is wrong with one request stands
// on stderr: a table has no room for it.
func printList(ctx context.Context, w cli.World, a *cli.List, l report.Listing) int {
	out := &cli.Stdout{W: w.Stdout}
	code := cli.OK
	for _, p := range l.Problems {
		fmt.Fprintln(w.Stderr, words.Problem(p))
	}
	if f := l.Failure; f != nil {
		code = cli.Failed
		w.Complain(f)
	}
	for _, s := range l.Steps {
		if s.Fault != nil {
			code = cli.Failed
			fmt.Fprintf(w.Stderr, "error: %s (%s): %s\n", words.Clean(s.Want.Name), s.Want.ID, words.Clean(s.Fault.Message))
		}
	}
	if code == cli.OK {
		code = w.EdgeCode(a.Edge, l.Edges)
	}
	var err error
	switch {
	case a.Format == "json":
		err = jsonplan.List(out, l)
	case l.Failure != nil:
	case a.Format == "csv":
		err = csvlist.List(out, l)
	default:
		err = text.List(out, l, w.Style(a.Log))
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
