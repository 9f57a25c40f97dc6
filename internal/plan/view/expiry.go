package view

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Alarms are the certificates that no output leaves out, each in one group, the soonest expiry
// first. Those of which the manifest says that this is fine are in none.
type Alarms struct {
	Revoked   []plan.Step // by the CA
	Expired   []plan.Step
	Unrenewed []plan.Step // expire soon, and nothing renews them
	Failed    []plan.Step // expire soon, and their last order failed, or what renews them is not known
	Renewing  []plan.Step // expire soon, while their renewal or another order is open
}

// AlarmsOf returns the groups.
func AlarmsOf(p plan.Plan) Alarms {
	var a Alarms
	for _, s := range p.Where(plan.Step.Alarms).SoonestFirst() {
		switch r := s.Renewal(p.Now); {
		case s.Is(cert.Revoked):
			a.Revoked = append(a.Revoked, s)
		case s.Is(cert.PastExpiry):
			a.Expired = append(a.Expired, s)
		case r.Open():
			a.Renewing = append(a.Renewing, s)
		case r.Unsure():
			a.Failed = append(a.Failed, s)
		default:
			a.Unrenewed = append(a.Unrenewed, s)
		}
	}
	return a
}

// Expiring counts what expires soon, whether it is being renewed or not.
func (a Alarms) Expiring() int { return len(a.Unrenewed) + len(a.Failed) + len(a.Renewing) }

// Expiring returns the steps whose certificate is revoked, expired or expires soon, or whose
// renewal should be open by now and is not, the soonest expiry first. Those of which the
// manifest says that this is fine are among them.
func Expiring(p plan.Plan) []plan.Step {
	return p.Where(func(s plan.Step) bool { _, ok := WhyExpiring(s, p.Now); return ok }).SoonestFirst()
}

// Unrenewed returns the steps whose renewal should be open by now and is not: those
// that nothing renews, and those of which that is not known. Those that are expired or were
// revoked are not among them, and none of which the manifest says that this is fine.
func Unrenewed(p plan.Plan) (nothing, unsure []plan.Step) {
	for _, s := range p.SoonestFirst() {
		switch w, ok := Overdue(s, p.Now); {
		case !ok || w.Accepted || s.Is(cert.Revoked) || s.Is(cert.PastExpiry):
		case s.Renewal(p.Now).Unsure():
			unsure = append(unsure, s)
		default:
			nothing = append(nothing, s)
		}
	}
	return nothing, unsure
}

// WhyExpiring says why a certificate is in the list of what expires: a warning, or what keeps back
// a renewal that is due; its code is the rule then.
func WhyExpiring(s plan.Step, now time.Time) (why plan.Warning, ok bool) {
	for _, code := range []cert.Code{cert.Revoked, cert.PastExpiry, cert.Expiring, cert.RenewalOverdue, cert.AutoRenewStuck} {
		if why, ok = s.Warning(code); ok {
			return why, true
		}
	}
	// A renewal by CPS should be open by now. But the last order failed or a person must act, so that
	// there is no warning of auto_renew being stuck.
	if s.Have.AutoRenew && s.Phase == cert.OrderFailed && s.Have.Expires.Sub(now) < plan.StuckBelow(s.Have, now) {
		if why, ok = s.Warning(cert.ActionRequired); ok {
			return why, true
		}
	}
	i := slices.IndexFunc(s.Withheld, func(b plan.Withheld) bool { // due, and only a person can release it
		return b.Edit == cert.EditRenew && b.Verdict != plan.NotPossible && b.NeedsAction()
	})
	if i < 0 {
		return plan.Warning{}, false
	}
	b := s.Withheld[i]
	return plan.Warning{Code: cert.Code(b.Rule), Text: "its renewal is not sent: " + b.Because, Do: b.Do}, true
}

// Overdue says why nothing renews a certificate that is past the point of its renewal. One whose
// renewal, or another order, is open is not among them, but for a policy that has been due for days.
func Overdue(s plan.Step, now time.Time) (why plan.Warning, ok bool) {
	if s.Renewal(now).Open() {
		return s.Warning(cert.RenewalOverdue)
	}
	return WhyExpiring(s, now)
}

// ExpiringWithin returns the steps whose certificate is expired or expires within d, whatever
// is open, the soonest expiry first. One that the manifest lets expire is not among them.
func ExpiringWithin(p plan.Plan, d time.Duration) []plan.Step {
	return p.Where(func(s plan.Step) bool {
		return s.Fault == nil && !s.Have.Expires.IsZero() && !s.Have.Expires.After(p.Now.Add(d)) && !acceptsExpiry(s, p.Now)
	}).SoonestFirst()
}

// acceptsExpiry reports whether the manifest says that it is fine that the certificate expires soon or,
// once it has expired, that it has.
func acceptsExpiry(s plan.Step, now time.Time) bool {
	if s.Have.Expired(now) {
		return s.Want.Policy.Accepts(cert.PastExpiry)
	}
	return s.Want.Policy.Accepts(cert.Expiring)
}

// Listed are the certificates that were not evaluated, by what the list says of them, the
// soonest expiry first. One whose manifest accepts its expiry is in Differing alone.
type Listed struct {
	Differing []plan.Step // from the manifest, in what would be sent
	Expired   []plan.Step
	Expiring  []plan.Step // within 30 days
}

// ListedOf returns what the list says of the certificates that were not evaluated.
func ListedOf(p plan.Plan) Listed {
	var l Listed
	for _, s := range (plan.Plan{Steps: p.NotEvaluated()}).SoonestFirst() {
		if len(s.Counted()) > 0 {
			l.Differing = append(l.Differing, s)
		}
		switch left := s.Have.Expires.Sub(p.Now); {
		case s.Have.Expires.IsZero() || acceptsExpiry(s, p.Now):
		case left <= 0:
			l.Expired = append(l.Expired, s)
		case left < 30*24*time.Hour:
			l.Expiring = append(l.Expiring, s)
		}
	}
	return l
}
