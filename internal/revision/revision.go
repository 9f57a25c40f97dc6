// Package revision reads the files of a git repository as they are at a revision,
// with the git of the machine. It changes nothing, asks no network and runs no shell.
package revision

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Why there is no Tree.
var (
	ErrNoGit        = errors.New("there is no git on this machine")
	ErrNoRepository = errors.New("not in the working tree of a git repository")
	ErrNoRevision   = errors.New("there is no such revision in this clone")
	ErrNotRevision  = errors.New("not the name of a revision")
)

// Tree is the files of a repository as of a commit. Its paths are those of the
// working tree, as they are given to Open or begin with one that was; what lies
// outside of the repository does not exist in it. A submodule is an empty directory.
//
// It may be read from several goroutines at once.
type Tree struct {
	top     string           // of the working tree, absolute
	roots   []root           // the paths given, then the top
	entries map[string]entry // by path from the top, with slashes; "" is the top
	blobs   *blobs
}

// Open returns the files as of a revision, such as a branch, a tag or a commit. The
// repository is the one that paths, files or directories of its working tree, are in.
// environ is the environment that git is run in. The caller closes the Tree, which
// ends with ctx too.
func Open(ctx context.Context, environ []string, rev string, paths []string) (*Tree, error) {
	t, err := open(ctx, git{environ: environ}, rev, paths)
	if err != nil {
		return nil, fmt.Errorf("reading the manifests as of %q: %w", rev, err)
	}
	return t, nil
}

func open(ctx context.Context, g git, rev string, paths []string) (*Tree, error) {
	if err := Check(rev); err != nil {
		return nil, err
	}
	top, roots, err := g.roots(ctx, paths)
	if err != nil {
		return nil, err
	}
	g.dir = top
	commit, err := g.commit(ctx, rev)
	if err != nil {
		return nil, err
	}
	entries, err := g.list(ctx, commit)
	if err != nil {
		return nil, err
	}
	b, err := g.blobs(ctx)
	return &Tree{top: top, roots: append(roots, root{path: top}), entries: entries, blobs: b}, err
}

// Close ends the git that the Tree reads from.
func (t *Tree) Close() error { return t.blobs.close() }

// Check refuses what can't be the name of a revision, ErrNotRevision, without asking
// git: it would take a dash for an option.
func Check(rev string) error {
	if rev == "" || strings.HasPrefix(rev, "-") || strings.ContainsFunc(rev, isControl) {
		return ErrNotRevision
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
