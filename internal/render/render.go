// Package render writes a report as text, JSON or Markdown. It compares, filters and orders
// nothing: what to show and in which order is asked of the plan and the report. A
// format is a function, a file and an entry in Formats.
package render

import (
	"io"
	"maps"
	"slices"

	"github.com/cpsync/cpsync/internal/report"
)

// Style is how text looks. The zero value is plain text at 80 columns.
type Style struct {
	Color   bool // emphasis only: nothing depends on it
	Verbose bool // names what is only counted otherwise, and folds nothing
	Width   int  // columns; 0 means 80
}

// Func writes one report to w.
type Func func(w io.Writer, r report.Report, s Style) error

// Formats maps the values of --format to what prints them.
var Formats = map[string]Func{"text": Text, "json": JSON, "markdown": Markdown}

// Names returns the names of the formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(Formats)) }

// Text writes the plan, or after an apply the summary: the plan of an apply is
// printed before its first write and not again.
func Text(w io.Writer, r report.Report, s Style) error {
	if r.Apply {
		return Summary(w, r, s)
	}
	return Plan(w, r, s)
}
