package manifest

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/shell"
)

// DefaultsFile is the name of a file that holds defaults for its directory and all
// below it.
const DefaultsFile = "_defaults.yaml"

// misnamed reports whether a name is a misspelling of DefaultsFile. Skipping such a file
// silently would leave unprotected what its owner protects.
func misnamed(name string) bool {
	folded := strings.ToLower(name)
	return name != DefaultsFile && (folded == DefaultsFile || folded == "_defaults.yml" || folded == "_defaults.json")
}

// kindIn is the kind of document that a file holds.
func kindIn(file string) string {
	if filepath.Base(file) == DefaultsFile {
		return "Defaults"
	}
	return "Certificate"
}

// isDefaults reports whether a file is no place for manifests.
func isDefaults(path string) bool {
	name := filepath.Base(path)
	return name == DefaultsFile || misnamed(name)
}

// defaultsTree reads the defaults that manifests inherit, each file once.
type defaultsTree struct {
	fsys     FS
	named    map[string]bool        // directories that the paths name, or name a file of
	levels   map[string][]*manifest // by directory, the nearest first
	files    map[string]*manifest   // by directory; nil where there are none, or none that can be read
	nested   map[string]bool        // repositories that were found fault with
	problems []report.Problem       // of files; a document has its own
}

func newDefaultsTree(fsys FS, paths []string) *defaultsTree {
	h := &defaultsTree{fsys: fsys, named: map[string]bool{}, levels: map[string][]*manifest{}, files: map[string]*manifest{}, nested: map[string]bool{}}
	for _, p := range paths {
		dir := filepath.Clean(p)
		if info, err := fsys.Stat(dir); err != nil || !info.IsDir() {
			dir = filepath.Dir(dir)
		}
		h.named[dir] = true
	}
	return h
}

// chainFor returns the defaults for what is in dir, the nearest first.
func (h *defaultsTree) chainFor(dir string) []*manifest {
	if levels, known := h.levels[dir]; known {
		return levels
	}
	var levels []*manifest
	for _, d := range h.directoriesFor(dir) {
		if m := h.defaultsIn(d); m != nil {
			levels = append(levels, m)
		}
	}
	h.levels[dir] = levels
	return levels
}

// directoriesFor returns the directories whose defaults are for dir. Where there is no
// repository, nothing above what the paths name is looked at, since nobody can tell
// whose it is.
func (h *defaultsTree) directoriesFor(dir string) []string {
	dirs, err := h.fsys.Above(dir)
	if err != nil {
		h.fault(dir, fault{"can't be placed in its repository: " + unreadable(err).message,
			"Make the directories above it readable: they may hold " + DefaultsFile + "."})
	}
	if len(dirs) > 0 {
		h.refuseNested(dirs)
	}
	if err != nil || len(dirs) > 0 {
		return dirs
	}
	highest := 0
	for at := dir; ; at = filepath.Dir(at) {
		dirs = append(dirs, at)
		if h.named[at] {
			highest = len(dirs)
		}
		if at == filepath.Dir(at) {
			return dirs[:highest]
		}
	}
}

// refuseNested finds fault with a repository within the one that a path names, such as a
// submodule: what is below it would silently be rid of the defaults of the owner above.
// Who means it names the inner one too.
func (h *defaultsTree) refuseNested(dirs []string) {
	top := dirs[len(dirs)-1]
	if h.nested[top] || slices.ContainsFunc(dirs, func(dir string) bool { return h.named[dir] }) {
		return
	}
	for at := top; at != filepath.Dir(at); {
		at = filepath.Dir(at)
		if above, _ := h.fsys.Above(at); h.named[at] && len(above) > 0 {
			h.nested[top] = true
			h.fault(top, fault{"is a repository within another one, so that no defaults above it are for what it holds",
				"Take it out, or name it as a PATH of its own."})
			return
		}
	}
}

// defaultsIn returns the defaults that a directory itself holds, or nil.
func (h *defaultsTree) defaultsIn(dir string) *manifest {
	m, known := h.files[dir]
	if !known {
		m = h.read(dir)
		h.files[dir] = m
	}
	return m
}

func (h *defaultsTree) read(dir string) *manifest {
	entries, _ := h.fsys.ReadDir(dir) // that it can't be listed is said where it matters
	for _, e := range entries {
		if misnamed(e.Name()) {
			h.fault(filepath.ToSlash(filepath.Join(dir, e.Name())), fault{"is not read: defaults stand in " + DefaultsFile, "Rename it to " + DefaultsFile + "."})
		}
	}
	path := filepath.ToSlash(filepath.Join(dir, DefaultsFile))
	info, err := h.fsys.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if missing, skipped := h.fsys.Missing(path); missing {
			h.fault(path, missingDefaults(path, skipped))
		}
		return nil
	case err != nil:
		h.fault(path, unreadable(err))
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		h.fault(path, fault{"is a link, and defaults are not read through links",
			"Put the defaults into the file itself, so that the owner of the directory decides about them."})
		return nil
	case !info.Mode().IsRegular():
		h.fault(path, fault{"is not a regular file", "Make it a file with kind: Defaults, or delete it."})
		return nil
	}
	data, wrong := read(h.fsys, path)
	if !wrong.none() {
		h.fault(path, wrong)
		return nil
	}
	return h.document(path, data)
}

// missingDefaults is for defaults that the repository has and the directory lacks: what they
// protect would silently be unprotected.
func missingDefaults(path string, skipped bool) fault {
	if skipped {
		return fault{"is in the repository, and this sparse checkout lacks it: what it protects would not be protected",
			"Check it out too, as git sparse-checkout disable does for all files; to be without it: git rm --sparse " + shell.Word(path)}
	}
	return fault{"is in the repository, and was deleted here: what it protects would not be protected",
		"Bring it back: git checkout -- " + shell.Word(path) + "; to be without it: git rm " + shell.Word(path)}
}

// count is how many files of defaults were read.
func (h *defaultsTree) count() (n int) {
	for _, m := range h.files {
		if m != nil {
			n++
		}
	}
	return n
}

// document reads the one document that a file of defaults holds.
func (h *defaultsTree) document(path string, data []byte) *manifest {
	c := readText(path, data, nil)
	h.problems = append(h.problems, c.problems...)
	all := c.manifests
	switch {
	case len(all) == 0 && len(c.problems) == 0:
		h.fault(path, fault{"holds no defaults", "Write apiVersion: " + apiVersion + " and kind: Defaults, or delete the file."})
	case len(all) > 1:
		h.problems = append(h.problems, report.Problem{At: all[1].at[""], Message: "a second document in " + DefaultsFile + ", which holds one",
			Hint: "Make the two one."})
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// fault reports a fault of a whole file or directory.
func (h *defaultsTree) fault(path string, f fault) {
	h.problems = append(h.problems, problemOf(path, f))
}

// all returns the problems of every file of defaults that was read.
func (h *defaultsTree) all() []report.Problem {
	all := h.problems
	for _, m := range h.files {
		if m != nil {
			all = append(all, m.problems.all()...)
		}
	}
	return all
}
