package main

import (
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/report"
)

// The values of --annotations.
const (
	annotationsAuto   = "auto"
	annotationsGitHub = "github"
	annotationsOff    = "off"
)

// annotate writes what GitHub shows beside the lines of a pull request to stderr, in a
// job of GitHub or when told to. It is said in the report too, so that a failure to
// write it is nobody's loss.
func annotate(w world, o options, r report.Report) {
	inJob := w.getenv("GITHUB_ACTIONS") == "true"
	if o.annotations == annotationsGitHub || o.annotations == annotationsAuto && inJob {
		_ = render.Annotations(w.stderr, r, w.getenv("GITHUB_WORKSPACE"))
	}
}
