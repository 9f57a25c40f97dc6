package revision

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// entry is a file, a link or a directory of a tree. It is its own fs.FileInfo.
type entry struct {
	name     string // of the last part of its path
	mode     fs.FileMode
	object   string   // id of its contents; "" of a directory
	children []string // names of what a directory holds, sorted
}

// list reads the files of a commit, wherever they are, since a link may lead anywhere: entries without what is not
// checked out, and the names of all.
func (g git) list(ctx context.Context, commit string, index map[string]bool) (entries map[string]entry, names map[string]bool, err error) {
	out, err := g.output(ctx, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, nil, err
	}
	entries, names = map[string]entry{"": {mode: fs.ModeDir | 0o755}}, map[string]bool{}
	for record := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		// A record is such as "100644 blob 3b18e5…\tcerts/cdn.yaml".
		about, p, found := strings.Cut(string(record), "\t")
		fields := strings.Fields(about)
		names[p] = true
		switch {
		case len(record) == 0 || found && index[p]:
			continue
		case !found || len(fields) != 3:
			return nil, nil, fmt.Errorf("git lists %q, which is no file", record)
		}
		e := entry{name: path.Base(p), mode: 0o644, object: fields[2]}
		switch fields[0] { // files have several modes, by what may be done with them
		case "120000":
			e.mode = fs.ModeSymlink | 0o777
		case "160000": // a submodule
			e.mode, e.object = fs.ModeDir|0o755, ""
		}
		add(entries, p, e)
	}
	for p, e := range entries {
		slices.Sort(e.children)
		entries[p] = e
	}
	return entries, names, nil
}

// add puts an entry at its place, below directories that are made for it.
func add(all map[string]entry, p string, e entry) {
	all[p] = e
	dir := clean(path.Dir(p))
	parent, known := all[dir]
	if !known {
		parent = entry{name: path.Base(dir), mode: fs.ModeDir | 0o755}
	}
	parent.children = append(parent.children, e.name)
	if all[dir] = parent; !known {
		add(all, dir, parent)
	}
}

// Name and the next are those of fs.FileInfo. Git lists no size and keeps no time.
func (e entry) Name() string       { return e.name }
func (e entry) Size() int64        { return 0 }
func (e entry) Mode() fs.FileMode  { return e.mode }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) IsDir() bool        { return e.mode.IsDir() }
func (e entry) Sys() any           { return nil }

// Lstat describes what is at a path; of a link, the link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	p, err := t.locate(name)
	dir := ""
	if err == nil {
		dir, err = t.resolve(clean(path.Dir(p)))
	}
	e, ok := t.entries[clean(path.Join(dir, path.Base(p)))]
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, wrap("lstat", name, err)
	}
	return e, nil
}

// Stat describes what is at a path; of a link, what it leads to.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	p, err := t.at("stat", name)
	if err != nil {
		return nil, err
	}
	return t.entries[p], nil
}

// ReadDir lists a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	dir, err := t.at("open", name)
	if err != nil {
		return nil, err
	}
	var all []fs.DirEntry
	for _, child := range t.entries[dir].children {
		all = append(all, fs.FileInfoToDirEntry(t.entries[path.Join(dir, child)]))
	}
	return all, nil
}

// Open gives the contents of a file, be it through links.
func (t *Tree) Open(name string) (io.ReadCloser, error) {
	p, err := t.at("open", name)
	if err != nil {
		return nil, err
	}
	if t.entries[p].IsDir() {
		return nil, wrap("open", name, errors.New("is a directory"))
	}
	if t.missing[t.entries[p].object] {
		t.mu.Lock()
		t.leftOut = append(t.leftOut, p)
		t.mu.Unlock()
		return nil, wrap("open", name, errMissing)
	}
	data, err := t.blobs.read(t.entries[p].object)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// HasContents reports whether a file, be it through links, holds data. Nothing is read: the id of an
// object is a digest of its contents.
func (t *Tree) HasContents(name string, data []byte) bool {
	h := sha1.New() // of a repository with ids of SHA-1
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	p, err := t.at("open", name)
	return err == nil && t.entries[p].object == hex.EncodeToString(h.Sum(nil))
}

// Above returns the directories from name up to the top of the repository, name first.
func (t *Tree) Above(name string) ([]string, error) {
	dir, err := t.at("open", name)
	if err != nil {
		return nil, err
	}
	var all []string
	for {
		all = append(all, t.file(dir))
		if dir == "" {
			return all, nil
		}
		dir = clean(path.Dir(dir))
	}
}

// Missing reports that nothing is: a commit is whole.
func (t *Tree) Missing(string) (missing, skipped bool) { return false, false }

// at returns where a path leads, from the top.
func (t *Tree) at(op, name string) (string, error) {
	p, err := t.locate(name)
	if err == nil {
		p, err = t.resolve(p)
	}
	if err != nil {
		return "", wrap(op, name, err)
	}
	return p, nil
}

func wrap(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }
