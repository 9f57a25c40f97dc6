package revision_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/revision"
)

// environ is that of a git which knows no configuration but its own.
func environ() []string {
	return append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_CEILING_DIRECTORIES="+os.TempDir())
}

// repository is a working tree made by a test.
type repository struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := repository{t, dir}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r repository) git(args ...string) string {
	r.Helper()
	c := patience.Command(r, "git", args...)
	c.Dir, c.Env = r.dir, environ()
	out, err := c.CombinedOutput()
	if err != nil {
		r.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r repository) write(name, text string) {
	r.Helper()
	file := r.path(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

func (r repository) link(name, to string) {
	r.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.Symlink(to, r.path(name)); err != nil {
		r.Fatal(err)
	}
}

func (r repository) commit() {
	r.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "a change")
}

func (r repository) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

// open opens the files as of a revision, by paths from the top.
func (r repository) open(rev string, names ...string) *revision.Tree {
	r.Helper()
	for i, n := range names {
		names[i] = r.path(n)
	}
	// The context of a test ends before its clean-up.
	tree, err := revision.Open(context.WithoutCancel(r.Context()), environ(), rev, names)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := tree.Close(); err != nil {
			r.Error(err)
		}
	})
	return tree
}

// content reads a file, or is the error.
func content(tree *revision.Tree, file string) string {
	f, err := tree.Open(file)
	if err != nil {
		return err.Error()
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
