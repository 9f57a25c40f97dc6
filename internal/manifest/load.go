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
// place. All problems of all files are collected, in the same order; when there
// are any, no spec is returned. A file that several paths lead to is read once.
func Load(fsys FS, paths []string) ([]cert.Spec, []report.Problem) {
	l := newLoader(fsys)
	for _, p := range paths {
		l.find(filepath.Clean(p))
	}
	l.read()
	for _, w := range l.ways {
		if l.documents(w) == 0 {
			l.wrong(w.path, fault{"holds no manifest", "Name a file, or a directory with .yaml or .yml files."})
		}
	}
	return l.specs()
}

// LoadOlder is Load for an older state of the paths: one of them that was not there
// yet, or held no manifest, is no problem.
func LoadOlder(fsys FS, paths []string) ([]cert.Spec, []report.Problem) {
	l := newLoader(fsys)
	for _, p := range paths {
		if path := filepath.Clean(p); exists(fsys, path) {
			l.find(path)
		}
	}
	l.read()
	return l.specs()
}

// Parse reads the manifests of one text as Load reads those of a file at path.
func Parse(path string, text []byte) ([]cert.Spec, []report.Problem) {
	l := newLoader(nil)
	l.note(path)
	l.keep(readText(path, text))
	return l.specs()
}

// Leads reports whether a path leads to something that Load would read, or would find
// fault with other than that it is not there.
func Leads(fsys FS, path string) bool {
	if _, err := fsys.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return len(find(fsys, filepath.Clean(path))) > 0
}

func newLoader(fsys FS) *loader {
	return &loader{fsys: fsys, order: map[string]int{}, seen: map[string]*contents{}}
}

// specs returns what was read, or what is wrong with it.
func (l *loader) specs() ([]cert.Spec, []report.Problem) {
	distinguish(l.manifests)
	if problems := l.sorted(); len(problems) > 0 {
		return nil, problems
	}
	specs := make([]cert.Spec, len(l.manifests))
	for i, m := range l.manifests {
		specs[i] = m.spec()
	}
	return specs, nil
}

// loader collects what the paths hold.
type loader struct {
	fsys      FS
	order     map[string]int // of paths, as they were come upon
	ways      []way
	seen      map[string]*contents // by path; nil until it is read
	manifests []*manifest
	problems  []report.Problem // of paths and files; a manifest has its own
}

// way is a path of the caller's, with what it leads to.
type way struct {
	path  string
	files []found
}

// find looks for the files that one path leads to, and reads none.
func (l *loader) find(path string) {
	l.note(path)
	files := find(l.fsys, path)
	for _, f := range files {
		l.note(f.path)
	}
	l.ways = append(l.ways, way{path, files})
}

func (l *loader) note(path string) {
	if _, ok := l.order[path]; !ok {
		l.order[path] = len(l.order)
	}
}

// read reads each file that was found, once, side by side. What they hold is kept in
// the order in which they were found.
func (l *loader) read() {
	var files []found
	for _, w := range l.ways {
		for _, f := range w.files {
			if _, again := l.seen[f.path]; !again {
				l.seen[f.path] = nil
				files = append(files, f)
			}
		}
	}
	all := make([]contents, len(files))
	each(len(files), func(i int) { all[i] = readFile(l.fsys, files[i]) })
	for i, f := range files {
		l.seen[f.path] = &all[i]
		l.keep(all[i])
	}
}

func (l *loader) keep(c contents) {
	l.manifests = append(l.manifests, c.manifests...)
	l.problems = append(l.problems, c.problems...)
}

// documents counts what the files hold that a way leads to, those of files that an
// earlier way led to included.
func (l *loader) documents(w way) int {
	n := 0
	for _, f := range w.files {
		n += l.seen[f.path].documents
	}
	return n
}

// wrong reports a fault of a whole file or directory.
func (l *loader) wrong(path string, f fault) {
	l.problems = append(l.problems, problemOf(path, f))
}

// sorted returns all problems in the order of files and places.
func (l *loader) sorted() []report.Problem {
	all := l.problems
	for _, m := range l.manifests {
		all = append(all, m.problems...)
	}
	slices.SortStableFunc(all, func(a, b report.Problem) int {
		return cmp.Or(cmp.Compare(l.order[a.At.File], l.order[b.At.File]),
			cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return all
}
