package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// isRevoked warns that the CA revoked the active certificate: browsers refuse it.
func isRevoked(b *builder) *Warning {
	if !Revoked(b.Have) {
		return nil
	}
	text, r := Failure(b.Have), b.renewed()
	switch refused := b.lastRefusal(); {
	case b.sends(Renew) && refused != "":
		text, r.Do = text+"; this run orders a renewal, and "+refused, settleRefusal
	case b.sends(Renew):
		r.Do = orderIt
	}
	return &Warning{Code: cert.Revoked, Text: text, Do: r.Do}
}

// isExpired warns that the certificate has ended, whatever is in progress.
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
		text, r.Do = "the certificate has expired; this run orders a renewal, and "+b.lastRefusal(), settleRefusal
	case b.sends(Renew):
		text, r.Do = "the certificate has expired, and this run orders a renewal", orderIt
	}
	return &Warning{Code: cert.PastExpiry, Text: text, Do: r.Do}
}

// expiresSoon is the warning that is never cut: an active certificate expires soon, and
// nothing that is in progress renews it in time. That this run orders a renewal is trusted for
// two days.
func expiresSoon(b *builder) *Warning {
	end, r := b.Have.Expires, b.renewed()
	onItsWay := r.Kind == RenewalOpen || b.Have.AutoRenew && b.autoRenewAfter() && !r.Failed() && r.Kind != RenewalUnknown
	early := Soon(b.Have, b.now, onItsWay)
	if at := end.Add(-leadTime(b.Have)); r.Kind == RenewalByPolicy && r.At.Before(at) {
		early -= vettingTime(b.Have) // it comes in time
	}
	trusted := b.sends(Renew) && (b.done.Has(cert.EditRenew) || b.overdueSince().IsZero())
	if end.IsZero() || trusted || isOver(b.Phase, b.Have, b.now) || Revoked(b.Have) || end.Sub(b.now) >= early {
		return nil
	}
	text := r.Because
	switch {
	case r.Kind == RenewalOpen:
		text = b.notThrough(r)
	case b.sends(Renew):
		text, r.Do = "the API shows no renewal yet", orderIt
	case r.Kind == RenewalByPolicy && r.Do.None():
		text, r.Do = "auto_renew is off and policy renews too late", b.inTime("raise policy.renew_before")
	}
	return &Warning{Code: cert.Expiring, Text: text, Do: r.Do}
}

// autoRenewIsStuck warns that auto_renew should have started a renewal by now.
func autoRenewIsStuck(b *builder) *Warning {
	left := b.Have.Expires.Sub(b.now)
	if !b.Have.AutoRenew || b.Have.Expires.IsZero() || left <= 0 || left >= StuckBelow(b.Have, b.now) ||
		b.Phase != cert.Active || !b.autoRenewAfter() {
		return nil
	}
	return &Warning{Code: cert.AutoRenewStuck,
		Text: "auto_renew is on, the certificate expires in " + Until(b.Have.Expires, b.now) + ", and no renewal is in progress",
		Do:   renewIt}
}

// notThrough says how far a renewal is that was ordered.
func (b *builder) notThrough(r RenewalState) string {
	if b.Have.Renewing() {
		return "its renewal is in progress"
	}
	return "its renewal was " + r.Because
}

// isOver reports whether the certificate has ended, or the API says so.
func isOver(p cert.Phase, have cert.Live, now time.Time) bool {
	return have.Issued() && (have.Expired(now) || p == cert.Expired)
}

// patience is how long a policy may be due before its renewal is overdue.
const patience = 2 * day

// renewalIsOverdue warns that the policy has asked for a renewal for days, and none is open.
func renewalIsOverdue(b *builder) *Warning {
	if b.overdueSince().IsZero() {
		return nil
	}
	text, do := b.whyOverdue()
	return &Warning{Code: cert.RenewalOverdue, Text: text, Do: do}
}

// overdueSince returns since when a policy of renewal is due without a renewal, where that
// is too long; else zero. It needs no memory of earlier runs. A policy that is new in
// the change under review had no time yet.
func (b *builder) overdueSince() time.Time {
	since := b.dueSince(b.Want)
	inProgress := b.Have.Renewing() || b.Have.AutoRenew || b.Phase == cert.Deployment || b.done.ordered() || renewalIsAccepted(b).Open()
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

// whyOverdue says since when the renewal is due, what the API answered, and what to do.
func (b *builder) whyOverdue() (text string, do Action) {
	since := b.overdueSince()
	text = "its renewal has been due since " + since.UTC().Format(Date)
	do = orderIt
	if refused := b.lastRefusal(); refused != "" {
		return text + "; " + refused, settleRefusal
	}
	for _, x := range b.Withheld {
		if x.Edit == cert.EditRenew {
			why, do := whyRenewalWaits(x)
			return text + "; " + why, do
		}
	}
	return text, do
}

// nothingRenews warns that this run switches auto_renew off and nothing renews the certificate.
func nothingRenews(b *builder) *Warning {
	if !b.Have.AutoRenew || b.autoRenewAfter() {
		return nil
	}
	return unrenewedFromNow(b.renewed(), b.Have, b.now)
}

// unrenewedFromNow is the warning of a change after which nothing renews a certificate.
func unrenewedFromNow(r RenewalState, have cert.Live, now time.Time) *Warning {
	if r.Kind != RenewalNone || have.Expires.IsZero() || have.Expired(now) {
		return nil
	}
	return &Warning{Code: cert.NothingRenews,
		Text: "nothing will renew it from then on; it expires " + have.Expires.UTC().Format(Date), Do: r.Do}
}

// Unrenewed says that nothing will renew the certificate, whatever renewed it before.
func (s Step) Unrenewed(now time.Time) (Warning, bool) {
	w := unrenewedFromNow(s.Renewal(now), s.Have, now)
	if w == nil {
		return Warning{}, false
	}
	w.Accepted = s.Want.Policy.Accepts(w.Code)
	return *w, true
}

// Since returns p with a warning for each certificate that nothing renews with the
// manifests of p, and something renewed with those of then, a plan for the same account.
func (p Plan) Since(then Plan) Plan {
	before := map[cert.ID]RenewalState{}
	for _, s := range then.Steps {
		if s.Fault == nil {
			before[s.Want.ID] = s.Renewal(p.Now)
		}
	}
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		s := &p.Steps[i]
		was, known := before[s.Want.ID]
		if _, warned := s.Warning(cert.NothingRenews); !known || warned || s.Fault != nil || s.ListOnly || !was.Comes() && was.Kind != RenewalWithheld {
			continue
		}
		if w, is := s.Unrenewed(p.Now); is {
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

// validatedByHand warns of a certificate whose next one is valid for less long than those of
// today's longest, while a person may be part of the validation of its domains. Certificates
// that are renewed once more before that get no warning: nothing changes for them yet.
func validatedByHand(b *builder) *Warning {
	how, hand := byHand[b.Want.DCVMethod.Or(b.Have.DCVMethod)]
	next := latest(b.now, b.Have.Expires.Add(-autoStart))
	valid := validityOn(next)
	if !hand || valid == longestValidity || b.Have.Expired(b.now) {
		return nil
	}
	return &Warning{Code: cert.DCVByHand,
		Text: fmt.Sprintf("its domains are validated %s; the next renewal, from about %s on, gives a certificate of at most %d days, and %s",
			how.means, next.Format(Date), valid/day, how.hand),
		Do: Advise(how.do)}
}
