package revision

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
)

var errIsDir = errors.New("is a directory")

// Lstat describes what is at a path; of a link, the link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	p, err := t.locate(name)
	if err != nil {
		return nil, wrap("lstat", name, err)
	}
	dir, err := t.resolve(clean(path.Dir(p)))
	if err != nil {
		return nil, wrap("lstat", name, err)
	}
	e, ok := t.entries[clean(path.Join(dir, path.Base(p)))]
	if !ok {
		return nil, wrap("lstat", name, fs.ErrNotExist)
	}
	return e, nil
}

// Stat describes what is at a path; of a link, what it leads to.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	p, err := t.at(name)
	if err != nil {
		return nil, wrap("stat", name, err)
	}
	return t.entries[p], nil
}

// ReadDir lists a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	dir, err := t.at(name)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	var all []fs.DirEntry
	for _, child := range t.entries[dir].children {
		all = append(all, fs.FileInfoToDirEntry(t.entries[path.Join(dir, child)]))
	}
	return all, nil
}

// Open gives the contents of a file, be it through links.
func (t *Tree) Open(name string) (io.ReadCloser, error) {
	p, err := t.at(name)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	if t.entries[p].IsDir() {
		return nil, wrap("open", name, errIsDir)
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
	p, err := t.at(name)
	return err == nil && t.entries[p].object == objectOf(data)
}

// objectOf returns the id of a file with these contents, in a repository with ids of SHA-1.
func objectOf(data []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// Above returns the directories from name up to the top of the repository, name first.
func (t *Tree) Above(name string) ([]string, error) {
	located, err := t.locate(name)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	dir, err := t.resolve(located)
	if err != nil {
		return nil, wrap("open", name, err)
	}
	var all []string
	for {
		all = append(all, filepath.Join(t.top, filepath.FromSlash(dir)))
		if dir == "" {
			return all, nil
		}
		dir = clean(path.Dir(dir))
	}
}

// Missing reports that nothing is: a commit is whole.
func (t *Tree) Missing(string) (missing, skipped bool) { return false, false }

// at returns where a path leads, from the top.
func (t *Tree) at(name string) (string, error) {
	p, err := t.locate(name)
	if err != nil {
		return "", err
	}
	return t.resolve(p)
}

func wrap(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }
