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
//
// In Spec.At the entry i of "spec.domains" and "policy.remove_domains" is the
// place of the name at index i of the sorted list that the Spec holds.
func Load(fsys FS, paths []string) ([]cert.Spec, []report.Problem) {
	l := newLoader(fsys)
	for _, p := range paths {
		l.path(filepath.Clean(p))
	}
	return l.specs()
}

// LoadOlder is Load for an older state of the paths: one of them that was not there
// yet, or held no manifest, is no problem.
func LoadOlder(fsys FS, paths []string) ([]cert.Spec, []report.Problem) {
	l := newLoader(fsys)
	for _, p := range paths {
		if path := filepath.Clean(p); exists(fsys, path) {
			l.files(path)
		}
	}
	return l.specs()
}

// Parse reads the manifests of one text as Load reads those of a file at path.
func Parse(path string, text []byte) ([]cert.Spec, []report.Problem) {
	l := newLoader(nil)
	l.note(path)
	l.text(path, text)
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
	return &loader{fsys: fsys, order: map[string]int{}, documents: map[string]int{}}
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
	documents map[string]int // in each file read; a file that can't be read counts as one
	manifests []*manifest
	problems  []report.Problem // of paths and files; a manifest has its own
}

// path reads everything that one path leads to, which has to be something.
func (l *loader) path(path string) {
	if l.files(path) == 0 {
		l.wrong(path, fault{"holds no manifest", "Name a file, or a directory with .yaml or .yml files."})
	}
}

// files reads the files that one path leads to and returns how many documents they
// hold, those of files that are read already too.
func (l *loader) files(path string) int {
	l.note(path)
	documents := 0
	for _, f := range find(l.fsys, path) {
		if _, seen := l.documents[f.path]; !seen {
			l.note(f.path)
			l.documents[f.path] = l.take(f)
		}
		documents += l.documents[f.path]
	}
	return documents
}

func (l *loader) note(path string) {
	if _, ok := l.order[path]; !ok {
		l.order[path] = len(l.order)
	}
}

// wrong reports a fault of a whole file or directory.
func (l *loader) wrong(path string, f fault) {
	l.problems = append(l.problems, report.Problem{At: cert.Pos{File: path}, Message: f.message, Hint: f.hint})
}

// take reads one file and returns how many documents it holds, at least one when
// there is something wrong with the file.
func (l *loader) take(f found) int {
	data, wrong := []byte(nil), f.wrong
	if wrong.none() {
		data, wrong = read(l.fsys, f.path)
	}
	if !wrong.none() {
		l.wrong(f.path, wrong)
		return 1
	}
	return l.text(f.path, data)
}

// text reads what a file holds.
func (l *loader) text(path string, data []byte) int {
	text, problems := clean(path, data)
	l.problems = append(l.problems, problems...)
	return max(l.file(path, text, len(problems) > 0), len(problems))
}

// file reads the documents of a file. Of text that a character was taken out of,
// being no YAML is not worth a second problem.
func (l *loader) file(path string, text []byte, mended bool) int {
	var read []*manifest
	broken := 0
	for _, p := range split(text) {
		m, problem := readDocument(path, p)
		switch {
		case problem != nil && mended:
			broken++
		case problem != nil:
			broken++
			l.problems = append(l.problems, *problem)
		case m != nil:
			read = append(read, m)
		}
	}
	ours := 0 // a document of somebody else's makes no name necessary
	for _, m := range read {
		if m.readable("apiVersion", "kind") {
			ours++
		}
	}
	for _, m := range read {
		m.call(ours, broken+len(read)-ours)
	}
	l.manifests = append(l.manifests, read...)
	return len(read) + broken
}

// readDocument returns nil for an empty document.
func readDocument(path string, p part) (*manifest, *report.Problem) {
	root, problem := parse(path, p)
	if root == nil {
		return nil, problem
	}
	m := newManifest(path, p.above)
	if !m.judge(root) {
		m.bad[""] = true
		return m, nil
	}
	m.decode(p.text, root)
	m.obey()
	return m, nil
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
