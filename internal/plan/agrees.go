package plan

import "github.com/cpsync/cpsync/internal/diff"

// Agrees reports whether manifest and request say the same: the certificate can be
// planned, there is nothing to send, and nothing differs.
func (s Step) Agrees() bool {
	return s.Fault == nil && len(s.Ops) == 0 && len(diff.Fields(s.Want, s.Have)) == 0 &&
		len(diff.Expectations(s.Want.Expect, s.Have)) == 0
}
