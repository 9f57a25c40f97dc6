package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	stages "github.com/cpsync/cpsync/internal/run"
)

// runValidate checks manifests offline, and says what is wrong with them. Problems are its
// result, so they go to stdout, one a line. For a step there is nothing to apply.
func runValidate(ctx context.Context, w cli.World, a *cli.Validate) (code int) {
	defer func() {
		if err := a.Step.Write(code, plan.Plan{}, nil); err != nil {
			code = w.NoOutput(err)
		}
	}()
	ctx, _, end := cli.Limited(ctx, cli.Target{}.Most(false))
	defer end()
	disk, err := w.Source(a.Common).Open(ctx)
	if err != nil {
		return w.WrongUsage("validate", err)
	}
	loaded := manifest.LoadAll(disk, a.Paths, true)
	if err := cmp.Or(context.Cause(ctx), disk.Err()); err != nil {
		return w.EndOf(ctx, err)
	}
	specs, problems := loaded.Specs, loaded.Problems
	v := report.Validation{Manifests: len(specs), Problems: problems}
	if len(problems) == 0 {
		v.Notes = stages.Notes(specs)
	}
	if text := stages.Skipped(loaded.Skipped); text != "" {
		v.Warnings = []report.Problem{{Message: text}}
	}
	if a.Effective != "" && len(problems) == 0 {
		s, err := stages.FindOne(specs, a.Effective)
		if err != nil {
			return w.Fail(err)
		}
		v.Effective = &report.Effective{Spec: s, Keys: manifest.Effective(s)}
	}
	out := &cli.Stdout{W: w.Stdout}
	if a.Format == "json" {
		err = jsonplan.Validation(out, v)
	} else {
		err = text.Validation(out, v, w.Style(a.Log))
	}
	if err != nil {
		return w.Fail(err)
	}
	log := a.NewLog(w.Stderr)
	if top := a.Top(disk); top != "" {
		log.Info(top)
	}
	cli.WarnOfUnknown(commands(), w.Environ, log)
	for _, p := range v.Warnings {
		log.Warn(p.Message)
	}
	defer w.Annotate(a.Annotations, report.Report{Problems: problems, Notes: v.Notes, Warnings: v.Warnings})
	if len(problems) > 0 {
		w.Because(fmt.Sprintf("%s in the manifests", words.Plural(report.Count(problems), "problem")))
		return cli.Failed
	}
	what := words.Plural(len(specs), "manifest")
	if len(specs) == 0 {
		what = words.Plural(loaded.Defaults, "file") + " of defaults"
	}
	log.Info(what + ", no problem found")
	if n := v.Open(); n > 0 && !a.Verbose {
		log.Info(fmt.Sprintf("%s on what manifests have in common or inherit (-v)", words.Plural(n, "note")))
	}
	if out.Err != nil {
		return w.NoStdout(out.Err)
	}
	return cli.OK
}
