package render

import (
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// Validation writes the problems of the files, one a line, and the manifest that was
// asked for with all that it inherits.
func Validation(w io.Writer, v report.Validation, s Style) error {
	p := newPage(s)
	for _, problem := range v.Problems {
		p.put(Problem(problem))
	}
	if s.Verbose {
		for _, n := range v.Notes {
			p.put(Problem(noted(n)))
		}
	}
	if v.Effective != nil {
		p.effective(*v.Effective)
	}
	return p.flush(w)
}

// noted is a note in the form of a problem, which it is not.
func noted(n report.Note) report.Problem {
	text := "note: " + n.Warning.Text
	if n.Warning.Accepted {
		return report.Problem{At: n.At(), Message: text + " (accepted)"}
	}
	return report.Problem{At: n.At(), Message: text, Hint: n.Warning.Do}
}

// effective writes one value a line, and where it is written. What is inherited has a
// mark.
func (p *page) effective(e report.Effective) {
	const column = 33
	own := e.Spec.At[""].File
	p.marked("  ", fmt.Sprintf("%s (%s)", e.Spec.Name, e.Spec.ID), place(e.Spec.At[""]), plain)
	last := ""
	for _, k := range e.Keys {
		head := "  "
		if k.At.File != own {
			head = "^ "
		}
		if k.Path != last {
			head += k.Path
		}
		last = k.Path
		value := k.Value
		if k.Idle != "" {
			value += " (idle: " + k.Idle + ")"
		}
		p.marked(pad(head, column), value, place(k.At), plain)
	}
	p.blank()
	p.line(0, "^ is inherited. What is not listed is not managed.")
}

// jsonValidation is the document of `cpsync validate --format json`.
type jsonValidation struct {
	FormatVersion string         `json:"format_version"`
	Manifests     int            `json:"manifests"` // read without a problem; 0 when there is any
	Problems      []jsonPlaced   `json:"problems"`
	Notes         []jsonNote     `json:"notes"`
	Warnings      []jsonPlaced   `json:"warnings"`            // about the paths
	Effective     *jsonEffective `json:"effective,omitempty"` // of --effective
}

type jsonPlaced struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // 0: the whole file
	Column  int    `json:"column"` // counts characters, from 1
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

type jsonNote struct {
	Name string  `json:"name"`
	ID   cert.ID `json:"id"`
	jsonWarning
}

type jsonEffective struct {
	ID     cert.ID   `json:"id"`
	Name   string    `json:"name"`
	Source *jsonPos  `json:"source"`
	Keys   []jsonKey `json:"keys"`
}

type jsonKey struct {
	Key       string   `json:"key"`   // an entry of a list has the key of the list
	Value     string   `json:"value"` // as text
	Idle      string   `json:"idle"`  // why it asks for nothing; empty when it does
	Inherited bool     `json:"inherited"`
	Source    *jsonPos `json:"source"`
}

// ValidationJSON writes what a validation found as one document.
func ValidationJSON(w io.Writer, v report.Validation, _ Style) error {
	doc := jsonValidation{FormatVersion: FormatVersion, Manifests: v.Manifests, Problems: each(v.Problems, placedJSON), Notes: each(v.Notes, noteJSON), Warnings: each(v.Warnings, placedJSON)}
	if v.Effective != nil {
		doc.Effective = effectiveJSON(*v.Effective)
	}
	return oneDocument(w, doc)
}

func noteJSON(n report.Note) jsonNote {
	return jsonNote{n.Spec.Name, n.Spec.ID, warning(n.Warning)}
}

func placedJSON(p report.Problem) jsonPlaced {
	return jsonPlaced{p.At.File, p.At.Line, p.At.Column, p.Message, p.Hint}
}

func effectiveJSON(e report.Effective) *jsonEffective {
	own := e.Spec.At[""]
	return &jsonEffective{ID: e.Spec.ID, Name: e.Spec.Name, Source: pos(own),
		Keys: each(e.Keys, func(k report.Key) jsonKey {
			return jsonKey{k.Path, k.Value, k.Idle, k.At.File != own.File, pos(k.At)}
		})}
}
