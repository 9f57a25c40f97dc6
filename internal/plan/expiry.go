package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// warnOfExpiry warns of a certificate that browsers refuse or soon will, or that should have been
// renewed.
func (b *builder) warnOfExpiry() {
	r, refused := b.renewed(), b.lastRefusal()
	waits := r.Because
	if r.Kind == RenewalOpen && b.Have.Renewing() {
		waits = "its renewal is in progress"
	} else if r.Kind == RenewalOpen {
		waits = "its renewal was " + r.Because
	}
	if Revoked(b.Have) {
		text, do := Failure(b.Have), r.Do
		switch {
		case b.renews() && refused != "":
			text, do = text+"; this run orders a renewal, and "+refused, settleRefusal
		case b.renews():
			do = orderIt
		}
		b.warn(cert.Revoked, text, do)
	}
	if b.isOver() { // whatever is in progress
		text, do := waits, r.Do
		switch {
		case r.Kind == RenewalOpen:
		case b.renews() && refused != "":
			text, do = "the certificate has expired; this run orders a renewal, and "+refused, settleRefusal
		case b.renews():
			text, do = "the certificate has expired, and this run orders a renewal", orderIt
		}
		b.warn(cert.PastExpiry, text, do)
	}
	if b.expiresSoon(r) {
		text, do := waits, r.Do
		switch {
		case r.Kind == RenewalOpen:
		case b.renews():
			text, do = "the API shows no renewal yet", orderIt
		case r.Kind == RenewalByPolicy && r.Do.None():
			text, do = "auto_renew is off and policy renews too late", b.inTime("raise policy.renew_before")
		}
		b.warn(cert.Expiring, text, do)
	}
	if since := b.overdueSince(); !since.IsZero() {
		text, do := "its renewal has been due since "+since.UTC().Format(Date), orderIt
		switch x := b.blockOf(cert.EditRenew); {
		case refused != "":
			text, do = text+"; "+refused, settleRefusal
		case x != nil:
			why, what := whyRenewalWaits(*x)
			text, do = text+"; "+why, what
		case !b.renews():
			text, do = text+"; "+r.Because, r.Do
		}
		b.warn(cert.RenewalOverdue, text, do)
	}
	left := b.Have.Expires.Sub(b.now)
	stuck := b.Have.AutoRenew && b.autoRenewAfter() && b.Phase == cert.Active && left > 0 && left < StuckBelow(b.Have, b.now)
	if ordered := b.renews() || b.acceptedRenewal().Open(); stuck && (!ordered || refused != "") {
		text, do := "auto_renew is on, the certificate expires in "+Until(b.Have.Expires, b.now)+", and no renewal is in progress", r.Do
		if ordered {
			text, do = text+"; "+refused, settleRefusal
		}
		b.warn(cert.AutoRenewStuck, text, do)
	}
}

// expiresSoon reports whether an active certificate expires soon and nothing renews it in time. No output
// leaves that warning out. A policy that is not due yet, and will be in time, is trusted; a renewal that
// this run orders is for two days.
func (b *builder) expiresSoon(r RenewalState) bool {
	end := b.Have.Expires
	onItsWay := r.Kind == RenewalOpen || b.Have.AutoRenew && b.autoRenewAfter() && !r.Unsure()
	early := Soon(b.Have, b.now, onItsWay)
	inTime := r.Kind == RenewalByPolicy && r.At.Before(end.Add(-leadTime(b.Have)))
	if inTime {
		early -= vettingTime(b.Have)
	}
	trusted := inTime && r.Do.None() // not due yet
	if b.renews() {
		trusted = b.done.Has(cert.EditRenew) || b.overdueSince().IsZero()
	}
	return !end.IsZero() && !trusted && !b.isOver() && !Revoked(b.Have) && end.Sub(b.now) < early
}

// isOver reports whether the certificate has ended, or the API says so.
func (b *builder) isOver() bool {
	return b.Have.Issued() && (b.Have.Expired(b.now) || b.Phase == cert.Expired)
}

// patience is how long a policy may be due before its renewal is overdue.
const patience = 2 * day

