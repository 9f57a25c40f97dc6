package report

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Control is what proves control of the names of a certificate that waits for it.
type Control struct {
	Proofs []cert.Proof // of the names that are not proven; none: every name is
	Err    string       // why it could not be read; "" when it was
}

// Controls are those that were asked for, by request.
type Controls map[cert.ID]Control

// Of returns what proves control for a step, and whether it was asked for.
func (c Controls) Of(s plan.Step) (Control, bool) {
	control, asked := c[s.Want.ID]
	return control, asked
}
