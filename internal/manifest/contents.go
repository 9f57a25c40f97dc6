package manifest

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/cert"
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
func readFile(fsys FS, f found, levels []*manifest) contents {
	data, wrong := []byte(nil), f.wrong
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
	c.name(broken)
	c.documents = max(len(c.manifests)+broken, len(problems))
	return c
}

// name gives names to those manifests that have none. A document of somebody else's
// makes no name necessary.
func (c contents) name(broken int) {
	ours := 0
	for _, m := range c.manifests {
		if m.readable("apiVersion", "kind") {
			ours++
		}
	}
	for _, m := range c.manifests {
		m.call(ours, broken+len(c.manifests)-ours)
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
		m.obey()
		m.inherit(levels)
		m.obeyDefaults()
	} else {
		m.bad[""] = true
	}
	m.forget()
	return document{manifest: m}
}
