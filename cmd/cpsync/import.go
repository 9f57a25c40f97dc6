package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/importer"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// runImport writes a manifest for each live request that has none.
func runImport(ctx context.Context, w cli.World, a *cli.Import) int {
	w, log, progress := begin(w, a.Log)
	im := &a.Run
	im.Source, im.Schema = w.Source(a.Common), cmp.Or(im.Schema, importer.Schema)
	im.Report.Dir, im.Report.Paths, im.Report.Flags, im.Report.Query = im.Dir, a.Paths[1:], a.Repeat, im.Query
	if err := importer.Writable(im.Dir); err != nil {
		return w.Fail(fmt.Errorf("%w; nothing was written", err))
	}
	limited, _, end := cli.Limited(ctx, a.Most(false))
	defer end()
	problems, err := im.Load(limited)
	if err != nil {
		return w.EndOf(ctx, err)
	}
	if len(problems) > 0 { // what the manifests there are for can't be known
		w.Problems(problems)
		return w.Fail(fmt.Errorf("%s in the manifests there are; nothing was written", words.Plural(report.Count(problems), "problem")))
	}
	t, err := w.Connect(limited, a.Target, false, log)
	if err != nil {
		return w.EndOf(ctx, err)
	}
	defer t.Close()
	im.Target, im.Report.Target, im.Report.Now = t, t.Name, t.Instant
	if err := im.Write(limited); err != nil {
		im.Report.Failure = w.FailureOf(err)
		w.Complain(im.Report.Failure)
		w.Because("the error above stopped the import")
	}
	progress.End()
	code := cli.OK
	if !im.Report.Good() {
		code = cli.Failed
	}
	return written(ctx, w, code, func(out io.Writer) error { return text.Import(out, im.Report, w.Style(a.Log)) })
}
