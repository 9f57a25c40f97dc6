package revision

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// maxLinks is how many links one path may lead through.
const maxLinks = 40

// Links that lead nowhere. What is outside of the repository was something else then,
// and it is unknown what.
var (
	errOutside = errors.New("a link leads out of the repository")
	errLoop    = errors.New("links lead in a circle")
)

// resolve goes a path from the top, part by part, through the links on its way, and
// returns where it arrives.
func (t *Tree) resolve(p string) (string, error) {
	dir, rest := "", p
	for links := 0; rest != ""; {
		part, tail, _ := strings.Cut(rest, "/")
		e, err := t.child(dir, part)
		switch {
		case err != nil:
			return "", err
		case !e.isLink():
			dir, rest = clean(path.Join(dir, part)), tail
			continue
		case links == maxLinks:
			return "", errLoop
		}
		links++
		if dir, rest, err = t.through(e, dir, tail); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// child returns what a directory calls by a name.
func (t *Tree) child(dir, name string) (entry, error) {
	if dir == "" && name == ".." {
		return entry{}, errOutside
	}
	e, ok := t.entries[clean(path.Join(dir, name))]
	if !ok {
		return entry{}, fs.ErrNotExist
	}
	return e, nil
}

// through returns the directory to go on from, and the way that is left, behind a link
// in dir with tail to go. A link that names the working tree in full stays inside.
func (t *Tree) through(link entry, dir, tail string) (from, rest string, err error) {
	data, err := t.blobs.read(link.object)
	if err != nil {
		return "", "", err
	}
	to := string(data)
	if filepath.IsAbs(to) {
		rel, err := filepath.Rel(t.top, to)
		if err != nil || !filepath.IsLocal(rel) {
			return "", "", errOutside
		}
		dir, to = "", filepath.ToSlash(rel)
	}
	return dir, strings.Trim(to+"/"+tail, "/"), nil
}
