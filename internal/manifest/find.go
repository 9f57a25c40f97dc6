package manifest

import (
	"cmp"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// found is a file to read, or a path with something wrong.
type found struct {
	path  string
	wrong fault
}

// find returns what path leads to: the file itself, or the manifests below the
// directory, sorted by path. What is named on the command line is taken whatever
// its name; below a directory the name decides.
func find(fsys FS, path string, skip *skipped) []found {
	info, err := fsys.Stat(path)
	switch {
	case err != nil:
		return []found{{path, unreadable(err)}}
	case info.Mode().IsRegular():
		return []found{{path: path}}
	case !info.IsDir():
		return []found{{path, notRegular}}
	case isLink(fsys, path):
		return []found{{path, fault{"is a link to a directory, and those are not followed",
			"Name the directory itself."}}}
	}
	all := below(fsys, path, skip)
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.path, b.path) })
	return all
}

// below walks a directory. Links to directories are skipped, so it always ends.
func below(fsys FS, dir string, skip *skipped) []found {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return []found{{dir, unreadable(err)}}
	}
	var all []found
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
			skip.entry(fsys, path, e)
		case e.IsDir():
			all = append(all, below(fsys, path, skip)...)
		case isYAML(e.Name()) && !leadsToDir(fsys, path, e):
			all = append(all, linked(fsys, path)...)
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

// linked returns the file at path, be it through a link.
func linked(fsys FS, path string) []found {
	info, err := fsys.Stat(path)
	switch {
	case err != nil:
		return []found{{path, unreadable(err)}}
	case !info.Mode().IsRegular():
		return []found{{path, notRegular}}
	default:
		return []found{{path: path}}
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
