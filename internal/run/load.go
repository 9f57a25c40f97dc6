package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/revision"
)

// ErrProblems means that the manifests have problems, which are reported one by one.
var ErrProblems = errors.New("the manifests can't be read")

// UsageError is an error about how the program was called.
type UsageError struct{ Err error }

func (u UsageError) Error() string { return u.Err.Error() }

// Unwrap returns what is wrong.
func (u UsageError) Unwrap() error { return u.Err }

// Source is where manifests come from.
type Source struct {
	Paths   []string
	Root    string   // the directory that no link leads out of; "": the repository, or the path
	Environ []string // for git
}

// Open finds where the files of the paths may lie, and asks git which defaults its repositories hold.
func (s Source) Open(ctx context.Context) (*manifest.Disk, error) {
	return manifest.OpenDisk(ctx, s.Paths, s.Root, func(ctx context.Context, top string) (map[string]bool, error) {
		return revision.Indexed(ctx, s.Environ, top, manifest.DefaultsFile)
	})
}

// readManifests reads the manifests of the paths. Its error says why they may not be what they
// should be, whatever is wrong with them besides.
func (s Source) readManifests(ctx context.Context, d *manifest.Disk) ([]cert.Spec, []report.Problem, error) {
	specs, problems := manifest.Load(d, s.Paths)
	return specs, problems, cmp.Or(context.Cause(ctx), d.Err())
}

// around reads the manifests for a command about requests. Where no path was named, those of the
// working directory may be missing or wrong: it warns then, and the command goes on without them.
// did is what the command did: "listed".
func (s Source) around(ctx context.Context, did string, warn func(string)) ([]cert.Spec, []report.Problem, error) {
	named := len(s.Paths) > 0
	if !named {
		s.Paths = []string{"."}
	}
	disk, err := s.Open(ctx)
	if err != nil {
		return nil, nil, UsageError{Err: err}
	}
	if !named && !manifest.HasManifests(disk, ".") {
		return nil, nil, nil
	}
	specs, problems, err := s.readManifests(ctx, disk)
	switch {
	case err != nil:
		return nil, nil, err
	case len(problems) > 0 && named:
		return nil, problems, ErrProblems
	case len(problems) > 0:
		warn(fmt.Sprintf("%s without manifests: %s in those of the working directory (cpsync validate .)", did, words.Plural(len(problems), "problem")))
		return nil, nil, nil
	}
	return specs, nil, nil
}

// Head is the commit of the manifests.
func (s Source) Head(ctx context.Context) string { return revision.Head(ctx, s.Environ, s.Paths) }

// Manifests are those that there are, and those of them that a run is about.
type Manifests struct {
	account.Selection
	Base     *Base            // with Choice.Base
	Reviewed map[cert.ID]bool // what the change under review touches; nil: nobody asked
}

// Choose takes those of the manifests that the choice names. None of them being changed is no mistake.
func (s Source) Choose(ctx context.Context, all manifest.Loaded, c Choice) (m Manifests, err error) {
	m.All = all.Specs
	if m.Chosen, err = c.selected(m.All); err != nil {
		return m, err
	}
	if c.Since != "" {
		tree, err := revision.Open(ctx, s.Environ, c.Since, s.Paths)
		if err != nil {
			return m, err
		}
		m.Chosen = all.Review(m.Chosen, nil, tree).Changed
		m.Reviewed = account.IDs(m.Chosen)
		if err := errors.Join(tree.Whole(), tree.Close()); err != nil {
			return m, err
		}
	}
	if c.Base == "" {
		return m, nil
	}
	tree, err := revision.Open(ctx, s.Environ, c.Base, s.Paths)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	review := all.Review(m.Chosen, tree.Removed, tree)
	m.Reviewed = account.IDs(review.Changed)
	if err := tree.Whole(); err != nil {
		return m, err
	}
	name := c.Base
	if in := tree.Submodule(); in != "" {
		name += " of the submodule " + in
	}
	m.Base = &Base{Revision: name, specs: review.Older, Problems: review.Problems, choice: c, away: s.away(ctx, review.Older, m.All, tree)}
	return m, nil
}

// away returns where manifests are now that the change under review moved out of the paths.
func (s Source) away(ctx context.Context, older, specs []cert.Spec, tree *revision.Tree) map[cert.ID]string {
	added := manifest.MayHold(tree.Added)
	if here := account.IDs(specs); len(added) == 0 || !slices.ContainsFunc(older, func(o cert.Spec) bool { return !here[o.ID] }) {
		return nil
	}
	there, err := Source{Paths: added, Root: s.Root, Environ: s.Environ}.Open(ctx)
	if err != nil {
		return nil // outside of --root nobody looks
	}
	moved, files := manifest.Moved(older, specs, added, there)
	away := map[cert.ID]string{}
	for i, spec := range moved {
		away[spec.ID] = tree.InRepository(files[i])
	}
	return away
}

// Skipped names, in one line, what looks like a manifest and is not read, and names of
// which another file system holds only one; "" when there is nothing.
func Skipped(all []manifest.Skipped) string {
	var parts []string
	head := "not read: "
	for _, why := range []manifest.Reason{manifest.Ending, manifest.Hidden, manifest.Linked, manifest.Leads, manifest.Empty, manifest.Alike} {
		var names []string
		for _, s := range all {
			if s.Why == why {
				names = append(names, s.Path)
			}
		}
		if why == manifest.Alike {
			head = "not on every machine: "
		}
		if len(names) > 0 {
			parts = append(parts, fmt.Sprintf("%s%s (%s)", head, strings.Join(words.Few(names, 3), ", "), why))
			head = ""
		}
	}
	return strings.Join(parts, "; ")
}

// Base is the manifests as of an older revision. Where those have problems it has none, so
// that everything counts as this change.
type Base struct {
	Revision string
	Problems []report.Problem

	specs  []cert.Spec
	choice Choice
	away   map[cert.ID]string // files outside of the paths that manifests were moved to
}
