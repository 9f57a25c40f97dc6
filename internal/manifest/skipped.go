package manifest

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Skipped is an entry of a directory that somebody may take for a manifest that is read,
// here or on another machine.
type Skipped struct {
	Path string
	Why  Reason
}

// Reason is why something is skipped.
type Reason string

// The reasons.
const (
	Ending Reason = "a manifest ends in .yaml or .yml"
	Hidden Reason = "hidden names"
	Linked Reason = "links to directories"
	Alike  Reason = "differs from another name in case alone, and not every file system holds both"
)

// mostSkipped is how many entries are looked at that may be manifests.
const mostSkipped = 1000

// skipped collects what is skipped. Of those that only may be manifests the beginning is
// read later.
type skipped struct {
	all   []Skipped
	maybe []Skipped
}

// entry looks at an entry of a directory that is not read, unless it is known to be a
// manifest.
func (s *skipped) entry(fsys FS, path string, e fs.DirEntry) {
	name := strings.ToLower(e.Name())
	like := strings.Contains(name, ".yaml") || strings.Contains(name, ".yml") || filepath.Ext(name) == ".json"
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		if info, err := fsys.Stat(path); errors.Is(err, errOutside) || err == nil && info.IsDir() {
			s.all = append(s.all, Skipped{path, Linked})
		}
	case e.Name() == ".git", len(s.maybe) >= mostSkipped:
	case e.IsDir():
		entries, _ := fsys.ReadDir(path) // what can't be read holds no manifest of ours
		for _, inner := range entries {
			s.hidden(fsys, filepath.Join(path, inner.Name()), inner)
		}
	case strings.HasPrefix(name, "."):
		s.hidden(fsys, path, e)
	case isYAML(name):
		s.all = append(s.all, Skipped{path, Ending})
	case like:
		s.maybe = append(s.maybe, Skipped{path, Ending})
	}
}

// hidden looks at what is hidden, or is below something hidden.
func (s *skipped) hidden(fsys FS, path string, e fs.DirEntry) {
	switch {
	case len(s.maybe) >= mostSkipped:
	case e.IsDir():
		s.entry(fsys, path, e)
	case isYAML(strings.ToLower(e.Name())):
		s.maybe = append(s.maybe, Skipped{path, Hidden})
	}
}

// found returns what was skipped, sorted by path. Files that may be manifests are, when
// they begin like one.
func (s *skipped) found(fsys FS, read []string) []Skipped {
	all := s.all
	for _, m := range s.maybe {
		if beginsLikeOurs(fsys, m.Path) {
			all = append(all, m)
		}
	}
	first := map[string]bool{}
	for _, path := range read {
		folded := strings.ToLower(path)
		if first[folded] {
			all = append(all, Skipped{path, Alike})
		}
		first[folded] = true
	}
	slices.SortFunc(all, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	return all
}

var ours = regexp.MustCompile(`apiVersion["']?\s*:\s*["']?cpsync/`)

// beginsLikeOurs reports whether a file names our apiVersion near its beginning.
func beginsLikeOurs(fsys FS, path string) bool {
	r, err := fsys.Open(path)
	if err != nil {
		return false
	}
	defer r.Close()
	head, _ := io.ReadAll(io.LimitReader(r, 4096)) // as far as it can be read
	return ours.Match(head)
}
