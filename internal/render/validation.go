package render

import (
	"encoding/json"
	"io"

	"github.com/cpsync/cpsync/internal/report"
)

// jsonValidation is the document of `cpsync validate --format json`.
type jsonValidation struct {
	FormatVersion string       `json:"format_version"`
	Manifests     int          `json:"manifests"` // read without a problem; 0 when there is any
	Problems      []jsonPlaced `json:"problems"`
}

type jsonPlaced struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // 0: the whole file
	Column  int    `json:"column"` // counts characters, from 1
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// ProblemsJSON writes what a validation found as one document.
func ProblemsJSON(w io.Writer, manifests int, problems []report.Problem) error {
	doc := jsonValidation{FormatVersion: FormatVersion, Manifests: manifests, Problems: []jsonPlaced{}}
	for _, p := range problems {
		doc.Problems = append(doc.Problems, jsonPlaced{p.At.File, p.At.Line, p.At.Column, p.Message, p.Hint})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
