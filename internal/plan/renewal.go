package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// RenewalKind is what renews a certificate, or why nothing does.
type RenewalKind uint8

// The kinds.
const (
	RenewalNone       RenewalKind = iota // nothing renews it
	RenewalNotIssued                     // there is nothing to renew before the first certificate
	RenewalUnknown                       // the API uses words this build does not know
	RenewalOpen                          // ordered, and not through
	RenewalOtherOrder                    // another order is open; nothing else is known
	RenewalByCPS                         // the CDN orders by itself, because auto_renew is on
	RenewalByPolicy                      // cpsync orders, because the manifest's policy says so
	RenewalWithheld                      // the policy asks for it, and a person has to let it go out
	RenewalFailed                        // the last order was refused, canceled or deleted
	RenewalTimedOut                      // a name of the last order was not validated in time
	RenewalRevoked                       // the CA revoked the certificate
)

// String returns the word used in JSON.
func (k RenewalKind) String() string {
	return [...]string{"nothing", "not-issued", "unknown", "in-progress", "other-order", "cps", "policy",
		"withheld", "failed", "timed-out", "revoked"}[k]
}

// RenewalState is the state of the renewal of a certificate. It is what every output asks.
type RenewalState struct {
	Kind    RenewalKind
	At      time.Time // about when it starts; zero when that can't be told
	Because string    // a clause
	Do      Action    // what a person does where nothing renews it
}

// Comes reports whether a renewal is ordered, or will be without a person.
func (r RenewalState) Comes() bool {
	return slices.Contains([]RenewalKind{RenewalOpen, RenewalByCPS, RenewalByPolicy}, r.Kind)
}

// Failed reports whether the last order came to a bad end.
func (r RenewalState) Failed() bool {
	return slices.Contains([]RenewalKind{RenewalFailed, RenewalTimedOut, RenewalRevoked}, r.Kind)
}

// Open reports whether an order is open that renews the certificate, or may.
func (r RenewalState) Open() bool { return r.Kind == RenewalOpen || r.Kind == RenewalOtherOrder }

// Unsure reports whether the last order failed, or the API's words are not known: that
// nothing renews the certificate can't be said then.
func (r RenewalState) Unsure() bool { return r.Failed() || r.Kind == RenewalUnknown }

// Renewal returns what renews the certificate next, after what this run sends.
func (s Step) Renewal(now time.Time) RenewalState {
	if s.Fault != nil {
		return RenewalState{Kind: RenewalUnknown, Because: s.Fault.Message}
	}
	return (&builder{Step: s, now: now}).renewed()
}

// renewed says what renews the certificate: the first case that applies.
func (b *builder) renewed() RenewalState {
	withheld := b.blockOf(cert.EditRenew)
	switch accepted, failed, other := b.acceptedRenewal(), b.failedOrder(), b.otherOrder(); {
	case !b.Have.Issued():
		return RenewalState{Kind: RenewalNotIssued, Because: "none yet: there is no certificate"}
	case accepted.Open():
		return accepted
	case b.Phase == cert.Unknown:
		return RenewalState{Kind: RenewalUnknown, Because: "not known: it is " + b.stateText(), Do: WordsOf(cert.Unknown, b.Have, b.now).Do}
	case b.Have.Renewing():
		r := RenewalState{Kind: RenewalOpen, Because: "in progress; the current certificate stays active"}
		if b.Have.Expired(b.now) {
			r.Because = "in progress; the current certificate has expired"
		}
		r.Do = cmp.Or(b.words().Do, Advise("if it is still in progress a day after the order, ask the vendor what it waits for"))
		return r
	case b.Have.RenewalIssued():
		return RenewalState{Kind: RenewalOpen, Because: "issued, and is being deployed",
			Do: cmp.Or(b.words().Do, Advise("if it is still being deployed after a day, ask the vendor what it waits for"))}
	case b.renewalResult == RenewalUnclear:
		text, do := b.renewalResult.words(b.Want.ID)
		return RenewalState{Kind: RenewalUnknown, Because: text, Do: do}
	case b.renews():
		return RenewalState{Kind: RenewalByPolicy, At: b.now, Because: "the next apply orders it"}
	case b.Makes(Renew):
		return RenewalState{Kind: RenewalWithheld, Because: "its renewal is not approved", Do: Advise("have a new plan approved")}
	case withheld != nil:
		return b.withheldRenewal(*withheld)
	case failed.Failed():
		return failed
	case other.Open():
		return other
	case b.Have.Expired(b.now) || b.Phase == cert.Expired:
		return RenewalState{Because: "the certificate has expired", Do: WordsOf(cert.Expired, b.Have, b.now).Do}
	}
	if r := b.byCPS(); r.Because != "" {
		return r
	}
	return b.byPolicy()
}

