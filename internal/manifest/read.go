package manifest

import (
	"bytes"
	"fmt"
	"io"
)

// Sizes, in bytes, of the largest document and the largest file that are read, and how
// many documents a file may have. A file may hold a whole fleet; but each document takes
// its time, and four lines are enough to be wrong in as many ways.
const (
	maxDocument  = 1 << 20
	maxFile      = 32 << 20
	maxDocuments = 20_000
)

// read returns the bytes of a file. Of a file that is too large it reads at most
// one byte more than the limit: the size that a file system states may be wrong.
func read(fsys FS, path string) ([]byte, fault) {
	r, err := fsys.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case len(data) > maxFile:
		return nil, fault{fmt.Sprintf("is larger than %d MiB", maxFile>>20),
			"Split it into several files."}
	case bytes.Count(data, []byte("\n---")) >= maxDocuments:
		return nil, fault{fmt.Sprintf("holds more than %d documents", maxDocuments),
			"Split it into several files."}
	}
	return data, fault{}
}
