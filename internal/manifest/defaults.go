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

// DefaultsFile is the name of a file with defaults for its directory and all below.
const DefaultsFile = "_defaults.yaml"

// misnamed reports whether a name is a misspelling of DefaultsFile. If such a file were skipped
// silently, its protections would be lost.
func misnamed(name string) bool {
	folded := strings.ToLower(name)
	return name != DefaultsFile && (folded == DefaultsFile || folded == "_defaults.yml" || folded == "_defaults.json")
}

// kindIn returns the kind of document in a file.
func kindIn(file string) string {
	if filepath.Base(file) == DefaultsFile {
		return "Defaults"
	}
	return "Certificate"
}

// isDefaults reports whether a file is one of defaults, also by a misspelled name.
func isDefaults(path string) bool {
	name := filepath.Base(path)
	return name == DefaultsFile || misnamed(name)
}

// defaultsTree reads the defaults that manifests inherit, each file once.
type defaultsTree struct {
	fsys     FS
	named    map[string]bool        // directories of the caller's paths
	levels   map[string][]*manifest // by directory, nearest first
	files    map[string]*manifest   // by directory; nil without readable defaults
	nested   map[string]bool        // repositories reported by refuseNested
	problems []report.Problem       // of files; each document has its own
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

// chainFor returns the defaults for dir, nearest first.
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

// directoriesFor returns the directories whose defaults are for dir. Without a repository it
// does not look above the caller's paths, because others may own what is there.
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

// refuseNested reports a repository within that of a path, such as a submodule: its manifests
// would silently lose the defaults of the outer one. A caller who means that names the inner
// one as a path too.
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
	entries, _ := h.fsys.ReadDir(dir) // find reports a directory that cannot be read
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

// missingDefaults returns the fault of defaults that the repository has and the directory does
// not. Without it their protections would silently be lost.
func missingDefaults(path string, skipped bool) fault {
	if skipped {
		return fault{"is in the repository, and this sparse checkout lacks it: what it protects would not be protected",
			"Check it out too, as git sparse-checkout disable does for all files; to be without it: git rm --sparse " + shell.Word(path)}
	}
	return fault{"is in the repository, and was deleted here: what it protects would not be protected",
		"Bring it back: git checkout -- " + shell.Word(path) + "; to be without it: git rm " + shell.Word(path)}
}

// count returns the number of files of defaults.
func (h *defaultsTree) count() (n int) {
	for _, m := range h.files {
		if m != nil {
			n++
		}
	}
	return n
}

// document reads the one document of a file of defaults.
func (h *defaultsTree) document(path string, data []byte) *manifest {
	c := readText(path, data, nil)
	h.problems = append(h.problems, c.problems...)
	all := c.manifests
	switch {
	case len(all) == 0 && len(c.problems) == 0:
		h.fault(path, fault{"holds no defaults", "Write apiVersion: " + apiVersion + " and kind: Defaults, or delete the file."})
	case len(all) > 1:
		h.problems = append(h.problems, report.Problem{At: all[1].at[""], Rule: "defaults", Message: "a second document in " + DefaultsFile + ", which holds one",
			Hint: "Make the two one."})
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// fault reports a problem of a whole file or directory.
func (h *defaultsTree) fault(path string, f fault) {
	h.problems = append(h.problems, problemOf(path, "defaults", f))
}

// all returns the problems of all files of defaults.
func (h *defaultsTree) all() []report.Problem {
	all := h.problems
	for _, m := range h.files {
		if m != nil {
			all = append(all, m.problems.all()...)
		}
	}
	return all
}
