package manifest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/parallel"
	"github.com/cpsync/cpsync/internal/report"
)

// contents is what one file holds. A fault of the file counts as a document, since
// there is something at its path.
type contents struct {
	documents int
	manifests []*manifest
	problems  []report.Problem // of the file; a manifest has its own
}

// readFile reads the manifests of a file, and gives them their defaults. A file of
// defaults holds no manifest, and was read by then.
func readFile(fsys FS, f candidate, levels []*manifest) contents {
	data, wrong := []byte(nil), f.fault
	if wrong.none() && isDefaults(f.path) {
		return contents{}
	}
	if wrong.none() {
		data, wrong = read(fsys, f.path)
	}
	if !wrong.none() {
		return contents{documents: 1, problems: []report.Problem{problemOf(f.path, wrong)}}
	}
	return readText(f.path, data, levels)
}

func problemOf(path string, f fault) report.Problem {
	return report.Problem{At: cert.Pos{File: path}, Message: f.message, Hint: f.hint}
}

// readText reads the documents of a file, side by side. Of text that a character was
// taken out of, being no YAML is not worth a second problem.
func readText(path string, data []byte, levels []*manifest) contents {
	text, problems := clean(path, data)
	c := contents{problems: problems}
	broken := 0
	for _, d := range readDocuments(path, split(text), levels) {
		switch {
		case d.problem != nil:
			broken++
			if len(problems) == 0 {
				c.problems = append(c.problems, *d.problem)
			}
		case d.manifest != nil:
			c.manifests = append(c.manifests, d.manifest)
		}
	}
	c.setNames(broken)
	c.documents = max(len(c.manifests)+broken, len(problems))
	return c
}

// setNames gives names to the manifests that have none. Documents of other programs do not
// count as manifests.
func (c contents) setNames(broken int) {
	ours := 0
	for _, m := range c.manifests {
		if m.readable("apiVersion", "kind") {
			ours++
		}
	}
	for _, m := range c.manifests {
		m.setName(ours, broken+len(c.manifests)-ours)
	}
}

// document is what became of one part of a file; neither when it is empty.
type document struct {
	manifest *manifest
	problem  *report.Problem
}

func readDocuments(path string, parts []part, levels []*manifest) []document {
	all := make([]document, len(parts))
	most, found := mostProblems, 0
	for begin := 0; begin < len(parts); begin += atOnce {
		now := all[begin:min(begin+atOnce, len(parts))]
		each(len(now), func(i int) { now[i] = readDocument(path, parts[begin+i], levels, most) })
		for _, d := range now {
			if d.manifest != nil {
				found += len(d.manifest.problems.first)
			}
		}
		if found >= mostInFile {
			most = 0
		}
	}
	return all
}

// atOnce is how many documents are read before it is looked how much is wrong with them.
const atOnce = 500

func readDocument(path string, p part, levels []*manifest, most int) document {
	if len(p.text) > maxDocument {
		return document{problem: &report.Problem{At: cert.Pos{File: path, Line: p.above + 1, Column: 1},
			Message: fmt.Sprintf("the document is larger than %d MiB", maxDocument>>20),
			Hint:    "Split it: begin each manifest with a line of \"---\"."}}
	}
	root, problem := parse(path, p)
	if root == nil {
		return document{problem: problem}
	}
	m := newManifest(path, p.above)
	m.problems.most = most
	if m.judge(root) {
		m.decode(p.text, root)
		m.checkRules(rules)
		m.inherit(levels)
		m.checkRules(inheritedRules)
	} else {
		m.invalid[""] = true
	}
	m.compact()
	return document{manifest: m}
}

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

// part is the text of one document, and how many lines of the file come before it.
type part struct {
	text  []byte
	above int
}

// split cuts a file where YAML does: a line that begins with "---" starts a
// document wherever it stands, in quotes and blocks too. Cutting first keeps a
// document that is no YAML from hiding the problems of the next, and gives both
// readers the same bytes.
func split(text []byte) []part {
	var parts []part
	start, above, line := 0, 0, 0
	for at := 0; at < len(text); line++ {
		if startsDocument(text[at:]) && at > start {
			parts = append(parts, part{text[start:at], above})
			start, above = at, line
		}
		at += lineLength(text[at:])
	}
	if start < len(text) {
		parts = append(parts, part{text[start:], above})
	}
	return parts
}

// lineLength counts the bytes of the first line, its end included.
func lineLength(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// startsDocument reports whether text begins with the marker, which white space or
// nothing follows.
func startsDocument(text []byte) bool {
	rest, ok := bytes.CutPrefix(text, []byte("---"))
	return ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}

// each calls work with 0 to n-1, as many at a time as there are processors.
func each(n int, work func(int)) {
	_ = parallel.Each(context.Background(), n, runtime.GOMAXPROCS(0), func(_ context.Context, i int) error {
		work(i)
		return nil
	})
}
