package manifest

import (
	"cmp"
	"maps"
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
// Spec.At has the places of the entries of "policy.protect" and "policy.domains_within",
// because they may come from several files.
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
		l.find(filepath.ToSlash(filepath.Clean(p)))
	}
	l.read()
	if !defaultsAlone {
		l.notDefaultsAlone()
	}
	for _, w := range l.arguments {
		if l.documents(w) == 0 && !isDefaults(w.path) {
			l.fault(w.path, fault{"holds no manifest", "Name a file, or a directory with .yaml or .yml files."})
		}
	}
	all.Specs, all.Problems = l.specs()
	l.skipEmpty()
	all.Skipped = l.skip.found(fsys, slices.Sorted(maps.Keys(l.seen)))
	all.Defaults, all.loader = l.defaults.count(), l
	return all
}

// LoadOlder is Load for an older state of the paths. A path that did not exist, or held no
// manifest, is no problem.
func LoadOlder(fsys FS, paths []string) ([]cert.Spec, []report.Problem) {
	return older(fsys, paths, nil).specs()
}

// older reads an older state of the paths. What today holds too is not read again.
func older(fsys FS, paths []string, today *loader) *loader {
	l := newLoader(fsys, paths)
	l.today = today
	for _, p := range paths {
		if path := filepath.ToSlash(filepath.Clean(p)); exists(fsys, path) {
			l.find(path)
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
	l.addOrder(path)
	l.keep(readText(path, text, d.levels))
	return l.specs()
}

// HasManifests reports whether Load would find a manifest at a path, or a problem other than
// that there is none.
func HasManifests(fsys FS, path string) bool {
	specs, problems := LoadOlder(fsys, []string{path})
	return len(specs)+len(problems) > 0
}

func newLoader(fsys FS, paths []string) *loader {
	return &loader{fsys: fsys, paths: paths, defaults: newDefaultsTree(fsys, paths), order: map[string]int{}, seen: map[string]*contents{}}
}

// specs returns the manifests, or all problems.
func (l *loader) specs() ([]cert.Spec, []report.Problem) {
	checkDuplicates(l.manifests)
	if problems := l.sorted(); len(problems) > 0 {
		return nil, problems
	}
	specs := make([]cert.Spec, len(l.manifests))
	for i, m := range l.manifests {
		specs[i] = m.toSpec()
	}
	return specs, nil
}

// loader collects the files and manifests of paths.
type loader struct {
	fsys      FS
	paths     []string
	today     *loader // may be nil
	defaults  *defaultsTree
	order     map[string]int // of paths, as they were found
	arguments []argument
	skip      skips
	seen      map[string]*contents // by path; nil until it is read
	manifests []*manifest
	problems  []report.Problem // of paths and files; each manifest has its own
}

// argument is a path of the caller and its files.
type argument struct {
	path  string
	files []candidate
}

// find finds the files of one path, without reading them.
func (l *loader) find(path string) {
	l.addOrder(path)
	files := find(l.fsys, path, &l.skip)
	for _, f := range files {
		l.addOrder(f.path)
	}
	l.arguments = append(l.arguments, argument{path, files})
}

func (l *loader) addOrder(path string) {
	if _, ok := l.order[path]; !ok {
		l.order[path] = len(l.order)
	}
}

// read reads each file once, in parallel, after its defaults. The manifests stay in the order
// in which the files were found.
func (l *loader) read() {
	var files []candidate
	for _, w := range l.arguments {
		for _, f := range w.files {
			if _, again := l.seen[f.path]; !again {
				l.seen[f.path] = nil
				files = append(files, f)
			}
		}
	}
	all, levels := make([]contents, len(files)), make([][]*manifest, len(files))
	for i, f := range files {
		levels[i] = l.defaults.chainFor(filepath.Dir(f.path))
	}
	each(len(files), func(i int) {
		var same bool
		if all[i], same = l.today.unchanged(l.fsys, files[i].path, levels[i]); !same {
			all[i] = readFile(l.fsys, files[i], levels[i])
		}
	})
	for i, f := range files {
		l.seen[f.path] = &all[i]
		l.keep(all[i])
	}
}

func (l *loader) keep(c contents) {
	l.manifests = append(l.manifests, c.manifests...)
	l.problems = append(l.problems, c.problems...)
}

// notDefaultsAlone reports paths that hold defaults without any manifest.
func (l *loader) notDefaultsAlone() {
	for _, w := range l.arguments {
		if isDefaults(w.path) && len(l.manifests)+len(l.problems)+len(l.defaults.all()) == 0 {
			l.fault(w.path, fault{"holds defaults and no manifest", "Name the directory that they are for."})
		}
	}
}

// documents counts the documents of an argument, also in files that another argument shares.
func (l *loader) documents(w argument) int {
	n := 0
	for _, f := range w.files {
		n += l.seen[f.path].documents
	}
	return n
}

// skipEmpty notes files without a manifest: what was in one may have been deleted by mistake.
func (l *loader) skipEmpty() {
	for path, c := range l.seen {
		if c.documents == 0 && len(c.problems) == 0 && !isDefaults(path) {
			l.skip.all = append(l.skip.all, Skipped{path, Empty})
		}
	}
}

// fault reports a problem of a whole file or directory.
func (l *loader) fault(path string, f fault) {
	l.problems = append(l.problems, problemOf(path, "file", f))
}

// sorted returns all problems in the order of files and places.
func (l *loader) sorted() []report.Problem {
	all := slices.Concat(l.problems, l.defaults.all(), problemsOf(l.manifests))
	slices.SortStableFunc(all, func(a, b report.Problem) int {
		return cmp.Or(cmp.Compare(l.order[a.At.File], l.order[b.At.File]), cmp.Compare(a.At.File, b.At.File),
			cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return all
}
