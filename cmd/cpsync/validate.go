package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/report"
)

// runValidate checks manifests offline. Problems are its result, so they go to
// stdout, one a line.
func runValidate(_ context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return usage(w, "validate", errors.New("name the files or directories that hold the manifests"))
	}
	if o.format != "text" && o.format != "json" {
		return usage(w, "validate", fmt.Errorf("--format %q: use text or json", o.format))
	}
	specs, problems := manifest.Load(manifest.OS{}, o.paths)
	out := &rememberer{w: w.stdout}
	if o.format == "json" {
		if err := render.ProblemsJSON(out, len(specs), problems); err != nil {
			return fail(w, err)
		}
	} else {
		for _, p := range problems {
			fmt.Fprintln(out, render.Problem(p))
		}
	}
	talk := newTalk(w.stderr, o.logFormat, o.quiet, o.verbose)
	warnOfUnknown(w.environ, talk)
	defer annotate(w, o, report.Report{Problems: problems})
	if len(problems) > 0 {
		talk.Info(fmt.Sprintf("%s found; nothing can be planned before that is mended", count(len(problems), "problem")))
		return exitError
	}
	talk.Info(fmt.Sprintf("%s, no problem found", count(len(specs), "manifest")))
	if out.err != nil {
		return exitError
	}
	return exitOK
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
