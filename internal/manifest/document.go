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

// contents is what one file holds.
type contents struct {
	manifests []*manifest
	problems  []report.Problem // of the file, and of what is no YAML; each manifest has its own
}

// none reports whether a file has no document. One with a problem has one.
func (c contents) none() bool { return len(c.manifests)+len(c.problems) == 0 }

func problemOf(path, rule string, f fault) report.Problem {
	return report.Problem{At: cert.Pos{File: path}, Rule: rule, Message: f.message, Hint: f.hint}
}

// The largest document and file in bytes, and the most documents of a file. A file may hold
// a whole fleet, but each document costs time.
const (
	maxDocument  = 1 << 20
	maxFile      = 32 << 20
	maxDocuments = 20_000
)

// read returns the bytes of a file. It does not trust the size that the file system states,
// and reads at most one byte more than the limit.
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
		return nil, fault{fmt.Sprintf("is larger than %d MiB", maxFile>>20), "Split it into several files."}
	case bytes.Count(data, []byte("\n---")) >= maxDocuments:
		return nil, fault{fmt.Sprintf("holds more than %d documents", maxDocuments), "Split it into several files."}
	}
	return data, fault{}
}

// readText reads the documents of a file, and names the manifests that have no name. If clean
// reported a character, an error of YAML's syntax is not reported too.
func readText(path string, data []byte, levels []*manifest) contents {
	text, problems := clean(path, data)
	c := contents{problems: problems}
	ours, others := 0, 0 // documents of other programs, and those that are no YAML
	for _, d := range readDocuments(path, split(text), levels) {
		switch {
		case d.problem != nil:
			others++
			if len(problems) == 0 {
				c.problems = append(c.problems, *d.problem)
			}
		case d.manifest != nil:
			c.manifests = append(c.manifests, d.manifest)
			if d.manifest.readable("apiVersion", "kind") {
				ours++
			} else {
				others++
			}
		}
	}
	for _, m := range c.manifests {
		m.setName(ours, others)
	}
	return c
}

// part is the text of one document and the number of lines before it.
type part struct {
	text  []byte
	above int
}

// split splits a file as YAML does: a line that begins with "---" starts a document, also in
// quotes and blocks. So a document that is no YAML does not hide the problems of the next,
// and both readers get the same bytes.
func split(text []byte) []part {
	var parts []part
	start, above, at, number := 0, 0, 0, 0
	for line := range bytes.Lines(text) {
		rest, marked := bytes.CutPrefix(line, []byte("---"))
		if at > start && marked && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0) {
			parts = append(parts, part{text[start:at], above})
			start, above = at, number
		}
		at, number = at+len(line), number+1
	}
	if start < len(text) {
		parts = append(parts, part{text[start:], above})
	}
	return parts
}

// document is the result of one part of a file; an empty part has neither.
type document struct {
	manifest *manifest
	problem  *report.Problem
}

// atOnce is how many documents are read before their problems are counted.
const atOnce = 500

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

func readDocument(path string, p part, levels []*manifest, most int) document {
	if len(p.text) > maxDocument {
		return document{problem: &report.Problem{At: cert.Pos{File: path, Line: p.above + 1, Column: 1},
			Rule: "too-large", Message: fmt.Sprintf("the document is larger than %d MiB", maxDocument>>20),
			Hint: "Split it: begin each manifest with a line of \"---\"."}}
	}
	root, problem := parseDocument(path, p)
	if root == nil {
		return document{problem: problem}
	}
	m := newManifest(path, p.above)
	m.problems.most, m.sum = most, p.sum()
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

// each calls work with 0 to n-1, as many at a time as there are processors. Most files hold one
// document, which needs no goroutine with a stack of its own.
func each(n int, work func(int)) {
	if n == 1 {
		work(0)
		return
	}
	_ = parallel.Each(context.Background(), n, runtime.GOMAXPROCS(0), func(_ context.Context, i int) error {
		work(i)
		return nil
	})
}
