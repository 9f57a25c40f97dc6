// Package render is the table of the formats of a report. A format is a package below this one,
// and an entry in Formats. A format compares, filters and orders nothing: plan and report
// say what to show, and in which order.
package render

import (
	"io"
	"maps"
	"slices"

	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/zone"
	"github.com/cpsync/cpsync/internal/report"
)

// Style is how text looks.
type Style = layout.Style

// Func writes one report to w.
type Func func(w io.Writer, r report.Report, s Style) error

// Formats maps the values of --format to what prints them.
var Formats = map[string]Func{
	"text":     text.Report,
	"json":     func(w io.Writer, r report.Report, _ Style) error { return jsonplan.Report(w, r) },
	"zone":     func(w io.Writer, r report.Report, _ Style) error { return zone.Report(w, r) },
	"markdown": func(w io.Writer, r report.Report, _ Style) error { return markdown.Report(w, r) },
}

// Names returns the names of the formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(Formats)) }
