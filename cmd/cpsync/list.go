package main

import (
	"context"
	"fmt"

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
	w, log, progress := begin(w, a.Log)
	l := &stages.List{
		Choice: a.Choice, Expiring: a.Expiring, Unmanaged: a.Unmanaged, Status: a.Reads(), Edge: a.EdgeCheck(a.Target, a.Log, false),
		Report: report.Listing{Version: cli.Version(), Chosen: a.Selection()},
		Warn:   func(text string) { log.Warn(text) },
	}
	failure, code, done := reading{
		command: "list", world: w, target: a.Target, log: log,
		load: func(ctx context.Context) error { return l.Load(ctx, w.Source(a.Manifests), a.Named) },
		read: func(ctx context.Context, t *stages.Target) error {
			l.Report.Target, l.Report.API, l.Report.Now = t.Name, t.API, t.Instant
			return l.Read(ctx, t)
		},
	}.run(ctx, progress)
	if done {
		return code
	}
	l.Report.Failure = failure
	return printList(ctx, w, a, l.Report, code)
}

// printList writes the list, or why there is none. What is wrong with one request stands
// on stderr: a table has no room for it.
func printList(ctx context.Context, w cli.World, a *cli.List, l report.Listing, code int) int {
	out := &cli.Stdout{W: w.Stdout}
	for _, p := range l.Problems {
		fmt.Fprintln(w.Stderr, words.Problem(p))
	}
	if l.Failure != nil {
		w.Complain(l.Failure)
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
	return written(ctx, out, err, code)
}
