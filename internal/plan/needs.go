package plan

import (
	"cmp"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Reads are the further reads that deciding about a certificate takes.
type Reads struct{ Status, Organization bool }

// Needs returns what else must be read before p can be decided, if Have comes from the list.
func Needs(p Pair, now time.Time) Reads {
	phase := cert.PhaseOf(p.Have, now)
	if !p.Found || phase == cert.Deleted {
		return Reads{}
	}
	names, _ := wantsOrder(p)
	_, retriggers := retriggersUntil(p.Want.Policy, now)
	return Reads{
		Status: decidedBy(p, now) != "",
		Organization: p.Want.Expect.Organization.IsSet() && !p.Have.OrganizationRead &&
			(names || retriggers && phase == cert.TimedOut),
	}
}

// StatusReason says why the status of a request is read when Have comes from the list: a
// decision depends on it, or an order may be open that the list does not show. It is "" when
// neither holds.
func StatusReason(p Pair, now time.Time) string {
	if !p.Found || cert.PhaseOf(p.Have, now) == cert.Deleted {
		return ""
	}
	return cmp.Or(decidedBy(p, now), mayHide(p.Have, now))
}

// mayHide says why the list may not show all of a request, or "".
func mayHide(have cert.Live, now time.Time) string {
	switch {
	case have.ErrorMessage != "":
		return "a workflow error message"
	case mayBeRenewing(have, now):
		return "CPS may have ordered its renewal"
	case now.Sub(have.Modified) < recently:
		return "modified less than 14 days ago"
	default:
		return ""
	}
}

// decidedBy says what makes the decision depend on the status, or "".
func decidedBy(p Pair, now time.Time) string {
	names, method := wantsOrder(p)
	switch {
	case cert.PhaseOf(p.Have, now) != cert.Active:
		return "not plainly active"
	case names || method:
		return "other domains or another DCV method wanted"
	case renewalNear(p, now):
		return "a renewal is due"
	case nearExpiry(p.Have, now):
		return "expires soon"
	default:
		return ""
	}
}

// wantsOrder reports whether the manifest asks for a change of names, or of the
// DCV method.
func wantsOrder(p Pair) (names, method bool) {
	for _, c := range diff.Fields(p.Want.Patch, p.Have) {
		names = names || c.Edit == cert.EditDomains
		method = method || c.Edit == cert.EditDCVMethod
	}
	return names, method
}

// renewalNear reports whether the policy may ask for a renewal today.
func renewalNear(p Pair, now time.Time) bool {
	b := newBuilder(p, fleet{}, now, Options{}, Progress{})
	return b.whyDue(cert.EditRenew) != ""
}

// nearExpiry reports whether warnings depend on what renews the certificate.
func nearExpiry(have cert.Live, now time.Time) bool {
	left := have.Expires.Sub(now)
	return left < Soon(have, now, false)
}

// mayBeRenewing reports whether CPS may have ordered by itself, about 60 days before the
// end. The list does not show that until the end changes. Source: cps-api, sections 9 and 12.2.
func mayBeRenewing(have cert.Live, now time.Time) bool {
	return have.AutoRenew && have.Expires.Sub(now) < min(orderedBefore, MaxValidity(now)*2/3)
}
