package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Agrees reports whether manifest and request say the same: the certificate can be
// planned, there is nothing to send, and nothing differs.
func (s Step) Agrees() bool {
	return s.Fault == nil && len(s.Ops) == 0 && len(diff.Fields(s.Want.Patch, s.Have)) == 0 &&
		len(diff.Expectations(s.Want.Expect, s.Have)) == 0
}

// AsksForOrder reports whether manifest and request say the same, and all the same the
// policy asks for a renewal or a retrigger by now.
func (s Step) AsksForOrder() bool {
	asked := slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Kind != Patch }) ||
		slices.ContainsFunc(s.Blocked, func(b Blocked) bool {
			return b.Verdict != Protected && (b.Edit == cert.EditRenew || b.Edit == cert.EditRetrigger)
		})
	s.Ops = nil
	return asked && s.Agrees()
}
