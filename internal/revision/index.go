package revision

import (
	"context"
	"errors"
	"fmt"
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

// refused tells from git's words, which are English, why it reads no repository at top.
func refused(top string, err error) error {
	var words refusal
	if !errors.As(err, &words) {
		return err
	}
	return Refused{Top: top, Owner: strings.Contains(string(words), "dubious ownership"), words: err}
}

// Held lists the files called name that the index of the repository at top holds, by
// their path from there, with slashes. It is true of those that a sparse checkout leaves
// out.
func Held(ctx context.Context, environ []string, top, name string) (map[string]bool, error) {
	g := git{environ: append(environ[:len(environ):len(environ)], "GIT_CEILING_DIRECTORIES="+filepath.Dir(top)), dir: top}
	out, err := g.output(ctx, "ls-files", "-z", "-t", "--full-name", "--", ":(top,glob)**/"+name)
	if err != nil {
		return nil, refused(top, err)
	}
	held := map[string]bool{}
	for record := range strings.SplitSeq(string(out), "\x00") {
		if tag, file, found := strings.Cut(record, " "); found && path.Base(file) == name {
			held[file] = tag == "S"
		}
	}
	return held, nil
}