// overdueSince returns since when a policy of renewal is due without a renewal, where that
// is too long; else zero. It needs no memory of earlier runs. A policy that is new in
// the change under review had no time yet.
func (b *builder) overdueSince() time.Time {
	since := b.dueSince(b.Want)
	inProgress := b.Have.Renewing() || b.Have.AutoRenew || b.Phase == cert.Deployment || b.done.ordered() || b.acceptedRenewal().Open()
	if since.IsZero() || !b.now.After(since.Add(patience)) || inProgress || b.Want.Policy.Protects(cert.EditRenew) {
		return time.Time{}
	}
	if b.o.Before != nil {
		before := b.dueSince(b.o.Before[b.Want.ID])
		if before.IsZero() || !b.now.After(before.Add(patience)) {
			return time.Time{}
		}
	}
	return since
}

// dueSince is since when a manifest asks for the renewal of this certificate; zero when it
// does not. That it ends before a day is known as long as renewals are open.
func (b *builder) dueSince(want cert.Spec) time.Time {
	if !want.Policy.Renews() || b.Have.Expires.Sub(b.now) > window(b.now) {
		return time.Time{}
	}
	asks := newBuilder(Pair{Want: want, Have: b.Have, Found: true}, fleet{}, b.now, Options{}, Progress{})
	opens := b.Have.Expires.Add(-window(b.now))
	before, ok := want.Policy.RenewBefore.Get()
	switch {
	case asks.dueByExpiry() == "", dateNotReached(asks, diff.Change{}) != nil:
		return time.Time{}
	case ok && b.Have.Expires.Sub(b.now) < before:
		return latest(b.Have.Expires.Add(-before), opens)
	default:
		return opens
	}
}

// lastRefusal says that the API refused the renewal when it was last asked for, as a journal
// knows; else "".
func (b *builder) lastRefusal() string {
	r := b.o.refusedBefore(b.Want.ID, Operation{Kind: Renew})
	if r == nil {
		return ""
	}
	return "on " + r.At.UTC().Format(Date) + " the API refused it: " + r.Answer
}

// Unrenewed says that nothing will renew the certificate, whatever renewed it before.
func (s Step) Unrenewed(now time.Time) (Warning, bool) { return s.unrenewedWhen(s.Renewal(now), now) }

// unrenewedWhen is Unrenewed for a renewal that the caller knows already.
func (s Step) unrenewedWhen(r RenewalState, now time.Time) (Warning, bool) {
	if r.Kind != RenewalNone || s.Have.Expires.IsZero() || s.Have.Expired(now) {
		return Warning{}, false
	}
	return Warning{Code: cert.NothingRenews, Text: "nothing will renew it from then on; it expires " + s.Have.Expires.UTC().Format(Date),
		Do: r.Do, Accepted: s.Want.Policy.Accepts(cert.NothingRenews)}, true
}

// Since returns p with a warning for each certificate that nothing renews with the
// manifests of p, and something renewed with those of then, a plan for the same account.
func (p Plan) Since(then Plan) Plan {
	before := then.ByID()
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		s := &p.Steps[i]
		old, known := before[s.Want.ID]
		was := old.Renewal(p.Now)
		_, warned := s.Warning(cert.NothingRenews)
		w, is := s.Unrenewed(p.Now)
		if is && known && !warned && !s.ListOnly && (was.Comes() || was.Kind == RenewalWithheld) {
			s.Warnings = append(slices.Clone(s.Warnings), w)
		}
	}
	return p
}

// byHand says, for each DCV method that a person can be part of, what that person does,
// and how to do without.
var byHand = map[cert.DCVMethod]struct{ means, hand, do string }{
	cert.Email: {"by e-mail", "each renewal may need an answer",
		"choose a DNS method, and automate the DNS records"},
	cert.DNSTxtToken: {"by a TXT record", "each renewal may need a new record",
		"automate the DNS record (plan and explain print it as JSON)"},
}

// warnOfValidation warns of a certificate whose next one is valid for less long than those of
// today's longest, while a person may be part of the validation of its domains. Certificates
// that are renewed once more before that get no warning: nothing changes for them yet.
func (b *builder) warnOfValidation() {
	how, hand := byHand[b.Want.DCVMethod.Or(b.Have.DCVMethod)]
	next := latest(b.now, b.Have.Expires.Add(-autoStart))
	valid := validityOn(next)
	if hand && valid != longestValidity && !b.Have.Expired(b.now) {
		b.warn(cert.DCVByHand, fmt.Sprintf("its domains are validated %s; the next renewal, from about %s on, "+
			"gives a certificate of at most %d days, and %s", how.means, next.Format(Date), valid/day, how.hand), Advise(how.do))
	}
}
