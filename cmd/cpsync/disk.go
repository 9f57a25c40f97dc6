package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/revision"
)

// openDisk finds where the files of the paths may lie, and asks git which defaults its
// repositories hold.
func openDisk(ctx context.Context, w world, o options, paths []string) (*manifest.Disk, error) {
	d, err := manifest.OpenDisk(ctx, paths, o.root, func(ctx context.Context, top string) (map[string]bool, error) {
		return revision.Held(ctx, w.withoutOurs(), top, manifest.DefaultsFile)
	})
	if err != nil {
		return nil, usageError{err, exitUsage}
	}
	return d, nil
}

// load reads the manifests of the paths. Its error says why they may not be what they
// should be, whatever is wrong with them besides.
func load(ctx context.Context, d *manifest.Disk, paths []string) ([]cert.Spec, []report.Problem, error) {
	specs, problems := manifest.Load(d, paths)
	return specs, problems, cmp.Or(context.Cause(ctx), d.Err())
}

// fewSkipped is how many names are told for one reason.
const fewSkipped = 3

// skippedText names, in one line, what looks like a manifest and is not read, and names of
// which another file system holds only one; "" when there is nothing.
func skippedText(all []manifest.Skipped) string {
	var parts []string
	for _, why := range []manifest.Reason{manifest.Ending, manifest.Hidden, manifest.Linked, manifest.Alike} {
		var names []string
		for _, s := range all {
			if s.Why == why {
				names = append(names, s.Path)
			}
		}
		if len(names) > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d: %s)", few(names), len(names), why))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "not read, or not everywhere: " + strings.Join(parts, "; ")
}

func few(names []string) string {
	shown := strings.Join(names[:min(len(names), fewSkipped)], ", ")
	if more := len(names) - fewSkipped; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return shown
}

// topOf says which directory was taken for the top, where no repository says so.
func (o options) topOf(d *manifest.Disk) string {
	text, why := "", " (no repository)"
	if o.root != "" {
		why = " (--root)"
	}
	for _, top := range d.Tops() {
		if text != "" {
			text += ", "
		}
		text += "top " + fromHere(top) + why
	}
	return text
}

// fromHere names a directory from the working directory, where it is in there.
func fromHere(dir string) string {
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	if rel, relErr := filepath.Rel(here, dir); err == nil && relErr == nil && filepath.IsLocal(rel) {
		return rel
	}
	return dir
}
