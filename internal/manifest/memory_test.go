package manifest

import (
	"io"
	"io/fs"
	"path"
	"testing"
	"testing/fstest"
)

// memory is an FS that needs no disk.
type memory struct{ fstest.MapFS }

func (m memory) Open(path string) (io.ReadCloser, error) { return m.MapFS.Open(path) }

func (m memory) Lstat(path string) (fs.FileInfo, error) { return m.MapFS.Lstat(path) }

func (m memory) Missing(string) (missing, skipped bool) { return false, false }

// Above takes the directory with an entry .git for the top of a repository.
func (m memory) Above(dir string) ([]string, error) {
	var all []string
	for {
		all = append(all, dir)
		if _, err := m.MapFS.Lstat(path.Join(dir, ".git")); err == nil {
			return all, nil
		}
		if dir == path.Dir(dir) {
			return nil, nil
		}
		dir = path.Dir(dir)
	}
}

// files returns a memory of texts by path.
func files(texts map[string]string) memory {
	m := fstest.MapFS{}
	for path, text := range texts {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return memory{m}
}

// onDisk opens the disk for paths, as a run does that asks no git.
func onDisk(t testing.TB, paths ...string) *Disk {
	t.Helper()
	d, err := OpenDisk(t.Context(), paths, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
