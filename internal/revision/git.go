package revision

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// git runs the program of that name in a directory.
type git struct {
	environ []string
	dir     string
}

// settings keep git from all but reading what is there: from locks, from prompts, and
// from fetching what a partial clone lacks, which no protocol is left for. Its words
// are matched nowhere, but people search for them in English.
var settings = []string{
	"GIT_LITERAL_PATHSPECS=0", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=", "LC_ALL=C",
}

// elsewhere are variables that point git, in a hook of another repository, away from
// the directory it is run in.
var elsewhere = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE", "GIT_COMMON_DIR"}

// command is a git that starts no other program: the settings of a repository may name
// one that says which files changed.
func (g git) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false"}, args...)...)
	c.Dir = g.dir
	c.Env = append(slices.DeleteFunc(slices.Clone(g.environ), pointsElsewhere), settings...)
	return c
}

func pointsElsewhere(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains(elsewhere, name)
}

// output runs git to its end and returns what it printed. An error holds git's own
// words.
func (g git) output(ctx context.Context, args ...string) ([]byte, error) {
	var out, complaint bytes.Buffer
	c := g.command(ctx, args...)
	c.Stdout, c.Stderr = &out, &complaint
	if err := c.Run(); err != nil {
		return nil, cmp.Or(context.Cause(ctx), failureOf(err, complaint.String()))
	}
	return out.Bytes(), nil
}

// failureOf is why git did not do what it was asked for.
func failureOf(err error, complaint string) error {
	words := strings.Join(strings.Fields(complaint), " ")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return ErrNoGit
	case words != "":
		return refusal(words)
	default:
		return fmt.Errorf("running git: %w", err)
	}
}

// refusal is an error in git's own words.
type refusal string

func (r refusal) Error() string { return "git says: " + strings.TrimPrefix(string(r), "fatal: ") }

// commit returns the full id of the commit that a revision names.
func (g git) commit(ctx context.Context, rev string) (string, error) {
	out, err := g.output(ctx, "rev-parse", "--verify", "--quiet", rev+"^{commit}")
	var exit *exec.ExitError
	if errors.As(err, &exit) { // it ends without a word when there is none
		return "", ErrNoRevision
	}
	return strings.TrimSpace(string(out)), err
}

// Head returns the commit that is checked out where the first path is; "" when that is
// no repository, or git can't tell.
func Head(ctx context.Context, environ []string, paths []string) string {
	g := git{environ: environ}
	at, _, err := split(paths[0])
	if err == nil {
		_, err = g.enter(at)
	}
	if err != nil {
		return ""
	}
	commit, _ := g.commit(ctx, "HEAD")
	return commit
}
