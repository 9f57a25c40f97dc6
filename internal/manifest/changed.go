package manifest

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"sort"

	"github.com/cpsync/cpsync/internal/cert"
)

// Changed returns those of the specs, loaded from now, whose document is not among
// those that paths held in then, byte for byte. A manifest that only moved to another
// file is not changed; nor does it matter where lines end in CRLF.
func Changed(specs []cert.Spec, paths []string, now, then FS) []cert.Spec {
	known := map[string]bool{}
	for _, p := range paths {
		for _, f := range find(then, filepath.Clean(p)) {
			for _, d := range documents(then, f.path) {
				known[d.bare()] = d.bare() != ""
			}
		}
	}
	read := map[string][]part{}
	return slices.DeleteFunc(slices.Clone(specs), func(s cert.Spec) bool {
		at := s.At[""]
		if _, ok := read[at.File]; !ok {
			read[at.File] = documents(now, at.File)
		}
		return known[documentAt(read[at.File], at.Line).bare()]
	})
}

// documents cuts a file. One that can't be read has none.
func documents(fsys FS, path string) []part {
	data, wrong := read(fsys, path)
	if !wrong.none() {
		return nil
	}
	text, _ := clean(path, data)
	return split(text)
}

// documentAt returns the document that a line is in.
func documentAt(all []part, line int) part {
	after := sort.Search(len(all), func(i int) bool { return all[i].above >= line })
	if after == 0 {
		return part{}
	}
	return all[after-1]
}

// bare is the text of a document without what its neighbours in the file decide: the
// marker before it, and white space around it.
func (p part) bare() string {
	text := bytes.ReplaceAll(p.text, []byte("\r\n"), []byte("\n"))
	return string(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("---"))))
}

// exists reports whether there is something at path.
func exists(fsys FS, path string) bool {
	_, err := fsys.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