// acceptedRenewal is a renewal in the journal that the API accepted and does not show yet; else zero.
func (b *builder) acceptedRenewal() RenewalState {
	if h := b.pending; h != nil && h.Kind == Renew {
		if until, ok := h.expected(b.now); ok {
			return RenewalState{Kind: RenewalOpen, Do: Advise("run again after " + until.UTC().Format(Minute)),
				Because: "ordered " + h.Answered.UTC().Format(Minute) + " and accepted; no reading shows it yet"}
		}
	}
	return RenewalState{}
}

// withheldRenewal is a renewal that the policy asks for and that is withheld.
func (b *builder) withheldRenewal(x Withheld) RenewalState {
	r := RenewalState{Kind: RenewalWithheld, At: x.UntilAt}
	r.Because, r.Do = whyRenewalWaits(x)
	switch failed := b.failedOrder(); {
	case failed.Failed():
		r.Kind, r.Because = failed.Kind, failed.Because
		if x.Waits() && !x.UntilAt.IsZero() && b.Want.Policy.AllowsUndocumented(cert.EditRenew) {
			r.Because += "; the policy tries another from about " + x.UntilAt.UTC().Format(Date)
		}
	case b.otherOrder().Open():
		r.Kind = RenewalOtherOrder
	case x.Protects():
		r.Kind = RenewalNone
	case x.Waits():
		r.Kind = RenewalByPolicy
	}
	return r
}

// failedOrder is the last order where it came to a bad end; else zero.
func (b *builder) failedOrder() RenewalState {
	r := RenewalState{Kind: RenewalFailed, Because: Failure(b.Have)}
	switch {
	case r.Because == "":
		return RenewalState{}
	case Revoked(b.Have):
		r.Kind = RenewalRevoked
	case b.Have.TimedOut():
		r.Kind = RenewalTimedOut
	}
	r.Do = WordsOf(cert.OrderFailed, b.Have, b.now).Do
	return r
}

// otherOrder is an open order that may renew the certificate or not; else zero.
func (b *builder) otherOrder() RenewalState {
	if b.Phase != cert.InFlight && b.Phase != cert.Deployment {
		return RenewalState{}
	}
	return RenewalState{Kind: RenewalOtherOrder, Because: "another order is in progress: " + b.stateText(),
		Do: cmp.Or(b.words().Do, lookAtIt)}
}

// byCPS expects CPS to renew about 60 days before the end, unless so little is left that
// something must have failed.
func (b *builder) byCPS() RenewalState {
	left := b.Have.Expires.Sub(b.now)
	switch {
	case !b.autoRenewAfter() || b.Have.Expires.IsZero():
		return RenewalState{}
	case b.Phase == cert.OrderFailed && left < StuckBelow(b.Have, b.now):
		return RenewalState{Because: "auto_renew is on, and the request is " + b.stateText(), Do: b.words().Do}
	case b.Have.AutoRenew && left < StuckBelow(b.Have, b.now):
		return RenewalState{Because: "auto_renew is on, but no renewal is in progress", Do: renewIt}
	case !b.Have.AutoRenew && left < autoStart:
		return RenewalState{Because: "this run switches auto_renew on, and CPS may have missed the start of the renewal",
			Do: Advise("check in the portal that a renewal starts")}
	}
	return RenewalState{Kind: RenewalByCPS, At: b.Have.Expires.Add(-autoStart),
		Because: "auto_renew is on: CPS renews about 60 days before expiry"}
}

// byPolicy is what the manifest's policy will do about the end.
func (b *builder) byPolicy() RenewalState {
	end, p := b.Have.Expires, b.Want.Policy
	var r RenewalState
	if before, ok := p.RenewBefore.Get(); ok && !end.IsZero() {
		at := end.Add(-before)
		at = latest(at, end.Add(-window(at)), b.now)
		r = RenewalState{Kind: RenewalByPolicy, At: at, Because: b.sayKey("policy.renew_before", days(before))}
	}
	if by, ok := p.RenewIfExpiresBefore.Get(); ok && end.Before(by) {
		if at, ok := reaching(by, end, b.now); ok && (r.At.IsZero() || at.Before(r.At)) {
			r = RenewalState{Kind: RenewalByPolicy, At: at, Because: b.sayKey("policy.renew_if_expires_before", by.Format(Date))}
		}
	}
	if p.Protects(cert.EditRenew) || end.IsZero() || r.Kind == RenewalNone {
		return b.notRenewed()
	}
	return r
}

// notRenewed says why nothing will renew a certificate, and the one thing to do about it.
func (b *builder) notRenewed() RenewalState {
	add := b.inTime("set  policy.renew_before: 30d")
	_, held := b.heldBack()
	switch {
	case b.Have.Expires.IsZero():
		return RenewalState{Because: "the API does not say when it expires", Do: lookAtIt}
	case b.Want.AutoRenew.Or(false):
		return RenewalState{Because: "auto_renew is off, and the edit that switches it on is not sent",
			Do: cmp.Or(held, Advise("remove what withholds the edit of auto_renew"))}
	case b.Want.Policy.Protects(cert.EditRenew):
		return RenewalState{Because: "auto_renew is off, and policy.protect keeps cpsync from renewing it", Do: renewIt}
	case b.Want.Policy.Renews():
		return RenewalState{Because: "auto_renew is off, and the date in policy is reached", Do: add}
	}
	if b.Have.Expires.Sub(b.now) >= orderedBefore { // CPS can still start in time
		add = Advise("set  auto_renew: true")
	}
	return RenewalState{Because: "auto_renew is off and policy.renew_before is not set", Do: add}
}

