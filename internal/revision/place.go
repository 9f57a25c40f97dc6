package revision

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// root is where one of the paths given is in the repository.
type root struct {
	path  string // absolute, as it is named from outside
	place string // from the top, with slashes; "" is the top
}

// repository is a working tree.
type repository struct {
	top   string // absolute
	super string // that of which it is a submodule; "" when it is none
}

// roots finds the repository that all paths are in, and where in it they are.
func (g git) roots(ctx context.Context, paths []string) (in repository, all []root, err error) {
	known := map[string]located{} // by directory: hundreds of files of one are looked for once
	for _, p := range paths {
		dir, file, err := split(p)
		at, found := known[dir]
		if err == nil && !found {
			at, err = g.where(ctx, dir)
			known[dir] = at
		}
		switch {
		case err != nil:
			return repository{}, nil, err
		case in.top != "" && in != at.repository:
			return repository{}, nil, fmt.Errorf("%s and %s are in different repositories", paths[0], p)
		}
		in, all = at.repository, append(all, root{filepath.Join(dir, file), path.Join(at.place, file)})
	}
	return in, all, nil
}

// located is a directory of a repository.
type located struct {
	repository
	place string // from the top, with slashes
}

// split returns the directory that a path names, or that the file it names is in: absolute.
func split(p string) (dir, file string, err error) {
	abs, err := filepath.Abs(p)
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return abs, "", nil
	}
	return filepath.Dir(abs), filepath.Base(abs), err
}

// enter goes to where .git is, at a directory or above, and returns the directory without links.
// Git is asked there, and not in the directory: a commit may hold files there that
// make a repository without .git of it, with a history and settings of its own.
func (g *git) enter(dir string) (real string, err error) {
	if real, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	for g.dir = real; ; g.dir = filepath.Dir(g.dir) {
		if _, err := os.Lstat(filepath.Join(g.dir, ".git")); err == nil {
			return real, nil
		}
		if g.dir == filepath.Dir(g.dir) {
			return "", fmt.Errorf("%s: %w", dir, ErrNoRepository)
		}
	}
}

// where returns the top of the repository that a directory is in, and its place there.
func (g git) where(ctx context.Context, dir string) (located, error) {
	real, err := g.enter(dir)
	if err != nil {
		return located{}, err
	}
	out, err := g.output(ctx, "rev-parse", "--show-toplevel", "--show-superproject-working-tree")
	if err != nil {
		return located{}, g.refusal(ctx, err)
	}
	top, super, _ := strings.Cut(strings.TrimSuffix(string(out), "\n"), "\n")
	in := repository{filepath.FromSlash(top), filepath.FromSlash(super)}
	place, err := filepath.Rel(in.top, real)
	place = filepath.ToSlash(place)
	if err != nil || !filepath.IsLocal(place) || slices.Contains(strings.Split(place, "/"), ".git") {
		return located{}, fmt.Errorf("%s: %w", dir, ErrNoRepository)
	}
	return located{in, clean(place)}, nil
}

// locate returns where a path is, from the top of the repository.
func (t *Tree) locate(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	within := t.roots[0]
	if i := slices.IndexFunc(t.roots, func(r root) bool { return r.holds(abs) }); i > 0 {
		within = t.roots[i]
	}
	rel, err := filepath.Rel(within.path, abs)
	place := path.Join(within.place, filepath.ToSlash(rel))
	if err != nil || !filepath.IsLocal(place) {
		return "", fs.ErrNotExist
	}
	return clean(place), nil
}

func (r root) holds(abs string) bool {
	rel, err := filepath.Rel(r.path, abs)
	return err == nil && filepath.IsLocal(rel)
}

// clean is a path from the top, of which "" is the name.
func clean(p string) string {
	if p == "." {
		return ""
	}
	return p
}

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
		at := clean(path.Join(dir, part))
		e, found := t.entries[at]
		switch {
		case at == "..":
			return "", errOutside
		case !found:
			return "", fs.ErrNotExist
		case e.mode&fs.ModeSymlink == 0:
			dir, rest = at, tail
			continue
		case links == maxLinks:
			return "", errLoop
		}
		links++
		var err error
		if dir, rest, err = t.through(e, dir, tail); err != nil {
			return "", err
		}
	}
	return dir, nil
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
