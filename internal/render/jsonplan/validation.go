package jsonplan

import (
	"io"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

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

// Validation writes what a validation found as one document.
func Validation(w io.Writer, v report.Validation) error {
	doc := jsonValidation{FormatVersion: FormatVersion, Manifests: v.Manifests, Problems: words.Each(v.Problems, placedJSON), Notes: words.Each(v.Notes, noteJSON), Warnings: words.Each(v.Warnings, placedJSON)}
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
		Keys: words.Each(e.Keys, func(k report.Key) jsonKey {
			return jsonKey{k.Path, k.Value, k.Idle, k.At.File != own.File, pos(k.At)}
		})}
}
