package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/report"
)

// runValidate checks manifests offline. For a step there is nothing to carry out.
func runValidate(ctx context.Context, w world, o options) int {
	code := validate(ctx, w, o)
	if err := o.writeStepOutput(code, plan.Plan{}); err != nil {
		return fail(w, err)
	}
	return code
}

// validate says what is wrong with the manifests. Problems are its result, so they go to
// stdout, one a line.
func validate(ctx context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return usage(w, "validate", errors.New("name the files or directories that hold the manifests"))
	}
	if o.format != "text" && o.format != "json" {
		return usage(w, "validate", fmt.Errorf("--format %q: use text or json", o.format))
	}
	soft, cancel := softly(ctx, w.stop, o.wholeTimeout(), func() {})
	defer cancel()
	disk, err := openDisk(soft, w, o, o.paths)
	if err != nil {
		return usage(w, "validate", err)
	}
	loaded := manifest.LoadAll(disk, o.paths, true)
	if err := cmp.Or(context.Cause(soft), disk.Err()); err != nil {
		return endOf(w, err)
	}
	specs, problems := loaded.Specs, loaded.Problems
	v := report.Validation{Manifests: len(specs), Problems: problems}
	if len(problems) == 0 {
		v.Notes = notesOf(specs)
	}
	if text := skippedText(loaded.Skipped); text != "" {
		v.Warnings = []report.Problem{{Message: text}}
	}
	if o.effective != "" && len(problems) == 0 {
		s, err := called(specs, o.effective)
		if err != nil {
			return fail(w, err)
		}
		v.Effective = &report.Effective{Spec: s, Keys: manifest.Effective(s)}
	}
	out := &rememberer{w: w.stdout}
	if o.format == "json" {
		err = jsonplan.Validation(out, v)
	} else {
		err = text.Validation(out, v, styleOf(w.stdout, o.color, o.verbose, w.getenv))
	}
	if err != nil {
		return fail(w, err)
	}
	talk := newTalk(w.stderr, o.logFormat, o.quiet, o.verbose)
	if top := o.topOf(disk); top != "" {
		talk.Info(top)
	}
	warnOfUnknown(w.environ, talk)
	for _, p := range v.Warnings {
		talk.Warn(p.Message)
	}
	defer writeAnnotations(w, o, report.Report{Problems: problems, Notes: v.Notes, Warnings: v.Warnings})
	if len(problems) > 0 {
		talk.Info(fmt.Sprintf("%s found; nothing can be planned before that is mended", count(len(problems), "problem")))
		return exitError
	}
	what := count(len(specs), "manifest")
	if len(specs) == 0 {
		what = count(loaded.Defaults, "file") + " of defaults"
	}
	talk.Info(what + ", no problem found")
	if n := v.Open(); n > 0 && !o.verbose {
		talk.Info(fmt.Sprintf("%s on what manifests have in common or inherit (-v)", count(n, "note")))
	}
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

// called returns the one manifest that a word names.
func called(specs []cert.Spec, word string) (cert.Spec, error) {
	switch found := cert.Find(specs, word); len(found) {
	case 0:
		return cert.Spec{}, fmt.Errorf("--effective %q is the name, id, label or a host name of no manifest%s", word, meant(word, "", callings(specs)))
	case 1:
		return found[0], nil
	default:
		return cert.Spec{}, ambiguous{word, candidates(found)}
	}
}

// notesOf returns what can be noted of manifests without the account, in their order.
func notesOf(specs []cert.Spec) []report.Note {
	var all []report.Note
	overlaps := plan.Overlaps(specs)
	for i, s := range specs {
		for _, w := range slices.Concat(plan.Overruled(s), overlaps[i]) {
			all = append(all, report.Note{Spec: s, Warning: w})
		}
	}
	return all
}
