package revision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"strings"
)

// Refused is a repository that git does not read.
type Refused struct {
	Top   string
	Owner bool // it belongs to somebody else
	words error
}

func (r Refused) Error() string {
	if r.Owner {
		return fmt.Sprintf("git does not trust the repository %s, because it belongs to somebody else", r.Top)
	}
	return fmt.Sprintf("git does not read the repository %s: %s", r.Top, strings.TrimPrefix(r.words.Error(), "git says: "))
}

func (r Refused) Unwrap() error { return r.words }

// refusal says why git does not read the repository at g.dir. That it belongs to somebody
// else is asked as a question, because the words of git are another version's tomorrow.
func (g git) refusal(ctx context.Context, err error) error {
	var words refusal
	if !errors.As(err, &words) {
		return err
	}
	_, trusted := g.output(ctx, "-c", "safe.directory=*", "rev-parse", "--git-dir")
	_, plainly := g.output(ctx, "rev-parse", "--git-dir")
	return Refused{Top: g.dir, Owner: trusted == nil && plainly != nil, words: err}
}

// Indexed lists the files called name that the index of the repository at top holds, by
// their path from there, with slashes. It is true of those that a sparse checkout leaves
// out.
func Indexed(ctx context.Context, environ []string, top, name string) (map[string]bool, error) {
	g := git{environ: append(environ[:len(environ):len(environ)], "GIT_CEILING_DIRECTORIES="+filepath.Dir(top)), dir: top}
	files, err := g.index(ctx, ":(top,glob)**/"+name)
	if err != nil {
		return nil, g.refusal(ctx, err)
	}
	maps.DeleteFunc(files, func(file string, _ bool) bool { return path.Base(file) != name })
	return files, nil
}

// index lists files of the index by their path from the top. It is true of those that a
// sparse checkout leaves out.
func (g git) index(ctx context.Context, pathspec string) (map[string]bool, error) {
	out, err := g.output(ctx, "ls-files", "-z", "-t", "--full-name", "--", pathspec)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for record := range strings.SplitSeq(string(out), "\x00") {
		if tag, file, found := strings.Cut(record, " "); found {
			all[file] = tag == "S"
		}
	}
	return all, nil
}
