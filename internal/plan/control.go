package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// AwaitsControl reports whether the CA waits for proof of control of the names, and
// for nothing else. A change of the DCV method in the plan makes what is to be proven
// now useless, so that nothing is waited for then.
func (s Step) AwaitsControl() bool {
	waits := s.Phase == cert.DomainControlValidation || s.Phase == cert.InFlight || s.Phase == cert.NeedsAttention
	return waits && s.Have.AwaitsControl() && !s.movesMethod()
}

func (s Step) movesMethod() bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Body.DCVMethod.IsSet() })
}

// AwaitsControl reports whether the CA waits for proof of control of the names of a request
// whose status was read, as far as its manifest alone tells.
func AwaitsControl(p Pair, now time.Time) bool {
	_, method := wantsOrder(p)
	return !method && Step{Pair: p, Phase: cert.PhaseOf(p.Have, now)}.AwaitsControl()
}

// ToProve returns the steps that wait for proof of control, the soonest end first.
func (p Plan) ToProve() []Step { return soonestFirst(p.Where(Step.AwaitsControl)) }
