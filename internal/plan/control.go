package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// AwaitsControl reports whether the CA waits for proof of control of the names, and
// for nothing else. A change of the DCV method in the plan makes what is to be proven
// now useless, so that nothing is waited for then.
func (s Step) AwaitsControl() bool {
	waits := s.Phase == cert.DomainControlValidation || s.Phase == cert.InFlight || s.Phase == cert.NeedsAttention
	return waits && s.Have.AwaitsControl() &&
		!slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Body.DCVMethod.IsSet() })
}

// ToProve returns the steps that wait for proof of control, the soonest end first.
func (p Plan) ToProve() []Step { return soonestFirst(p.Where(Step.AwaitsControl)) }
