package report

import "github.com/cpsync/cpsync/internal/cert"

// Validation is what a look at the manifests alone has to say.
type Validation struct {
	Manifests int // read without a problem; 0 when there is any
	Problems  []Problem
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
