package revision

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
	c.Env = append(slices.DeleteFunc(slices.Clone(g.environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(elsewhere, name)
	}), settings...)
	return c
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
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // so it ends, without a word, when there is none
		if _, other := g.output(ctx, "cat-file", "-e", rev); other == nil {
			return "", errNoCommit
		}
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

// maxBlob is the size, in bytes, of the largest file that is read. It is well above
// what a manifest may have, so that a larger one is still told as what it is.
const maxBlob = 48 << 20

// errMissing: the tree names contents that the clone does not hold.
var errMissing = errors.New("this clone does not hold its contents")

// errLarge: nobody wants the contents.
var errLarge = fmt.Errorf("is larger than %d MiB", maxBlob>>20)

// blobs gives the contents of files. One git serves them all, one after another.
type blobs struct {
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	complaint bytes.Buffer

	mu     sync.Mutex
	failed error // nothing more can be read
}

// blobs starts the git that gives contents.
func (g git) blobs(ctx context.Context) (*blobs, error) {
	b := &blobs{cmd: g.command(ctx, "cat-file", "--batch")}
	b.cmd.Stderr = &b.complaint
	in, err := b.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.in, b.out = in, bufio.NewReader(out)
	return b, b.cmd.Start()
}

// read returns the contents of an object.
func (b *blobs) read(object string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed != nil {
		return nil, b.failed
	}
	data, err := b.ask(object)
	if err != nil && !errors.Is(err, errMissing) && !errors.Is(err, errLarge) {
		b.failed = fmt.Errorf("git stopped: %w", err)
		err = b.failed
	}
	return data, err
}

// ask writes the id of an object and reads the answer: a line with its size, then its
// contents and a line end.
func (b *blobs) ask(object string) ([]byte, error) {
	if _, err := fmt.Fprintln(b.in, object); err != nil {
		return nil, err
	}
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	var id, kind string
	var size int64
	if n, _ := fmt.Sscan(head, &id, &kind, &size); n < 3 {
		return nil, errMissing
	}
	if size > maxBlob {
		_, err := io.CopyN(io.Discard, b.out, size+1)
		return nil, errors.Join(err, errLarge)
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, err
	}
	return data[:size], nil
}

// stop ends git, which stops when nobody asks any more.
func (b *blobs) stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = errors.New("closed")
	closed := b.in.Close()
	if err := b.cmd.Wait(); err != nil {
		return failureOf(err, b.complaint.String())
	}
	return closed
}
