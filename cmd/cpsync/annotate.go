package main

import (
	"github.com/cpsync/cpsync/internal/render/annotate"
	"github.com/cpsync/cpsync/internal/report"
)

// The values of --annotations.
const (
	annotationsAuto   = "auto"
	annotationsGitHub = "github"
	annotationsOff    = "off"
)

// writeAnnotations writes what GitHub shows beside the lines of a pull request to stderr, in a
// job of GitHub or when told to. It is said in the report too, so that a failure to
// write it is nobody's loss.
func writeAnnotations(w world, o options, r report.Report) {
	inJob := w.getenv("GITHUB_ACTIONS") == "true"
	if o.annotations == annotationsGitHub || o.annotations == annotationsAuto && inJob {
		_ = annotate.Report(w.stderr, r, w.getenv("GITHUB_WORKSPACE"))
	}
}
