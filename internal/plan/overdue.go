package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Expiring returns the steps whose renewal should be under way by now and is not, the
// soonest end first. Those of which the manifest says that this is fine are among them.
func (p Plan) Expiring() []Step {
	return soonestFirst(p.Where(func(s Step) bool { _, ok := s.Overdue(p.Now); return ok }))
}

// Unrenewed is Expiring without those of which the manifest says that this is fine.
func (p Plan) Unrenewed() []Step {
	return slices.DeleteFunc(p.Expiring(), func(s Step) bool { w, _ := s.Overdue(p.Now); return w.Accepted })
}

// Overdue says why nothing renews a certificate that is past the point of its renewal:
// a warning, or what keeps back a renewal that is due; its code is the rule then.
func (s Step) Overdue(now time.Time) (why Warning, ok bool) {
	for _, find := range []func(Step, time.Time) (Warning, bool){endingSoon, stuck, rejected, heldBack} {
		if why, ok = find(s, now); ok {
			return why, true
		}
	}
	return Warning{}, false
}

func endingSoon(s Step, _ time.Time) (Warning, bool) { return s.warning(cert.EndsSoon) }

func stuck(s Step, _ time.Time) (Warning, bool) { return s.warning(cert.AutoRenewStuck) }

// rejected: auto-renew is on and should have started long ago, but the last order of the
// request failed or somebody must act, so that it is not said to be stuck.
func rejected(s Step, now time.Time) (Warning, bool) {
	if !s.Have.AutoRenew || s.Phase != cert.NeedsAttention || s.Have.Expires.Sub(now) >= stuckBelow(now) {
		return Warning{}, false
	}
	return s.warning(cert.AttentionNeeded)
}

// heldBack: the policy asks for a renewal now, and only a person can let it go out.
func heldBack(s Step, _ time.Time) (Warning, bool) {
	i := slices.IndexFunc(s.Blocked, func(b Blocked) bool {
		return b.Edit == cert.EditRenew && b.Verdict != Unreachable && b.NeedsYou()
	})
	if i < 0 {
		return Warning{}, false
	}
	b := s.Blocked[i]
	return Warning{Code: cert.Code(b.Rule), Text: "its renewal does not go out: " + b.Because, Do: b.Do}, true
}

func (s Step) warning(c cert.Code) (Warning, bool) {
	i := slices.IndexFunc(s.Warnings, func(w Warning) bool { return w.Code == c })
	if i < 0 {
		return Warning{}, false
	}
	return s.Warnings[i], true
}

// EndingWithin returns the steps whose certificate has ended or ends within d, whatever
// is under way, the soonest end first. One that the manifest lets end is not among them.
func (p Plan) EndingWithin(d time.Duration) []Step {
	return soonestFirst(p.Where(func(s Step) bool {
		return s.Fault == nil && !s.Have.Expires.IsZero() && !s.Have.Expires.After(p.Now.Add(d)) &&
			!s.Want.Policy.Accepts(cert.EndsSoon)
	}))
}
