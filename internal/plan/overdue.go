package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Expiring returns the steps whose certificate is revoked, has ended or ends soon, or whose
// renewal should be under way by now and is not, the soonest end first. Those of which the
// manifest says that this is fine are among them.
func (p Plan) Expiring() []Step {
	return soonestFirst(p.Where(func(s Step) bool { _, ok := s.Expiring(p.Now); return ok }))
}

// Unrenewed returns the steps whose renewal should be under way by now and is not: those
// that nothing renews, and those of which that can't be said. Those that have ended or were
// revoked are not among them, and none of which the manifest says that this is fine.
func (p Plan) Unrenewed() (nothing, unsure []Step) {
	for _, s := range p.SoonestFirst() {
		switch w, ok := s.Overdue(p.Now); {
		case !ok || w.Accepted || s.Is(cert.Revoked) || s.Is(cert.PastEnd):
		case s.Renewal(p.Now).Unsure():
			unsure = append(unsure, s)
		default:
			nothing = append(nothing, s)
		}
	}
	return nothing, unsure
}

// Expiring says why a certificate is in the list of what ends: a warning, or what keeps back
// a renewal that is due; its code is the rule then.
func (s Step) Expiring(now time.Time) (why Warning, ok bool) {
	for _, find := range []func(Step, time.Time) (Warning, bool){outOfService, endingSoon, pastDue, stuck, rejected, heldBack} {
		if why, ok = find(s, now); ok {
			return why, true
		}
	}
	return Warning{}, false
}

// Overdue says why nothing renews a certificate that is past the point of its renewal. One
// whose renewal, or another order, is open is not among them, but for a policy that has been
// due for days.
func (s Step) Overdue(now time.Time) (why Warning, ok bool) {
	if s.Renewal(now).Open() {
		return pastDue(s, now)
	}
	return s.Expiring(now)
}

// outOfService is a certificate that was revoked, or has ended.
func outOfService(s Step, _ time.Time) (Warning, bool) {
	if w, ok := s.warning(cert.Revoked); ok {
		return w, true
	}
	return s.warning(cert.PastEnd)
}

func endingSoon(s Step, _ time.Time) (Warning, bool) { return s.warning(cert.EndsSoon) }

func pastDue(s Step, _ time.Time) (Warning, bool) { return s.warning(cert.RenewalOverdue) }

func stuck(s Step, _ time.Time) (Warning, bool) { return s.warning(cert.AutoRenewStuck) }

// rejected: auto-renew is on and should have started long ago, but the last order of the
// request failed or somebody must act, so that it is not said to be stuck.
func rejected(s Step, now time.Time) (Warning, bool) {
	if !s.Have.AutoRenew || s.Phase != cert.NeedsAttention || s.Have.Expires.Sub(now) >= stuckBelow(s.Have, now) {
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
			!s.Want.Policy.Accepts(cert.EndsSoon) && !(s.Have.Ended(p.Now) && s.Want.Policy.Accepts(cert.PastEnd))
	}))
}
