package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Reads are the further reads that deciding about a certificate takes.
type Reads struct{ Status, Organization bool }

// Needs says what else has to be read before p can be decided, when Have comes
// from the list. It is the only place that asks for a status that was not read.
func Needs(p Pair, now time.Time) Reads {
	phase := cert.PhaseOf(p.Have, now)
	if !p.Found || phase == cert.Deleted {
		return Reads{}
	}
	names, _ := wantsOrder(p)
	return Reads{
		Status: StatusReason(p, now) != "",
		Organization: p.Want.Expect.Organization.IsSet() && !p.Have.OrganizationRead &&
			(names || wantsRetrigger(p, now)),
	}
}

// StatusReason says what makes the decision depend on the status of a request that was
// found, or "" when it does not.
func StatusReason(p Pair, now time.Time) string {
	names, method := wantsOrder(p)
	switch {
	case cert.PhaseOf(p.Have, now) != cert.Active:
		return "not plainly in service"
	case names || method:
		return "other names or another DCV method wanted"
	case renewalNear(p, now):
		return "a renewal is due"
	case nearEnd(p.Have, now):
		return "ends soon"
	default:
		return ""
	}
}

// wantsOrder reports whether the manifest asks for a change of names, or of the
// DCV method.
func wantsOrder(p Pair) (names, method bool) {
	for _, c := range diff.Fields(p.Want, p.Have) {
		names = names || c.Edit == cert.EditDomains
		method = method || c.Edit == cert.EditDCVMethod
	}
	return names, method
}

func wantsRetrigger(p Pair, now time.Time) bool {
	until, ok := p.Want.Policy.RetriggerUntil.Get()
	return ok && cert.PhaseOf(p.Have, now) == cert.TimedOut && now.Before(until.Add(day))
}

// renewalNear: the policy may ask for a renewal today.
func renewalNear(p Pair, now time.Time) bool {
	b := builder{want: p.Want, have: p.Have, now: now}
	return b.renewalDue() != ""
}

// nearEnd: whether something renews the certificate decides what is said of it.
func nearEnd(have cert.Live, now time.Time) bool {
	left := have.Expires.Sub(now)
	return left < soon(now, false) || have.AutoRenew && left < stuckBelow(now)
}
