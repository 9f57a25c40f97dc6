package text

import (
	"fmt"
	"io"

	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Validation writes the problems of the files, one a line, and the manifest that was
// asked for with all that it inherits.
func Validation(w io.Writer, v report.Validation, s layout.Style) error {
	p := newPage(s)
	for _, problem := range v.Problems {
		p.Put(words.Problem(problem))
	}
	if s.Verbose {
		for _, n := range v.Notes {
			p.Put(words.Problem(noted(n)))
		}
	}
	if v.Effective != nil {
		p.effective(*v.Effective)
	}
	return p.Flush(w)
}

// noted is a note in the form of a problem, which it is not.
func noted(n report.Note) report.Problem {
	p := report.Problem{At: n.At(), Message: "note: " + n.Warning.Text, Hint: n.Warning.Do.String(), Rule: string(n.Warning.Code)}
	if n.Warning.Accepted {
		p.Hint = "accepted"
	}
	return p
}

// effective writes one value a line, and where it is written. What is inherited has a
// mark.
func (p *page) effective(e report.Effective) {
	const column = 33
	own := e.Spec.At[""].File
	p.Marked("  ", fmt.Sprintf("%s (%s)", e.Spec.Name, e.Spec.ID), words.Place(e.Spec.At[""]), layout.Plain)
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
		p.Marked(layout.Pad(head, column), value, words.Place(k.At), layout.Plain)
	}
	p.Blank()
	p.Line(0, "^ is inherited. What is not listed is not managed.")
}
