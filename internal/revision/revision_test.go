package revision_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/revision"
)

var _ manifest.FS = (*revision.Tree)(nil)

func TestFilesAreThoseOfTheRevision(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("certs/a.yaml", "first\n")
	r.write("certs/gone/über name\n.yaml", "gone")
	r.commit()
	r.write("certs/a.yaml", "second\n")
	if err := os.RemoveAll(r.path("certs/gone")); err != nil {
		t.Fatal(err)
	}
	r.commit()
	r.write("certs/a.yaml", "third\n")
	for rev, want := range map[string]string{"HEAD": "second\n", "main": "second\n", "HEAD~1": "first\n", r.git("rev-parse", "HEAD~1"): "first\n"} {
		if got := content(r.open(rev, "certs"), r.path("certs/a.yaml")); got != want {
			t.Errorf("%s: %q, want %q", rev, got, want)
		}
	}
	tree := r.open("HEAD~1", "certs")
	if got := content(tree, r.path("certs/gone/über name\n.yaml")); got != "gone" {
		t.Errorf("a directory that is gone: %q", got)
	}
	for _, dir := range []string{"certs", "."} {
		if info, err := tree.Stat(r.path(dir)); err != nil || !info.IsDir() {
			t.Errorf("%s: %v, %v", dir, info, err)
		}
	}
	if _, err := r.open("HEAD", "certs").Stat(r.path("certs/gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

func TestDirectoriesAreListedByName(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	for _, name := range []string{"certs/b.yaml", "certs/a/x.yaml", "certs/a.yaml", "other/c.yaml"} {
		r.write(name, name)
	}
	r.link("certs/link.yaml", "../other/c.yaml")
	r.commit()
	entries, err := r.open("HEAD", "certs").ReadDir(r.path("certs"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name()+" "+e.Type().String())
	}
	want := []string{"a d---------", "a.yaml ----------", "b.yaml ----------", "link.yaml L---------"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLinksLeadToWhatWasThereThen(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("other/c.yaml", "c")
	r.write("deep/er/d.yaml", "d")
	for name, to := range map[string]string{
		"certs/file.yaml": "../other/c.yaml", "certs/twice.yaml": "file.yaml", "certs/dir": "../deep//er/",
		"certs/through.yaml": "dir/../er/d.yaml", "certs/full.yaml": r.path("other/c.yaml"),
		"certs/out.yaml": "../../x.yaml", "certs/abs.yaml": "/etc/hostname",
		"certs/dangling.yaml": "nowhere", "certs/loop.yaml": "loop.yaml",
	} {
		r.link(name, to)
	}
	r.commit()
	r.write("other/c.yaml", "changed")
	tree := r.open("HEAD", "certs")
	for name, want := range map[string]string{
		"file.yaml": "c", "twice.yaml": "c", "through.yaml": "d", "full.yaml": "c", "dir/d.yaml": "d",
		"out.yaml": "out of the repository", "abs.yaml": "out of the repository",
		"dangling.yaml": "file does not exist", "loop.yaml": "in a circle", "dir": "is a directory",
	} {
		if got := content(tree, r.path("certs/"+name)); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	info, err := tree.Lstat(r.path("certs/dir"))
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("a link itself: %v, %v", info, err)
	}
}

func TestSubmodulesAreEmpty(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("certs/a.yaml", "a")
	r.commit()
	r.git("update-index", "--add", "--cacheinfo", "160000,"+r.git("rev-parse", "HEAD")+",certs/sub")
	r.git("commit", "-q", "-m", "a submodule")
	tree := r.open("HEAD", "certs")
	info, err := tree.Stat(r.path("certs/sub"))
	if err != nil || !info.IsDir() {
		t.Errorf("%v, %v", info, err)
	}
	if in, err := tree.ReadDir(r.path("certs/sub")); len(in) > 0 || err != nil {
		t.Errorf("it holds %v, %v", in, err)
	}
}

// Paths are relative, full, through links, of files and of the top itself.
func TestPathsAreThoseOfTheWorkingTree(t *testing.T) {
	r := newRepository(t)
	r.write("certs/web/a.yaml", "a")
	r.write("tools/x", "x")
	r.commit()
	elsewhere := t.TempDir()
	if err := os.Symlink(r.path("certs"), filepath.Join(elsewhere, "linked")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, path, file string }{
		{r.dir, "certs", "certs/web/a.yaml"},
		{r.dir, ".", "certs/web/a.yaml"},
		{r.dir, "certs/web/a.yaml", "certs/web/a.yaml"},
		{r.path("tools"), "../certs", "../certs/web/a.yaml"},
		{r.path("certs/web"), "..", "../web/a.yaml"},
		{elsewhere, r.dir, r.path("certs/web/a.yaml")},
		{elsewhere, "linked/web", "linked/web/a.yaml"},
	} {
		t.Chdir(c.from)
		tree, err := revision.Open(t.Context(), environ(), "HEAD", []string{c.path})
		if err != nil {
			t.Fatal(err)
		}
		if got := content(tree, c.file); got != "a" {
			t.Errorf("%s from %s: %q", c.file, c.from, got)
		}
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatCanNotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("certs/a.yaml", "a")
	r.commit()
	other := newRepository(t)
	other.write("a.yaml", "a")
	other.commit()
	outside := t.TempDir()
	for name, c := range map[string]struct {
		rev   string
		paths []string
		want  error
		text  string
	}{
		"no such revision":     {"nosuch", []string{r.dir}, revision.ErrNoRevision, `as of "nosuch"`},
		"no commit":            {"HEAD:certs", []string{r.dir}, nil, "it names a file or a directory, and no commit"},
		"not in this clone":    {strings.Repeat("ab", 20), []string{r.dir}, revision.ErrNoRevision, ""},
		"an option":            {"--all", []string{r.dir}, revision.ErrNotRevision, "--all"},
		"nothing":              {"", []string{r.dir}, revision.ErrNotRevision, ""},
		"a line end":           {"HEAD\n", []string{r.dir}, revision.ErrNotRevision, ""},
		"no repository":        {"HEAD", []string{outside}, revision.ErrNoRepository, outside},
		"inside of .git":       {"HEAD", []string{r.path(".git")}, revision.ErrNoRepository, ".git"},
		"several repositories": {"HEAD", []string{r.dir, other.dir}, nil, "different repositories"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := revision.Open(t.Context(), environ(), c.rev, c.paths)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAMachineWithoutGitSaysSo(t *testing.T) {
	r := newRepository(t)
	t.Setenv("PATH", t.TempDir())
	if _, err := revision.Open(t.Context(), environ(), "HEAD", []string{r.dir}); !errors.Is(err, revision.ErrNoGit) {
		t.Errorf("%v", err)
	}
}

// A hook of another repository points git at that one.
func TestTheRepositoryIsThatOfThePaths(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("certs/a.yaml", "a")
	r.commit()
	hook := append(environ(), "GIT_DIR=/nowhere", "GIT_WORK_TREE=/nowhere", "GIT_INDEX_FILE=/nowhere")
	tree, err := revision.Open(t.Context(), hook, "HEAD", []string{r.path("certs")})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if got := content(tree, r.path("certs/a.yaml")); got != "a" {
		t.Errorf("%q", got)
	}
}

// What a partial clone left out is not fetched.
func TestNothingIsFetched(t *testing.T) {
	t.Parallel()
	origin := newRepository(t)
	origin.write("certs/a.yaml", "a")
	origin.write("certs/b.yaml", "b")
	origin.write("certs/same.yaml", "same")
	origin.commit()
	origin.write("certs/a.yaml", "A")
	origin.write("certs/b.yaml", "B")
	origin.commit()
	origin.git("config", "uploadpack.allowFilter", "true")
	clone := newRepository(t)
	clone.git("clone", "-q", "--filter=blob:none", "file://"+origin.dir, "clone")
	clone.git("clone", "-q", "--filter=tree:0", "file://"+origin.dir, "treeless")
	file := clone.path("clone/certs/a.yaml")
	tree, err := revision.Open(t.Context(), environ(), "HEAD~1", []string{filepath.Dir(file)})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if err := tree.Whole(); err != nil {
		t.Errorf("before anything is read: %v", err)
	}
	for name, want := range map[string]string{"b": "does not hold its contents", "same": "same", "a": "does not hold its contents"} {
		if got := content(tree, clone.path("clone/certs/"+name+".yaml")); !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	want := revision.LeftOut{Revision: "HEAD~1", Paths: []string{"certs/a.yaml", "certs/b.yaml"}}
	if diff := cmp.Diff(error(want), tree.Whole()); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	_, err = revision.Open(t.Context(), environ(), "HEAD~1", []string{clone.path("treeless/certs")})
	if want := (revision.LeftOut{Revision: "HEAD~1"}); !errors.As(err, new(revision.LeftOut)) || !strings.HasSuffix(err.Error(), want.Error()) {
		t.Errorf("without directories: %v", err)
	}
}

// TestASparseCheckoutHasNoMore: what git was told to leave out of the working tree is left out
// of the revision too, and what a commit removed is in it.
func TestASparseCheckoutHasNoMore(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	for _, name := range []string{"certs/web/a.yaml", "certs/web/gone.yaml", "certs/shop/b.yaml", "certs/shop/gone.yaml"} {
		r.write(name, name)
	}
	r.commit()
	r.git("rm", "-q", "certs/web/gone.yaml", "certs/shop/gone.yaml")
	r.commit()
	r.git("sparse-checkout", "set", "certs/web")
	tree := r.open("HEAD^", "certs")
	for name, want := range map[string]bool{"certs/web/a.yaml": true, "certs/web/gone.yaml": true, "certs/shop/b.yaml": false, "certs/shop/gone.yaml": true} {
		if _, err := tree.Stat(r.path(name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.write("certs/web/new.yaml", "new")
	r.git("add", "certs/web/new.yaml")
	if added, want := r.open("HEAD", "certs").Added, []string{r.path("certs/web/new.yaml")}; !slices.Equal(added, want) {
		t.Errorf("added %q, want %q", added, want)
	}
}

// TestAGitThatFailsIsNoMissingRevision.
func TestAGitThatFailsIsNoMissingRevision(t *testing.T) {
	r := newRepository(t)
	r.write("certs/a.yaml", "a")
	r.commit()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := "#!/bin/sh\ncase \"$*\" in *--verify*) exit 128;; esac\nexec " + git + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	_, err = revision.Open(t.Context(), environ(), "HEAD", []string{r.dir})
	if err == nil || errors.Is(err, revision.ErrNoRevision) || !strings.Contains(err.Error(), "exit status 128") {
		t.Error(err)
	}
}

// TestASubmoduleHasRevisionsOfItsOwn, and says so.
func TestASubmoduleHasRevisionsOfItsOwn(t *testing.T) {
	t.Parallel()
	inner, r := newRepository(t), newRepository(t)
	inner.write("a.yaml", "a")
	inner.commit()
	r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.dir, "made/certs")
	r.commit()
	tree := r.open("HEAD", "made/certs")
	if got := content(tree, r.path("made/certs/a.yaml")); got != "a" || tree.Submodule() != filepath.FromSlash("made/certs") {
		t.Errorf("%q in %q", got, tree.Submodule())
	}
	_, err := revision.Open(t.Context(), environ(), r.git("rev-parse", "HEAD"), []string{r.path("made/certs")})
	if err == nil || !strings.Contains(err.Error(), "no such revision in the submodule made/certs") {
		t.Error(err)
	}
	if tree := inner.open("HEAD", "."); tree.Submodule() != "" {
		t.Error(tree.Submodule())
	}
}

// TestARepositoryOfSomebodyElse is told by who owns it and not by the words of git.
func TestARepositoryOfSomebodyElse(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may give a directory away")
	}
	r := newRepository(t)
	r.write("certs/a.yaml", "a")
	r.commit()
	if err := os.Chown(r.dir, 4242, 4242); err != nil {
		t.Fatal(err)
	}
	_, err := revision.Open(t.Context(), environ(), "HEAD", []string{r.path("certs")})
	var refused revision.Refused
	if !errors.As(err, &refused) || !refused.Owner || refused.Top != r.dir || strings.Contains(err.Error(), "not in the working tree") {
		t.Errorf("%v", err)
	}
	other := newRepository(t)
	other.write("certs/a.yaml", "a")
	other.commit()
	other.write(".git/config", "[core\n")
	_, err = revision.Open(t.Context(), environ(), "HEAD", []string{other.path("certs")})
	if refused = (revision.Refused{}); !errors.As(err, &refused) || refused.Owner {
		t.Errorf("another reason: %v", err)
	}
}

// TestABareRepositoryInACommitHasNoSay: files of a commit can make a repository of the
// directory that they are in, whose history is that of whoever wrote them.
func TestABareRepositoryInACommitHasNoSay(t *testing.T) {
	t.Parallel()
	made := newRepository(t)
	made.write("a.yaml", "made up")
	made.commit()
	for name, place := range map[string]string{"where the manifests are": "certs", "above them": "."} {
		for _, worktree := range []string{"", "worktree = .", "worktree = " + made.dir, "bare = true"} {
			t.Run(name+" "+worktree, func(t *testing.T) {
				t.Parallel()
				r := newRepository(t)
				r.write("certs/web/a.yaml", "true")
				r.write("certs/a.yaml", "true")
				r.commit()
				for _, part := range []string{"objects", "refs", "HEAD"} {
					if out, err := patience.Command(t, "cp", "-R", filepath.Join(made.dir, ".git", part), r.path(place)).CombinedOutput(); err != nil {
						t.Fatalf("%v: %s", err, out)
					}
				}
				r.write(place+"/config", "[core]\nrepositoryformatversion = 0\n"+worktree+"\n")
				r.commit()
				for _, dir := range []string{"certs", "certs/web"} {
					tree, err := revision.Open(t.Context(), environ(), "HEAD~1", []string{r.path(dir)})
					if err != nil {
						t.Errorf("%s: %v", dir, err)
						continue
					}
					if got := content(tree, r.path(dir+"/a.yaml")); got != "true" {
						t.Errorf("%s: %q", dir, got)
					}
					if err := tree.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}

// TestGitStartsNothing: no setting of a repository, which came with it where it was
// copied, has git start a program.
func TestGitStartsNothing(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("certs/a.yaml", "a")
	r.write("certs/_defaults.yaml", "a")
	r.write(".gitattributes", "* filter=f diff=f merge=f\n")
	r.commit()
	r.write("certs/a.yaml", "b")
	r.commit()
	r.write("hooks/run", "#!/bin/sh\ntouch '"+r.path("started")+"'\n")
	if err := os.Chmod(r.path("hooks/run"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "reference-transaction"} {
		r.link("hooks/"+hook, "run")
	}
	run := r.path("hooks/run")
	for _, key := range []string{"core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "filter.f.smudge", "filter.f.clean",
		"filter.f.process", "diff.f.textconv", "diff.f.command", "diff.external", "gpg.program", "alias.cat-file", "alias.ls-files"} {
		r.git("config", key, run)
	}
	r.git("config", "core.hooksPath", r.path("hooks"))
	if held, err := revision.Indexed(t.Context(), environ(), r.dir, "_defaults.yaml"); err != nil || len(held) != 1 {
		t.Errorf("%v, %v", held, err)
	}
	tree := r.open("HEAD~1", "certs")
	if got := content(tree, r.path("certs/a.yaml")); got != "a" {
		t.Errorf("%q", got)
	}
	if revision.Head(t.Context(), environ(), []string{r.path("certs")}) == "" {
		t.Error("no commit")
	}
	if _, err := os.Stat(r.path("started")); err == nil {
		t.Error("git started a program")
	}
}

func TestShallowClonesLackRevisions(t *testing.T) {
	t.Parallel()
	origin := newRepository(t)
	origin.write("certs/a.yaml", "a")
	origin.commit()
	origin.write("certs/a.yaml", "b")
	origin.commit()
	clone := newRepository(t)
	clone.git("clone", "-q", "--depth=1", "file://"+origin.dir, "clone")
	if _, err := revision.Open(t.Context(), environ(), "HEAD~1", []string{clone.path("clone")}); !errors.Is(err, revision.ErrNoRevision) {
		t.Errorf("%v", err)
	}
}

func TestReadsMayGoSideBySide(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	large := strings.Repeat("x", 1<<20)
	r.write("large.yaml", large)
	r.write("huge.yaml", strings.Repeat("x", 49<<20))
	r.write("small.yaml", "s")
	r.commit()
	tree := r.open("HEAD", ".")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if content(tree, r.path("large.yaml")) != large || content(tree, r.path("small.yaml")) != "s" {
				t.Error("not what was written")
			}
		})
	}
	all.Go(func() {
		if got := content(tree, r.path("huge.yaml")); !strings.HasSuffix(got, "is larger than 48 MiB") {
			t.Errorf("%.80q", got)
		}
	})
	all.Wait()
}

func TestATreeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a.yaml", "a")
	r.commit()
	ctx, cancel := context.WithCancelCause(t.Context())
	tree, err := revision.Open(ctx, environ(), "HEAD", []string{r.dir})
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("enough")
	cancel(why)
	if err := tree.Close(); err == nil {
		t.Log("git ended by itself first")
	}
	if _, err := revision.Open(ctx, environ(), "HEAD", []string{r.dir}); !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}

// Reading leaves the repository as it is.
func TestNothingIsChanged(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("certs/a.yaml", "a")
	r.commit()
	r.write("certs/a.yaml", "b")
	before := r.files()
	content(r.open("HEAD", "certs"), r.path("certs/a.yaml"))
	if after := r.files(); !slices.Equal(before, after) {
		t.Errorf("before %q, after %q", before, after)
	}
}

// files lists all that is below the repository, with what shows a change.
func (r repository) files() []string {
	r.Helper()
	var all []string
	err := filepath.WalkDir(r.dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all = append(all, p+" "+info.ModTime().String())
		}
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return all
}

// TestAboveIsWhatTheDiskSays: the directories whose defaults count are the same in the
// working tree and in a revision, however a path is named.
func TestAboveIsWhatTheDiskSays(t *testing.T) {
	r := newRepository(t)
	r.write("certs/web/eu/a.yaml", "a")
	r.commit()
	elsewhere := t.TempDir()
	linked := filepath.Join(elsewhere, "linked")
	if err := os.Symlink(r.path("certs"), linked); err != nil {
		t.Fatal(err)
	}
	t.Chdir(r.path("certs/web"))
	for dir, want := range map[string][]string{
		".":                                  {"certs/web", "certs", "."},
		"eu":                                 {"certs/web/eu", "certs/web", "certs", "."},
		"..":                                 {"certs", "."},
		r.path("certs/web"):                  {"certs/web", "certs", "."},
		r.path("."):                          {"."},
		filepath.Join(linked, "web"):         {"certs/web", "certs", "."},
		filepath.Join(linked, "web", "eu"):   {"certs/web/eu", "certs/web", "certs", "."},
		filepath.Join(linked, "web/eu/none"): {"certs/web/eu", "certs/web", "certs", "."},
	} {
		onDisk, err := onDisk(t, dir).Above(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.places(onDisk); !slices.Equal(got, want) {
			t.Errorf("on disk %s is below %q, want %q", dir, got, want)
		}
		if strings.HasSuffix(dir, "none") {
			continue
		}
		inTree, err := r.openAt(dir).Above(dir)
		if got := r.places(inTree); err != nil || !slices.Equal(got, want) {
			t.Errorf("in the revision %s is below %q, want %q: %v", dir, got, want, err)
		}
	}
	if all, err := onDisk(t, elsewhere).Above(elsewhere); len(all) > 0 || err != nil {
		t.Errorf("outside of a repository: %q, %v", all, err)
	}
	if all, err := r.openAt(".").Above(elsewhere); len(all) > 0 || err == nil {
		t.Errorf("outside of the repository of a revision: %q, %v", all, err)
	}
}

// places are where directories are from the top, links resolved.
func (r repository) places(dirs []string) []string {
	r.Helper()
	var all []string
	for _, d := range dirs {
		abs, err := filepath.Abs(d)
		if err != nil {
			r.Fatal(err)
		}
		if abs, err = filepath.EvalSymlinks(abs); err != nil {
			r.Fatal(err)
		}
		rel, err := filepath.Rel(r.dir, abs)
		if err != nil {
			r.Fatal(err)
		}
		all = append(all, rel)
	}
	return all
}

// TestDefaultsOfARevisionAreThoseOfThen, those above the path given too.
func TestDefaultsOfARevisionAreThoseOfThen(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("_defaults.yaml", "apiVersion: cpsync/v1\nkind: Defaults\ntags: {of: then}\n")
	r.write("certs/a.yaml", "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 1}\n")
	r.commit()
	r.write("_defaults.yaml", "apiVersion: cpsync/v1\nkind: Defaults\ntags: {of: today}\n")
	dir := r.path("certs")
	linked := filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(r.dir, linked); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{dir, filepath.Join(linked, "certs")} {
		for want, fsys := range map[string]manifest.FS{"then": r.openAt(dir), "today": onDisk(t, dir)} {
			specs, problems := manifest.Load(fsys, []string{dir})
			if len(problems) > 0 || specs[0].Tags["of"] != want {
				t.Errorf("%s: %v, %v", want, specs, problems)
			}
		}
	}
	today := manifest.LoadAll(onDisk(t, dir), []string{dir}, false)
	if changed := today.Review(today.Specs, nil, r.openAt(dir)).Changed; len(changed) != 1 {
		t.Errorf("%d manifests changed with the defaults above them, want 1", len(changed))
	}
}

// TestWhatIsTheSameIsNotReadAgain: the clone does not even hold the contents of the file that the
// change leaves alone.
func TestWhatIsTheSameIsNotReadAgain(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	dir, text := r.path("certs"), "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: %d}\n"
	r.write("certs/same.yaml", fmt.Sprintf(text, 1))
	r.write("certs/other.yaml", fmt.Sprintf(text, 2))
	r.commit()
	r.write("certs/other.yaml", fmt.Sprintf(text, 2)+"# said\n")
	object := r.git("rev-parse", "HEAD:certs/same.yaml")
	if err := os.Remove(r.path(filepath.Join(".git/objects", object[:2], object[2:]))); err != nil {
		t.Fatal(err)
	}
	then, today := r.openAt(dir), manifest.LoadAll(onDisk(t, dir), []string{dir}, false)
	review := today.Review(today.Specs, nil, then)
	if err := then.Whole(); err != nil || len(review.Problems) > 0 || len(review.Older) != 2 {
		t.Errorf("%v, %v, %d manifests", err, review.Problems, len(review.Older))
	}
	if len(review.Changed) != 1 || review.Changed[0].ID != 2 {
		t.Errorf("changed: %v, want 2", review.Changed)
	}
}

func TestHasContents(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("certs/a.yaml", "a\n")
	r.link("certs/link.yaml", "a.yaml")
	r.commit()
	tree := r.open("HEAD", "certs")
	for name, want := range map[string]bool{"certs/a.yaml": true, "certs/link.yaml": true, "certs/b.yaml": false, "certs": false} {
		if tree.HasContents(r.path(name), []byte("a\n")) != want || tree.HasContents(r.path(name), []byte("a\r\n")) {
			t.Errorf("%s: want %t of the same contents, and false of others", name, want)
		}
	}
}

// openAt opens HEAD for a path as it is given.
func (r repository) openAt(path string) *revision.Tree {
	r.Helper()
	tree, err := revision.Open(r.Context(), environ(), "HEAD", []string{path})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = tree.Close() })
	return tree
}

// onDisk opens the files of today.
func onDisk(t *testing.T, paths ...string) *manifest.Disk {
	t.Helper()
	d, err := manifest.OpenDisk(t.Context(), paths, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
