package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// NeedsAction reports whether a person has to act.
func (s Step) NeedsAction() bool {
	return s.Fault != nil || slices.ContainsFunc(s.Withheld, Withheld.NeedsAction) ||
		slices.ContainsFunc(s.Warnings, Warning.NeedsAction)
}

// NeedsAction reports whether a person must act before the edit is sent. What policy.protect
// withholds needs nobody.
func (b Withheld) NeedsAction() bool { return b.Next == Person && !b.Protects() }

// Protects reports whether policy.protect withholds the edit.
func (b Withheld) Protects() bool { return b.Verdict == Protected }

// SaidByState reports whether the state of the request says why the change waits.
func (b Withheld) SaidByState() bool {
	return strings.HasPrefix(string(b.Rule), phasePrefix) && b.Verdict == Deferred && b.Until != ""
}

// Waits reports whether the edit waits for the CA, the CDN or a later run, and not for a person.
func (b Withheld) Waits() bool { return b.Next != Person }

// Waits reports whether an edit that the manifest asks for waits, and not for a person.
func (s Step) Waits() bool { return slices.ContainsFunc(s.Withheld, Withheld.Waits) }

// Makes reports whether the step holds a call of the kind.
func (s Step) Makes(k Kind) bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Kind == k })
}

// withholds reports whether the edit is asked for and not sent.
func (s Step) withholds(e cert.Edit) bool {
	return slices.ContainsFunc(s.Withheld, func(b Withheld) bool { return b.Edit == e })
}

// AwaitsDCV reports whether the CA waits for the validation of the domains (DCV), and
// for nothing else. If the plan changes the DCV method, it is false: the records of now become
// invalid.
func (s Step) AwaitsDCV() bool {
	waits := s.Phase == cert.DomainControlValidation || s.Phase == cert.InFlight || s.Phase == cert.OrderFailed
	return waits && s.Have.AwaitsDCV() && !s.movesMethod()
}

func (s Step) movesMethod() bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Body.DCVMethod.IsSet() })
}

// AwaitsDCV reports whether the CA waits for the validation of the domains (DCV) of a request
// whose status was read, judged by its manifest alone.
func AwaitsDCV(p Pair, now time.Time) bool {
	_, method := wantsOrder(p)
	return !method && Step{Pair: p, Phase: cert.PhaseOf(p.Have, now)}.AwaitsDCV()
}

// AwaitsValidation reports whether the CA waits for the validation of the domains (DCV)
// or checks the organization.
func (s Step) AwaitsValidation() bool {
	return s.AwaitsDCV() || s.Have.Status == cert.StatusOtherValidation
}

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
		slices.ContainsFunc(s.Withheld, func(b Withheld) bool {
			return b.Verdict != Protected && (b.Edit == cert.EditRenew || b.Edit == cert.EditRetrigger)
		})
	s.Ops = nil
	return asked && s.Agrees()
}
