package revision

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// maxLinks is how many links one path may lead through.
const maxLinks = 40

var (
	errOutside = errors.New("a link leads out of the repository")
	errLoop    = errors.New("links lead in a circle")
	errIsDir   = errors.New("is a directory")
)

// Lstat describes what is at a path; of a link, the link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	p, err := t.locate(name)
	if err == nil {
		var dir string
		if dir, err = t.follow(clean(path.Dir(p))); err == nil {
			p = clean(path.Join(dir, path.Base(p)))
		}
	}
	e, ok := t.entries[p]
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	return e, wrap("lstat", name, err)
}

// Stat describes what is at a path; of a link, what it leads to.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	e, err := t.entry(name)
	return e, wrap("stat", name, err)
}

// ReadDir lists a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	dir, err := t.at(name)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	var all []fs.DirEntry
	for _, child := range t.entries[dir].children {
		all = append(all, fs.FileInfoToDirEntry(t.entries[clean(path.Join(dir, child))]))
	}
	return all, nil
}

// Open gives the contents of a file, be it through links.
func (t *Tree) Open(name string) (io.ReadCloser, error) {
	e, err := t.entry(name)
	if err == nil && e.IsDir() {
		err = errIsDir
	}
	if err != nil {
		return nil, wrap("open", name, err)
	}
	data, err := t.blobs.read(e.object)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (t *Tree) entry(name string) (entry, error) {
	p, err := t.at(name)
	return t.entries[p], err
}

// at returns where a path leads, from the top.
func (t *Tree) at(name string) (string, error) {
	p, err := t.locate(name)
	if err != nil {
		return "", err
	}
	return t.follow(p)
}

// follow goes a path from the top, part by part, through the links on its way.
func (t *Tree) follow(p string) (string, error) {
	done, rest := "", p
	for links := 0; rest != ""; {
		part, tail, _ := strings.Cut(rest, "/")
		if part == ".." && done == "" {
			return "", errOutside
		}
		next := clean(path.Join(done, part))
		e, ok := t.entries[next]
		switch {
		case !ok:
			return "", fs.ErrNotExist
		case !e.isLink():
			done, rest = next, tail
			continue
		case links == maxLinks:
			return "", errLoop
		}
		links++
		target, err := t.target(e)
		if err != nil {
			return "", err
		}
		if done, rest = from(done, target), target.path; tail != "" {
			rest += "/" + tail
		}
	}
	return done, nil
}

// target is what a link says: a path from its own directory, or from the top.
type target struct {
	path    string
	fromTop bool
}

func from(dir string, t target) string {
	if t.fromTop {
		return ""
	}
	return dir
}

// target reads a link. One that names the working tree by its full path stays inside.
func (t *Tree) target(e entry) (target, error) {
	data, err := t.blobs.read(e.object)
	if err != nil || !filepath.IsAbs(string(data)) {
		return target{path: strings.TrimSuffix(string(data), "/")}, err
	}
	rel, err := filepath.Rel(t.top, string(data))
	if err != nil || !filepath.IsLocal(rel) {
		return target{}, errOutside
	}
	return target{clean(filepath.ToSlash(rel)), true}, nil
}

func wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}
