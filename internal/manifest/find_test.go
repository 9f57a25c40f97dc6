package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// legal is a manifest with an id of its own.
func legal(id int) string {
	return fmt.Sprintf("apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: %d}\n", id)
}

// loaded returns the names of the manifests that the paths lead to, or the problems.
func loaded(fsys FS, paths ...string) string {
	specs, problems := Load(fsys, paths)
	if len(problems) > 0 {
		return print(problems)
	}
	var names []string
	for _, s := range specs {
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}

func TestPathsLeadToManifests(t *testing.T) {
	t.Parallel()
	fsys := files(map[string]string{
		"certs/b.yaml":          legal(1),
		"certs/a/deep/c.yml":    legal(2),
		"certs/a-b.yaml":        legal(3),
		"certs/a.txt":           "not: a manifest",
		"certs/upper.YAML":      "not: a manifest",
		"certs/.hidden.yaml":    "not: a manifest",
		"certs/.git/x.yaml":     "not: a manifest",
		"certs/dir.yaml/d.yaml": legal(4),
		"more/z.yaml":           legal(5),
		"more/manifest":         legal(6),
		".own/own.yaml":         legal(7),
	})
	for _, c := range []struct {
		claim string
		paths []string
		want  string
	}{
		{"a directory is read with all below it, sorted by path", []string{"certs"}, "a-b c b d"},
		{"paths are read in the order given", []string{"more/z.yaml", "certs/b.yaml"}, "z b"},
		{"a file is read once by its cleaned path", []string{"certs/b.yaml", "./certs//b.yaml", "certs"}, "b a-b c d"},
		{"a path whose files were read before is no problem", []string{"certs", "certs/a", "certs/b.yaml"}, "a-b c b d"},
		{"a file named outright may have any name", []string{"more/manifest"}, "manifest"},
		{"a hidden directory can be named outright", []string{".own"}, "own"},
	} {
		if got := loaded(fsys, c.paths...); got != c.want {
			t.Errorf("%s: %v gives %s, want %s", c.claim, c.paths, got, c.want)
		}
	}
}

func TestPathsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	fsys := memory{fstest.MapFS{
		"certs/readme.md":  {Data: []byte("x")},
		"empty/a.yaml":     {Data: []byte("# nothing yet\n")},
		"large/a.yaml":     {Data: bytes.Repeat([]byte("#"), maxFile+1)},
		"pipe/a.yaml":      {Mode: fs.ModeNamedPipe},
		"good/a.yaml":      {Data: []byte(legal(1))},
		"good/broken.yaml": {Data: []byte("a: [")},
	}}
	paths := []string{"missing", "certs", "empty", "empty/a.yaml", "large", "pipe", "pipe/a.yaml", "good"}
	want := `missing:0:0: cannot be read: file does not exist [file]
	Check the spelling; paths start from the working directory, and a link needs a target.
certs:0:0: holds no manifest [file]
	Name a file, or a directory with .yaml or .yml files.
empty:0:0: holds no manifest [file]
	Name a file, or a directory with .yaml or .yml files.
a.yaml:0:0: holds no manifest [file]
	Name a file, or a directory with .yaml or .yml files.
a.yaml:0:0: is larger than 32 MiB [file]
	Split it into several files.
a.yaml:0:0: is not a regular file [file]
	Name a file or a directory of files.
broken.yaml:1:1: not YAML: did not find expected node content [yaml-syntax]
	Write the value that is missing, or close the bracket.
`
	if d := cmp.Diff(want, loaded(fsys, paths...)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLinksOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		full := filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, path string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, path)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	write("elsewhere/a.yaml", legal(1))
	write("certs/b.yaml", legal(2))
	link("../elsewhere/a.yaml", "certs/linked.yaml")
	link("../elsewhere", "certs/dir.yaml")
	link("../certs", "certs/up")
	link("certs", "link")
	link("loop.yaml", "loop.yaml")
	write(".git/HEAD", "")
	for path, want := range map[string]string{
		"certs":             "b linked",
		"certs/linked.yaml": "linked",
		"link/":             "b linked",
		"link":              "link:0:0: is a link to a directory, and those are not followed [file]\n\tName the directory itself.\n",
	} {
		if got := loaded(onDisk(t, dir+"/"+path), dir+"/"+path); got != want {
			t.Errorf("%s gives %s, want %s", path, got, want)
		}
	}
	if got := loaded(onDisk(t, filepath.Join(dir, "loop.yaml")), filepath.Join(dir, "loop.yaml")); !strings.Contains(got, "loop.yaml:0:0: cannot be read: ") {
		t.Errorf("a link to itself gives %s", got)
	}
}

// endless is a file whose stated size is a lie, and which counts what is read.
type endless struct {
	memory
	read *int
}

func (e endless) Open(string) (io.ReadCloser, error) { return e, nil }
func (e endless) Close() error                       { return nil }
func (e endless) Read(p []byte) (int, error) {
	*e.read += len(p)
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}

func TestLargeFilesAreNotReadWhole(t *testing.T) {
	t.Parallel()
	fsys := endless{files(map[string]string{"a.yaml": "#"}), new(int)}
	if got := loaded(fsys, "a.yaml"); !strings.Contains(got, "larger than 32 MiB") {
		t.Error(got)
	}
	if *fsys.read > maxFile+1 {
		t.Errorf("read %d bytes", *fsys.read)
	}
}

func TestAFileHasNotAnyNumberOfDocuments(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		maxDocuments:     "a.yaml:0:0: holds no manifest",
		maxDocuments + 1: "a.yaml:0:0: holds more than 20000 documents",
	} {
		fsys := files(map[string]string{"a.yaml": "#" + strings.Repeat("\n---", n-1)})
		if got := loaded(fsys, "a.yaml"); !strings.HasPrefix(got, want) {
			t.Errorf("%d documents: %.100q, want %q", n, got, want)
		}
	}
}

// locked is an FS whose files and directories may not be read.
type locked struct{ memory }

func (locked) Open(path string) (io.ReadCloser, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
}

func (l locked) ReadDir(path string) ([]fs.DirEntry, error) {
	if path == "certs/private" {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	return l.memory.ReadDir(path)
}

func TestWhatMayNotBeReadIsReported(t *testing.T) {
	t.Parallel()
	fsys := locked{files(map[string]string{"certs/a.yaml": legal(1), "certs/private/b.yaml": legal(2)})}
	want := "a.yaml:0:0: cannot be read: permission denied [file]\n\tMake it readable, or leave it out.\n" +
		"private:0:0: cannot be read: permission denied [file]\n\tMake it readable, or leave it out.\n"
	if d := cmp.Diff(want, loaded(fsys, "certs")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
