// Package revision reads the files of a git repository as they are at a revision,
// with the git of the machine. It changes nothing, asks no network and runs no shell.
package revision

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Why there is no Tree.
var (
	ErrNoGit        = errors.New("there is no git on this machine")
	ErrNoRepository = errors.New("not in the working tree of a git repository")
	ErrNoRevision   = errors.New("there is no such revision in this clone")
	ErrNotRevision  = errors.New("not the name of a revision")
	errNoCommit     = errors.New("it names a file or a directory, and no commit")
)

// Tree is the files of a repository as of a commit. Its paths are those of the
// working tree, as they are given to Open or begin with one that was; what lies
// outside of the repository does not exist in it, and neither does what a sparse checkout
// leaves out of the working tree. A submodule is an empty directory.
//
// It may be read from several goroutines at once.
type Tree struct {
	repository
	Removed []string // files that are in the revision and not in the index any more: they were removed, or moved away
	Added   []string // files that are in the index and not in the revision; both by their path in the working tree, sorted

	revision string
	roots    []root           // the paths given, then the top
	entries  map[string]entry // by path from the top, with slashes; "" is the top
	blobs    *blobs
	missing  map[string]bool // ids of objects that the clone does not hold
	mu       sync.Mutex
	leftOut  []string // paths that were asked for, and whose contents are missing
}

// LeftOut is a clone that does not hold what it is asked for: it was made with a filter.
type LeftOut struct {
	Revision string
	Paths    []string // of files, from the top; none where a directory is missing
}

func (l LeftOut) Error() string {
	switch len(l.Paths) {
	case 0:
		return fmt.Sprintf("this clone left out directories of %s", l.Revision)
	case 1:
		return fmt.Sprintf("this clone left out the contents of %s as of %s", l.Paths[0], l.Revision)
	}
	return fmt.Sprintf("this clone left out the contents of %d files as of %s; the first is %s", len(l.Paths), l.Revision, l.Paths[0])
}

// Whole returns a LeftOut when a file was opened whose contents the clone does not hold.
func (t *Tree) Whole() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.leftOut) == 0 {
		return nil
	}
	slices.Sort(t.leftOut)
	return LeftOut{t.revision, slices.Compact(t.leftOut)}
}

// InRepository is the path of a file of the working tree from the top.
func (t *Tree) InRepository(file string) string {
	return strings.TrimPrefix(filepath.ToSlash(file), filepath.ToSlash(t.top)+"/")
}

// Submodule returns the path of the repository in the one of which it is a submodule; "" when
// it is none.
func (r repository) Submodule() string {
	place, err := filepath.Rel(r.super, r.top)
	if r.super == "" || err != nil {
		return ""
	}
	return place
}

// Open returns the files as of a revision, such as a branch, a tag or a commit. The
// repository is the one that paths, files or directories of its working tree, are in.
// environ is the environment that git is run in. The caller closes the Tree, which
// ends with ctx too.
func Open(ctx context.Context, environ []string, rev string, paths []string) (*Tree, error) {
	t, err := openTree(ctx, git{environ: environ}, rev, paths)
	if err != nil {
		return nil, fmt.Errorf("reading the manifests as of %q: %w", rev, err)
	}
	return t, nil
}

func openTree(ctx context.Context, g git, rev string, paths []string) (*Tree, error) {
	if err := Check(rev); err != nil {
		return nil, err
	}
	in, roots, err := g.roots(ctx, paths)
	if err != nil {
		return nil, err
	}
	g.dir = in.top
	commit, err := g.commit(ctx, rev)
	if errors.Is(err, ErrNoRevision) && in.super != "" {
		return nil, fmt.Errorf("there is no such revision in the submodule %s, which holds the manifests and has revisions of its own", in.Submodule())
	}
	if err != nil {
		return nil, err
	}
	missing, err := g.missingObjects(ctx, commit)
	if err != nil {
		return nil, err
	}
	index, err := g.index(ctx, ":/")
	if err != nil {
		return nil, err
	}
	entries, all, err := g.list(ctx, commit, index)
	if err != nil && len(missing) > 0 {
		return nil, LeftOut{Revision: rev}
	}
	if err != nil {
		return nil, err
	}
	t := &Tree{repository: in, revision: rev, roots: append(roots, root{path: in.top}), entries: entries, missing: missing}
	for p, e := range entries {
		if _, indexed := index[p]; !indexed && !e.IsDir() {
			t.Removed = append(t.Removed, in.file(p))
		}
	}
	for p := range index {
		if !all[p] {
			t.Added = append(t.Added, in.file(p))
		}
	}
	slices.Sort(t.Removed)
	slices.Sort(t.Added)
	t.blobs, err = g.blobs(ctx)
	return t, err
}

// file is where a path from the top is in the working tree.
func (r repository) file(p string) string { return filepath.Join(r.top, filepath.FromSlash(p)) }

// missingObjects lists the objects of a commit that the clone does not hold. Git is asked
// beforehand: a git that reads contents ends at the first one that is missing.
func (g git) missingObjects(ctx context.Context, commit string) (map[string]bool, error) {
	out, err := g.output(ctx, "rev-list", "--objects", "--no-object-names", "--missing=print", "--no-walk", commit)
	if err != nil {
		return nil, err
	}
	missing := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if id, found := strings.CutPrefix(line, "?"); found {
			missing[strings.TrimSpace(id)] = true
		}
	}
	return missing, nil
}

// Close ends the git that the Tree reads from.
func (t *Tree) Close() error { return t.blobs.stop() }

// Check refuses what can't be the name of a revision, ErrNotRevision, without asking
// git: it would take a dash for an option.
func Check(rev string) error {
	if rev == "" || strings.HasPrefix(rev, "-") || strings.ContainsFunc(rev, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ErrNotRevision
	}
	return nil
}
