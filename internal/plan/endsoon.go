package plan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// isRevoked: the CA revoked the certificate in service, which browsers refuse from then on.
func isRevoked(b *builder) *Warning {
	if !revoked(b.Have) {
		return nil
	}
	text, r := failure(b.Have), b.renewed()
	switch refused := b.lastRefusal(); {
	case b.sends(Renew) && refused != "":
		text, r.Do = text+"; this run asks for another, and "+refused, settleRefusal
	case b.sends(Renew):
		r.Do = orderIt
	}
	return &Warning{Code: cert.Revoked, Text: text, Do: r.Do}
}

// isExpired: the certificate has ended, whatever is on its way.
func isExpired(b *builder) *Warning {
	if !isOver(b.Phase, b.Have, b.now) {
		return nil
	}
	r := b.renewed()
	text := r.Because
	switch {
	case r.Kind == RenewalOpen:
		text = b.notThrough(r)
	case b.sends(Renew) && b.lastRefusal() != "":
		text, r.Do = "its certificate has ended; this run asks for another, and "+b.lastRefusal(), settleRefusal
	case b.sends(Renew):
		text, r.Do = "its certificate has ended, and this run orders a renewal", orderIt
	}
	return &Warning{Code: cert.PastEnd, Text: text, Do: r.Do}
}

// endsSoon is the warning that is never cut: a certificate in service ends soon, and
// nothing that is under way renews it in time. That this run orders a renewal is trusted for
// two days.
func endsSoon(b *builder) *Warning {
	end, r := b.Have.Expires, b.renewed()
	onItsWay := r.Kind == RenewalOpen || b.Have.AutoRenew && b.autoRenewAfter() && !r.Failed() && r.Kind != RenewalUnknown
	early := soon(b.Have, b.now, onItsWay)
	if at := end.Add(-leadTime(b.Have)); r.Kind == RenewalByPolicy && r.At.Before(at) {
		early -= vettingTime(b.Have) // it comes in time
	}
	trusted := b.sends(Renew) && (b.done.Has(cert.EditRenew) || b.overdueSince().IsZero())
	if end.IsZero() || trusted || isOver(b.Phase, b.Have, b.now) || revoked(b.Have) || end.Sub(b.now) >= early {
		return nil
	}
	text := r.Because
	switch {
	case r.Kind == RenewalOpen:
		text = b.notThrough(r)
	case b.sends(Renew):
		text, r.Do = "the API shows no order of its renewal yet", orderIt
	case r.Kind == RenewalByPolicy && r.Do == "":
		text, r.Do = "auto_renew is off and the renewals of policy are not due yet", "raise renew_before, "+b.mergeBy()
	}
	return &Warning{Code: cert.EndsSoon, Text: text, Do: r.Do}
}

// autoRenewIsStuck: with this little left and nothing under way something went wrong.
func autoRenewIsStuck(b *builder) *Warning {
	left := b.Have.Expires.Sub(b.now)
	if !b.Have.AutoRenew || b.Have.Expires.IsZero() || left <= 0 || left >= stuckBelow(b.Have, b.now) ||
		b.Phase != cert.Active || !b.autoRenewAfter() {
		return nil
	}
	return &Warning{Code: cert.AutoRenewStuck,
		Text: "auto_renew is on, ends in " + Until(b.Have.Expires, b.now) + ", and no renewal is under way",
		Do:   renewIt}
}

// notThrough is what is said of a renewal that was ordered.
func (b *builder) notThrough(r RenewalState) string {
	if b.Have.Renewing() {
		return "its renewal is under way and not through"
	}
	return "its renewal was " + r.Because
}

// isOver reports whether the certificate has ended, or the API says so.
func isOver(p cert.Phase, have cert.Live, now time.Time) bool {
	return have.Issued() && (have.Ended(now) || p == cert.Expired)
}
