package jsonplan

import (
	"io"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// validationDocument is the document of `cpsync validate --format json`.
type validationDocument struct {
	FormatVersion string     `json:"format_version"`
	Manifests     int        `json:"manifests"` // read without a problem; 0 when there is any
	Problems      []placed   `json:"problems"`
	Notes         []note     `json:"notes"`
	Warnings      []placed   `json:"warnings"`            // about the paths
	Effective     *effective `json:"effective,omitempty"` // of --effective
}

type placed struct {
	File    string  `json:"file"`
	Line    int     `json:"line"`   // 0: the whole file
	Column  int     `json:"column"` // counts characters, from 1
	Rule    *string `json:"rule"`   // of a manifest that it breaks; null for a warning
	Message string  `json:"message"`
	Hint    *string `json:"hint"`
}

type note struct {
	Name string  `json:"name"`
	ID   cert.ID `json:"id"`
	warning
}

type effective struct {
	ID     cert.ID   `json:"id"`
	Name   string    `json:"name"`
	Source *position `json:"source"`
	Keys   []key     `json:"keys"`
}

type key struct {
	Key       string    `json:"key"`   // an entry of a list has the key of the list
	Value     string    `json:"value"` // as text
	Idle      *string   `json:"idle"`  // why it asks for nothing; null when it does
	Inherited bool      `json:"inherited"`
	Source    *position `json:"source"`
}

// Validation writes what a validation found as one document.
func Validation(w io.Writer, v report.Validation) error {
	doc := validationDocument{FormatVersion: FormatVersion, Manifests: v.Manifests, Problems: words.Each(v.Problems, placedOf), Notes: words.Each(v.Notes, noteOf), Warnings: words.Each(v.Warnings, placedOf)}
	if v.Effective != nil {
		doc.Effective = effectiveOf(*v.Effective)
	}
	return oneDocument(w, doc)
}

func noteOf(n report.Note) note {
	return note{n.Spec.Name, n.Spec.ID, warningOf(n.Warning)}
}

func placedOf(p report.Problem) placed {
	return placed{p.At.File, p.At.Line, p.At.Column, orNull(p.Rule), p.Message, orNull(p.Hint)}
}

func effectiveOf(e report.Effective) *effective {
	own := e.Spec.At[""]
	return &effective{ID: e.Spec.ID, Name: e.Spec.Name, Source: positionOf(own),
		Keys: words.Each(e.Keys, func(k report.Key) key {
			return key{k.Path, k.Value, orNull(k.Idle), k.At.File != own.File, positionOf(k.At)}
		})}
}
