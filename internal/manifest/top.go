package manifest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// top is a directory out of which nothing is read.
type top struct {
	real       string // without links
	root       *os.Root
	repository string // its own, or the one around it; "" without one
}

// place is a path below a top, with all links but the last part resolved.
type place struct {
	top *top
	rel string
	err error
}

// errOutside means that a path leads out of its top.
var errOutside = errors.New("it leads out of its top")

// placeOf returns the place of a file or directory, below that of its directory.
func (d *Disk) placeOf(path string) (place, error) {
	if at, known := d.places.Load(path); known {
		return at.(place), at.(place).err
	}
	dir := filepath.Dir(path)
	if dir == path {
		return place{}, fs.ErrNotExist
	}
	above, err := d.placeOf(dir)
	if err != nil {
		return above, err
	}
	return place{top: above.top, rel: filepath.Join(above.rel, filepath.Base(path))}, nil
}

// insideTop calls use with the path in its top after links. It accepts links with absolute paths,
// which os.Root refuses. It refuses the directory .git, where a checkout leaves a token.
func insideTop[T any](d *Disk, path string, use func(*os.Root, string) (T, error)) (none T, err error) {
	at, err := d.placeOf(path)
	if err != nil {
		return none, err
	}
	real, err := filepath.EvalSymlinks(filepath.Join(at.top.real, at.rel))
	if err != nil {
		return none, err
	}
	rel, err := filepath.Rel(at.top.real, real)
	isGit := func(part string) bool { return strings.EqualFold(part, ".git") } // some file systems ignore case
	if err != nil || !filepath.IsLocal(rel) || slices.ContainsFunc(strings.Split(rel, string(filepath.Separator)), isGit) {
		return none, errOutside
	}
	return use(at.top.root, rel)
}

// addDir finds the place and the top of a directory.
func (d *Disk) addDir(dir string) place {
	if at, known := d.places.Load(dir); known {
		return at.(place)
	}
	var at place
	real, boundary, err := d.resolve(dir)
	if err == nil {
		at.top, err = d.top(real, boundary)
	}
	if err == nil {
		at.rel, err = filepath.Rel(at.top.real, real)
	}
	at.err = err
	d.places.Store(dir, at)
	return at
}

// resolve returns the real path of a directory and its boundary: root or a repository. It
// refuses a link in the boundary that leads out, because it is part of the content that is
// not trusted.
func (d *Disk) resolve(dir string) (real, boundary string, err error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	volume := filepath.VolumeName(full)
	real = volume + string(filepath.Separator)
	boundary = d.boundary(real)
	for part := range strings.SplitSeq(strings.Trim(full[len(volume):], string(filepath.Separator)), string(filepath.Separator)) {
		next := filepath.Join(real, part)
		info, err := os.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			real = next // where it would be
			continue
		case err != nil:
			return "", "", err
		case info.Mode()&fs.ModeSymlink != 0:
			if next, err = filepath.EvalSymlinks(next); err != nil {
				return "", "", err
			}
			if boundary != "" && !isWithin(boundary, next) {
				return "", "", errOutside
			}
		}
		real, boundary = next, d.boundary(next)
	}
	return real, boundary, nil
}

// boundary returns the directory that a link at real may not lead out of, or "".
func (d *Disk) boundary(real string) string {
	switch {
	case d.within == "":
		return repositoryOf(real)
	case isWithin(d.within, real):
		return d.within
	default:
		return ""
	}
}

// repositoryOf returns the top of a directory's repository, or "".
func repositoryOf(real string) string {
	for !isTop(real) {
		if real == filepath.Dir(real) {
			return ""
		}
		real = filepath.Dir(real)
	}
	return real
}

// isTop reports whether a directory is the top of a repository.
func isTop(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// top returns the top for real: the boundary, or without one the highest of the caller's
// directories around it.
func (d *Disk) top(real, boundary string) (*top, error) {
	if boundary == "" {
		boundary = real
	}
	for _, t := range d.tops {
		if t.real == boundary || t.repository == "" && repositoryOf(boundary) == "" && isWithin(t.real, boundary) {
			return t, nil
		}
	}
	root, err := os.OpenRoot(boundary)
	if err != nil {
		return nil, err
	}
	t := &top{real: boundary, root: root, repository: repositoryOf(boundary)}
	d.tops = append(d.tops, t)
	return t, nil
}

// Tops returns the tops that are no repository, or that the caller chose.
func (d *Disk) Tops() []string {
	var all []string
	for _, t := range d.tops {
		if t.repository == "" || d.within != "" {
			all = append(all, t.real)
		}
	}
	return all
}

// Holds reports whether real, a path without links, is in a repository of the caller's paths
// or below another of their tops.
func (d *Disk) Holds(real string) bool {
	return slices.ContainsFunc(d.tops, func(t *top) bool {
		return isWithin(t.real, real) || t.repository != "" && isWithin(t.repository, real)
	})
}

// isWithin reports whether path is dir or below it; both without links.
func isWithin(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