// whyRenewalWaits says why the renewal that the policy asks for is not sent, and what lets it go.
func whyRenewalWaits(x Withheld) (text string, do Action) {
	isDeferred, isNotSent := "its renewal is deferred: "+x.Because, "its renewal is not sent: "+x.Because
	again := Advise("run again after " + x.UntilAt.UTC().Format(Minute))
	switch x.Rule {
	case RuleOrderCooldown:
		return isDeferred, again
	case RuleOrderOpen:
		return isDeferred, cmp.Or(x.Do, again)
	case RuleMaxRenewals, RuleFreeze:
		return isDeferred, Advise("raise --max-renewals")
	case RuleProtect:
		return isNotSent, x.Do
	default:
		return isNotSent, cmp.Or(x.Do, Advise("run again later: it is deferred until "+x.Until))
	}
}

// inTime returns an action with the last day on which it still leaves time to validate.
func (b *builder) inTime(text string) Action {
	last := b.Have.Expires.Add(-leadTime(b.Have))
	a := Action{Kind: Advice, Text: text, By: "by " + last.UTC().Format(Date), Why: "validation can take 7 days"}
	if b.Have.ValidationType.Vetted() {
		a.Why += ", vetting the organization 7 more"
	}
	if !last.After(b.now) {
		a.By = "now"
	}
	return a
}

// autoRenewAfter is whether auto_renew is on when this run is through. That an edit switches it off
// counts before it goes out: who lets it go is warned.
func (b *builder) autoRenewAfter() bool {
	_, held := b.heldBack()
	for _, o := range b.Ops {
		if on, ok := o.Body.AutoRenew.Get(); ok && (!on || held.None()) {
			return on
		}
	}
	return b.Have.AutoRenew
}

// heldBack says why this run makes no PATCH of the step, and what lets it go out; nothing when it makes them.
func (b *builder) heldBack() (because string, do Action) {
	switch {
	case b.fleet.limited:
		return "a limit is exceeded, so no edit is sent", Advise("raise the exceeded limit")
	case !b.MayGo():
		return "that is not approved", Advise("have a new plan approved")
	}
	return "", Action{}
}

// renews reports whether this run orders a renewal.
func (b *builder) renews() bool { return b.Makes(Renew) && b.MayGo() || b.done.Has(cert.EditRenew) }

// RenewalResult is what became of a renewal that a plan orders.
type RenewalResult uint8

// The results.
const (
	RenewalPending RenewalResult = iota // nothing is known of it yet
	RenewalPlaced                       // it was placed, or answered with success
	RenewalUnclear                      // unknown whether it was placed
	RenewalRefused                      // the API refused it
	RenewalNotSent                      // it was not placed for another reason
)

// After returns the plan after an apply, with what became of the renewals that it orders:
// that no run has ordered them, and that this plan has to be applied, is over.
func (p Plan) After(results map[cert.ID]RenewalResult) Plan {
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		s := &p.Steps[i]
		if result := results[s.Want.ID]; result != RenewalPending {
			s.renewalResult = result
			s.Warnings = s.warningsAfter(p.Now)
		}
	}
	return p
}

// warningsAfter returns the warnings of a step after an apply that was to order its renewal.
func (s Step) warningsAfter(now time.Time) []Warning {
	var left []Warning
	b := builder{Step: s, now: now}
	text, do := s.renewalResult.words(s.Want.ID)
	for _, w := range s.Warnings {
		switch late := w.Code == cert.Expiring || w.Code == cert.RenewalOverdue; {
		case late && s.renewalResult == RenewalPlaced:
			continue
		case w.Code == cert.RenewalOverdue:
			w.Text, w.Do = "its renewal has been due since "+b.dueSince(s.Want).UTC().Format(Date)+"; "+text, do
		case w.Do.Kind != ApplyRenewal:
		case w.Code == cert.Expiring:
			w.Text, w.Do = text, do
		case w.Code == cert.PastExpiry:
			w.Text, w.Do = "the certificate has expired; "+text, do
		default:
			w.Do = do
		}
		left = append(left, w)
	}
	return left
}

// words say what became of the renewal of a request, and what to do about it.
func (f RenewalResult) words(id cert.ID) (text string, do Action) {
	switch f {
	case RenewalPlaced:
		return "its renewal was ordered", Advise("nothing, until a later plan shows how the renewal goes")
	case RenewalUnclear:
		return "it is unknown whether its renewal was ordered", Advise(fmt.Sprintf("look at request %s in the portal before running again", id))
	case RenewalRefused:
		return "the API refused its renewal", settleRefusal
	case RenewalPending, RenewalNotSent:
	}
	return "this run did not order its renewal", Advise("see why in the outcomes, and run again")
}
