package report

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Validation is what a look at the manifests alone has to say.
type Validation struct {
	Manifests int // read without a problem; 0 when there is any
	Problems  []Problem
	Notes     []Note
	Warnings  []Problem  // about the paths
	Effective *Effective // of the one that was asked for; nil when none was
}

// Effective is a manifest with all that it inherits.
type Effective struct {
	Spec cert.Spec
	Keys []Key
}

// Key is one value that a manifest comes to, and where it is written.
type Key struct {
	Path  string // such as "policy.renew_before"; each entry of a list has the path of the list
	Value string
	Idle  string // why it asks for nothing; "" when it does
	At    cert.Pos
}

// Note is something to know of a manifest, which makes it no worse.
type Note struct {
	Spec    cert.Spec
	Warning plan.Warning
}

// At is the place that a note is about.
func (n Note) At() cert.Pos {
	if n.Warning.At.File != "" {
		return n.Warning.At
	}
	return n.Spec.Place("metadata.id")
}

// Open counts the notes that are not accepted.
func (v Validation) Open() int {
	n := 0
	for _, note := range v.Notes {
		if !note.Warning.Accepted {
			n++
		}
	}
	return n
}
