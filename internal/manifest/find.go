package manifest

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// candidate is a file to read, or a path with a fault.
type candidate struct {
	path  string
	fault fault
}

// find returns the file at path, or the manifests below the directory, sorted by path. A file
// of the command line may have any name; below a directory the name decides.
func find(fsys FS, path string, skip *skips) []candidate {
	info, err := fsys.Stat(path)
	switch {
	case err != nil:
		return []candidate{{path, unreadable(err)}}
	case info.Mode().IsRegular():
		return []candidate{{path: path}}
	case !info.IsDir():
		return []candidate{{path, notRegular}}
	case isLink(fsys, path):
		return []candidate{{path, fault{"is a link to a directory, and those are not followed",
			"Name the directory itself."}}}
	}
	all := below(fsys, path, skip)
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(a.path, b.path) })
	return all
}

// below walks a directory. It skips links to directories, so that it always ends.
func below(fsys FS, dir string, skip *skips) []candidate {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return []candidate{{dir, unreadable(err)}}
	}
	var all []candidate
	for _, e := range entries {
		path := filepath.ToSlash(filepath.Join(dir, e.Name()))
		switch {
		case strings.HasPrefix(e.Name(), "."):
			skip.entry(fsys, path, e)
		case e.IsDir():
			all = append(all, below(fsys, path, skip)...)
		case isYAML(e.Name()) && e.Type().IsRegular():
			all = append(all, candidate{path: path})
		case isYAML(e.Name()) && !leadsToDir(fsys, path, e):
			all = append(all, fileAt(fsys, path)...)
		case !isDefaults(path):
			skip.entry(fsys, path, e)
		}
	}
	return all
}

// leadsToDir reports whether an entry is a link to a directory.
func leadsToDir(fsys FS, path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := fsys.Stat(path)
	return err == nil && info.IsDir()
}

// fileAt returns the file at path, also through a link.
func fileAt(fsys FS, path string) []candidate {
	info, err := fsys.Stat(path)
	switch {
	case err != nil:
		return []candidate{{path, unreadable(err)}}
	case !info.Mode().IsRegular():
		return []candidate{{path, notRegular}}
	default:
		return []candidate{{path: path}}
	}
}

func isYAML(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

func isLink(fsys FS, path string) bool {
	info, err := fsys.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// Skipped is an entry of a directory that looks like a manifest and is not read.
type Skipped struct {
	Path string
	Why  Reason
}

// Reason is why something is skipped.
type Reason string

// The reasons.
const (
	Ending Reason = "a manifest ends in .yaml or .yml"
	Hidden Reason = "hidden"
	Linked Reason = "a link to a directory"
	Empty  Reason = "no manifest in it"
	Alike  Reason = "the name differs from another in case alone"
)

// mostSkipped is the most skipped entries whose beginning is read.
const mostSkipped = 1000

// skips collects skipped entries. The beginning of those in maybe is read later.
type skips struct {
	all   []Skipped
	maybe []Skipped
}

// entry notes an entry that is not read, if it may be a manifest.
func (s *skips) entry(fsys FS, path string, e fs.DirEntry) {
	name := strings.ToLower(e.Name())
	like := strings.Contains(name, ".yaml") || strings.Contains(name, ".yml") || filepath.Ext(name) == ".json"
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		if info, err := fsys.Stat(path); errors.Is(err, errOutside) || err == nil && info.IsDir() {
			s.all = append(s.all, Skipped{path, Linked})
		}
	case e.Name() == ".git", len(s.maybe) >= mostSkipped:
	case e.IsDir():
		entries, _ := fsys.ReadDir(path) // an unreadable directory has no manifest
		for _, inner := range entries {
			s.skipHidden(fsys, filepath.ToSlash(filepath.Join(path, inner.Name())), inner)
		}
	case strings.HasPrefix(name, "."):
		s.skipHidden(fsys, path, e)
	case isYAML(name):
		s.all = append(s.all, Skipped{path, Ending})
	case like:
		s.maybe = append(s.maybe, Skipped{path, Ending})
	}
}

// skipHidden notes a hidden entry, or one below a hidden directory.
func (s *skips) skipHidden(fsys FS, path string, e fs.DirEntry) {
	switch {
	case len(s.maybe) >= mostSkipped:
	case e.IsDir():
		s.entry(fsys, path, e)
	case isYAML(strings.ToLower(e.Name())):
		s.maybe = append(s.maybe, Skipped{path, Hidden})
	}
}

// found returns the skipped entries, sorted by path. Those in maybe count if they begin like a
// manifest.
func (s *skips) found(fsys FS, read []string) []Skipped {
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
