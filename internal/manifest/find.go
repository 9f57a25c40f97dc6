package manifest

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/report"
)

// find returns the file at path, or the manifests below the directory, sorted by path. A file
// of the command line may have any name; below a directory the name decides.
func (l *loader) find(path string) []string {
	info, err := l.fsys.Stat(path)
	switch {
	case err != nil:
		return l.unread(path, unreadable(err))
	case info.Mode().IsRegular():
		return []string{path}
	case !info.IsDir():
		return l.unread(path, fault{"is not a regular file", "Name a file or a directory of files."})
	}
	if link, err := l.fsys.Lstat(path); err == nil && link.Mode()&fs.ModeSymlink != 0 {
		return l.unread(path, fault{"is a link to a directory, and those are not followed", "Name the directory itself."})
	}
	all := l.below(path)
	slices.Sort(all)
	return all
}

// unread reports a path that cannot be read.
func (l *loader) unread(path string, f fault) []string {
	if l.seen[path] == nil {
		c := contents{problems: []report.Problem{problemOf(path, "file", f)}}
		l.seen[path] = &c
		l.keep(c)
	}
	return []string{path}
}

// below walks a directory. It skips links to directories, so that it always ends.
func (l *loader) below(dir string) []string {
	entries, err := l.fsys.ReadDir(dir)
	if err != nil {
		return l.unread(dir, unreadable(err))
	}
	var all []string
	for _, e := range entries {
		path := filepath.ToSlash(filepath.Join(dir, e.Name()))
		switch {
		case strings.HasPrefix(e.Name(), "."):
			l.skip(path, e, false)
		case e.IsDir():
			all = append(all, l.below(path)...)
		case isYAML(e.Name()) && e.Type().IsRegular():
			all = append(all, path)
		case isYAML(e.Name()) && !leadsToDir(l.fsys, path, e):
			all = append(all, l.find(path)...)
		case !isDefaults(path):
			l.skip(path, e, false)
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

func isYAML(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
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
	Leads  Reason = "a link that leads outside"
	Empty  Reason = "no manifest in it"
	Alike  Reason = "the name differs from another in case alone"
)

// mostSkipped is the most skipped entries whose beginning is read.
const mostSkipped = 1000

// skip notes an entry that is not read, if it may be a manifest; hidden is one below a hidden
// directory.
func (l *loader) skip(path string, e fs.DirEntry, hidden bool) {
	name, outside, toDir := strings.ToLower(e.Name()), false, false
	if !hidden && e.Type()&fs.ModeSymlink != 0 {
		info, err := l.fsys.Stat(path)
		outside, toDir = errors.Is(err, errOutside), err == nil && info.IsDir()
	}
	switch {
	case outside:
		l.skipped = append(l.skipped, Skipped{path, Leads})
	case toDir:
		l.skipped = append(l.skipped, Skipped{path, Linked})
	case e.Name() == ".git", len(l.maybe) >= mostSkipped:
	case e.IsDir():
		entries, _ := l.fsys.ReadDir(path) // an unreadable directory has no manifest
		for _, inner := range entries {
			l.skip(filepath.ToSlash(filepath.Join(path, inner.Name())), inner, true)
		}
	case hidden, strings.HasPrefix(name, "."):
		if isYAML(name) {
			l.maybe = append(l.maybe, Skipped{path, Hidden})
		}
	case isYAML(name):
		l.skipped = append(l.skipped, Skipped{path, Ending})
	case strings.Contains(name, ".yaml"), strings.Contains(name, ".yml"), filepath.Ext(name) == ".json":
		l.maybe = append(l.maybe, Skipped{path, Ending})
	}
}

var ours = regexp.MustCompile(`apiVersion["']?\s*:\s*["']?cpsync/`)

// allSkipped returns the skipped entries, sorted by path. Those in maybe count if they name our
// apiVersion near their beginning. It adds the files that were read and hold no manifest: what
// was in one may have been deleted by mistake.
func (l *loader) allSkipped() []Skipped {
	all := l.skipped
	for _, s := range l.maybe {
		r, err := l.fsys.Open(s.Path)
		if err != nil {
			continue
		}
		head, _ := io.ReadAll(io.LimitReader(r, 4096)) // as far as it can be read
		_ = r.Close()
		if ours.Match(head) {
			all = append(all, s)
		}
	}
	folded := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(l.seen)) {
		if l.seen[path].none() && !isDefaults(path) {
			all = append(all, Skipped{path, Empty})
		}
		if folded[strings.ToLower(path)] {
			all = append(all, Skipped{path, Alike})
		}
		folded[strings.ToLower(path)] = true
	}
	slices.SortFunc(all, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	return all
}
