package manifest

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// Load reads the manifests at paths: files, and directories with all below them.
// The specs come in the order of paths, below a directory sorted by path, then by
// place. All problems of all files come in the same order. With any problem, no spec is
// returned. A file that several paths lead to is read once.
//
// Each manifest inherits from the files of defaults in its directory and above, up to the
// top of the repository, or without a repository up to the highest of paths.
//
// Spec.At has the places of the entries of "policy.protect", by their word, and of
// "policy.domains_within", by index, because they may come from several files.
func Load(fsys FS, paths []string) ([]cert.Spec, []report.Problem) {
	l := LoadAll(fsys, paths, false)
	return l.Specs, l.Problems
}

// Loaded is the result of LoadAll.
type Loaded struct {
	Specs    []cert.Spec
	Problems []report.Problem
	Skipped  []Skipped
	Defaults int // number of files of defaults

	*loader
}

// LoadAll is Load with more results. With defaultsAlone, paths may hold defaults without any
// manifest.
func LoadAll(fsys FS, paths []string, defaultsAlone bool) (all Loaded) {
	l := newLoader(fsys, paths)
	for _, p := range paths {
		l.add(filepath.ToSlash(filepath.Clean(p)))
	}
	l.read()
	for _, a := range l.arguments {
		if isDefaults(a.path) && !defaultsAlone && len(l.manifests)+len(l.sorted()) == 0 {
			l.fault(a.path, fault{"holds defaults and no manifest", "Name the directory that they are for."})
		}
	}
	for _, a := range l.arguments {
		empty := !slices.ContainsFunc(a.files, func(path string) bool { return !l.seen[path].none() })
		if empty && !isDefaults(a.path) {
			l.fault(a.path, fault{"holds no manifest", "Name a file, or a directory with .yaml or .yml files."})
		}
	}
	all.Specs, all.Problems = l.specs()
	all.Skipped = l.allSkipped()
	all.Defaults, all.loader = l.defaults.read, l
	return all
}

// older reads an older state of the paths. A path that did not exist, or held no manifest, is no
// problem. What today holds too is not read again; today may be nil.
func older(fsys FS, paths []string, today *loader) *loader {
	l := newLoader(fsys, paths)
	l.today = today
	for _, p := range paths {
		path := filepath.ToSlash(filepath.Clean(p))
		if _, err := fsys.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			l.add(path)
		}
	}
	l.read()
	return l
}

// Defaults are the defaults for the manifests of one directory. The zero value has none.
type Defaults struct{ levels []*manifest }

// DefaultsOf reads the defaults for a manifest in dir, when paths are loaded with it.
func DefaultsOf(fsys FS, paths []string, dir string) (Defaults, []report.Problem) {
	l := newLoader(fsys, paths)
	d := Defaults{l.defaults.chainFor(filepath.Clean(dir))}
	return d, l.sorted()
}

// Spec returns what a manifest without any key inherits.
func (d Defaults) Spec() cert.Spec {
	m := newManifest("", 0)
	m.inherit(d.levels)
	return m.toSpec()
}

// Parse reads the manifests of one text as Load reads those of a file at path, with
// these defaults.
func Parse(path string, text []byte, d Defaults) ([]cert.Spec, []report.Problem) {
	l := newLoader(nil, nil)
	l.keep(readText(path, text, d.levels))
	return l.specs()
}

// HasManifests reports whether Load would find a manifest at a path, or a problem other than
// that there is none.
func HasManifests(fsys FS, path string) bool {
	specs, problems := older(fsys, []string{path}, nil).specs()
	return len(specs)+len(problems) > 0
}

// loader collects the files and manifests of paths.
type loader struct {
	fsys      FS
	paths     []string
	today     *loader // may be nil
	defaults  *defaultsTree
	order     map[string]int // of paths, as they were found
	arguments []argument
	skipped   []Skipped
	maybe     []Skipped            // if their beginning, which is read later, is that of a manifest
	seen      map[string]*contents // by path; nil until it is read
	manifests []*manifest
	problems  []report.Problem // of paths and files; each manifest has its own
}

// argument is a path of the caller and its files.
type argument struct {
	path  string
	files []string
}

func newLoader(fsys FS, paths []string) *loader {
	return &loader{fsys: fsys, paths: paths, defaults: newDefaultsTree(fsys, paths), order: map[string]int{}, seen: map[string]*contents{}}
}

// add finds the files of one path, without reading them.
func (l *loader) add(path string) {
	a := argument{path, l.find(path)}
	l.arguments = append(l.arguments, a)
	for _, f := range append([]string{path}, a.files...) {
		if _, known := l.order[f]; !known {
			l.order[f] = len(l.order)
		}
	}
}

// read reads each file once, in parallel, after its defaults. The manifests stay in the order
// in which the files were found. A file of defaults is left to defaultsTree.
func (l *loader) read() {
	var files []string
	var levels [][]*manifest
	for _, a := range l.arguments {
		for _, path := range a.files {
			above := l.defaults.chainFor(filepath.Dir(path))
			if _, again := l.seen[path]; !again {
				l.seen[path] = nil
				files, levels = append(files, path), append(levels, above)
			}
		}
	}
	all := make([]contents, len(files))
	each(len(files), func(i int) {
		path, same := files[i], false
		if all[i], same = l.today.unchanged(l.fsys, path, levels[i]); same || isDefaults(path) {
			return
		}
		if data, wrong := read(l.fsys, path); wrong.none() {
			all[i] = readText(path, data, levels[i])
		} else {
			all[i].problems = []report.Problem{problemOf(path, "file", wrong)}
		}
	})
	for i, path := range files {
		l.seen[path] = &all[i]
		l.keep(all[i])
	}
}

func (l *loader) keep(c contents) {
	l.manifests = append(l.manifests, c.manifests...)
	l.problems = append(l.problems, c.problems...)
}

func (l *loader) fault(path string, f fault) {
	l.problems = append(l.problems, problemOf(path, "file", f))
}

// specs returns the manifests, or all problems.
func (l *loader) specs() ([]cert.Spec, []report.Problem) {
	checkDuplicates(l.manifests)
	if problems := l.sorted(); len(problems) > 0 {
		return nil, problems
	}
	return mapped(l.manifests, (*manifest).toSpec), nil
}

// sorted returns all problems in the order of files and places.
func (l *loader) sorted() []report.Problem {
	all := slices.Concat(l.problems, l.defaults.problems, problemsOf(l.manifests))
	slices.SortStableFunc(all, func(a, b report.Problem) int {
		return cmp.Or(cmp.Compare(l.order[a.At.File], l.order[b.At.File]), cmp.Compare(a.At.File, b.At.File),
			cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return all
}
