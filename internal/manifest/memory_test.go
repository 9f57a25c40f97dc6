package manifest

import (
	"io"
	"io/fs"
	"testing/fstest"
)

// memory is an FS that needs no disk.
type memory struct{ fstest.MapFS }

func (m memory) Open(path string) (io.ReadCloser, error) { return m.MapFS.Open(path) }

func (m memory) Lstat(path string) (fs.FileInfo, error) { return m.MapFS.Lstat(path) }

// files returns a memory of texts by path.
func files(texts map[string]string) memory {
	m := fstest.MapFS{}
	for path, text := range texts {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return memory{m}
}
