package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// reading is a command that loads manifests, reads the account and writes nothing to it.
type reading struct {
	command string
	target  cli.Target
	log     *slog.Logger
	report  *report.Common
	load    func(context.Context) error
	read    func(context.Context, *stages.Target) error
}

// run puts into the report why the command failed, and has said so. done says that the call was
// wrong: code is the exit code then.
func (r reading) run(ctx context.Context, w cli.World, progress *cli.Progress) (code int, done bool) {
	limited, _, end := cli.Limited(ctx, r.target.Most(false))
	defer end()
	err := r.load(limited)
	var t *stages.Target
	if err == nil {
		t, err = w.Connect(limited, r.target, false, r.log)
	}
	if err == nil {
		defer t.Close()
		r.report.Target, r.report.API, r.report.Now = t.Name, t.API, t.Instant
		err = r.read(limited, t)
		r.report.Requests = t.Counted(r.report.Requests)
	}
	progress.End()
	switch {
	case err == nil:
		return cli.OK, false
	case errors.As(err, new(stages.UsageError)):
		return w.WrongUsage(r.command, err), true
	}
	w.Problems(r.report.Problems)
	r.report.Failure = w.FailureOf(err)
	w.Complain(r.report.Failure)
	return cli.Failed, false
}

// written writes the output of a command to stdout, and returns its exit code: code, if all goes well.
func written(ctx context.Context, w cli.World, code int, write func(io.Writer) error) int {
	out := &cli.Stdout{W: w.Stdout}
	err := write(out)
	switch stopped := cli.Stopped(ctx); {
	case stopped != 0:
		return stopped
	case err != nil || out.Err != nil:
		return w.NoStdout(cmp.Or(out.Err, err))
	default:
		return code
	}
}

// runList writes one line a certificate, the soonest expiry first. What is wrong with one
// request stands on stderr: a table has no room for it.
func runList(ctx context.Context, w cli.World, a *cli.List) int {
	w, log, progress := begin(w, a.Log)
	l := &a.Run
	l.Edge, l.Warn = a.EdgeCheck(a.Target, a.Log, false), func(text string) { log.Warn(text) }
	l.Report.Version, l.Report.Chosen = cli.Version(), a.Selection()
	code, done := reading{
		command: "list", target: a.Target, log: log, report: &l.Report.Common,
		load: func(ctx context.Context) error { return l.Load(ctx, w.Source(a.Common)) },
		read: l.Read,
	}.run(ctx, w, progress)
	if done {
		return code
	}
	faults := 0
	for _, s := range l.Report.Steps {
		if s.Fault != nil {
			faults++
			log.Error(fmt.Sprintf("%s (%s): %s", cmp.Or(s.Want.Name, "a request without a manifest"), s.Want.ID, s.Fault.Message))
		}
	}
	switch {
	case faults > 0:
		w.Because(words.Plural(faults, "request has", "requests have") + " an error")
		code = cli.Failed
	case code == cli.OK:
		code = w.EdgeCode(a.Edge, l.Report.Edges)
	}
	return written(ctx, w, code, func(out io.Writer) error {
		switch {
		case a.Format == "json":
			return jsonplan.List(out, l.Report)
		case l.Report.Failure != nil:
			return nil
		case a.Format == "csv":
			return render.CSV(out, l.Report)
		default:
			return text.List(out, l.Report, w.Style(a.Log))
		}
	})
}
