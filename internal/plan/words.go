package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// PhaseWords are the texts of a phase that users see, without the words of the table.
type PhaseWords struct {
	State   string // what people call the phase
	But     string // what is wrong with an active certificate; "" when nothing is
	Because string // why an edit has to wait, or can't be made
	Until   string // what ends that; "" when nothing but a person does
	Do      Action // what a person does
	Next    Actor
}

var words = [cert.NumPhases]PhaseWords{
	cert.Unknown: {State: "in a state unknown to this version of cpsync", Next: Person, Do: lookAtIt,
		Because: "the API returned an unknown value, or combination of values; a newer cpsync may know it"},
	cert.Processing: {State: "in preparation, not ordered at the CA yet", Next: CDN,
		Because: "domains can't change while the request is in preparation", Until: "the certificate is active"},
	cert.Ordered: {State: "ordered at the CA", Next: CA,
		Because: "domains can't change while the CA processes the order", Until: "the certificate is active"},
	cert.DomainControlValidation: {State: "domain control validation (DCV) pending", Next: Person, Do: Action{Kind: ValidateDomains},
		Because: "domains can't change while the CA validates them", Until: "DCV is complete and the certificate is active"},
	cert.OtherValidation: {State: "the CA validates the organization", Next: CA,
		Because: "domains can't change while the CA validates the organization", Until: "the certificate is active"},
	cert.Deployment: {State: "issued, being deployed", Next: CDN,
		Because: "the certificate is not active yet; deployment takes up to about 6 hours", Until: "the certificate is active"},
	cert.Active: {State: "active", Next: Person, Because: "there is nothing to retrigger on an active certificate"},
	cert.InFlight: {State: "order in progress; the current certificate stays active", Next: CA,
		Because: "domains can't change while an order is in progress", Until: "the new certificate is active"},
	cert.OrderFailed: {State: "active", But: "its last order failed, or a person must act", Next: Person, Do: settleIt,
		Because: "API behaviour after a failed order is undocumented"},
	cert.TimedOut: {State: "timed out in DCV", Next: Person, Because: "API behaviour after a timeout is undocumented",
		Do: Advise("set policy.retrigger_until to a future date, until which cpsync retriggers the order")},
	cert.Rejected: {State: "rejected by the CA", Next: Person, Do: lookAtIt, Because: "API behaviour after a rejection is undocumented"},
	cert.Expired:  {State: "expired", Next: Person, Do: renewIt, Because: "API behaviour after expiry is undocumented"},
	cert.Deleted:  {State: "deleted", Next: Person, Do: Advise("remove the manifest"), Because: "a deleted request can't be edited"},
}

// WordsOf returns the texts of a request in the phase, with what the API says beyond the phase.
func WordsOf(p cert.Phase, have cert.Live, now time.Time) PhaseWords {
	w := words[p]
	if p == cert.InFlight && (have.Order.Queued() || have.Status == cert.StatusDeployment) {
		w.Next = CDN
	}
	inDCV := p == cert.DomainControlValidation || p == cert.InFlight
	switch {
	case inDCV && have.Validated():
		w = validated(w, p, have, now)
	case inDCV && have.AwaitsDCV() && have.RequiresAttention:
		w.Do, w.Next = words[cert.DomainControlValidation].Do, Person
	case p == cert.DomainControlValidation && !have.AwaitsDCV():
		w.Do = lookAtIt
		if why := Failure(have); why != "" {
			w.State, w.Because, w.Until = why, why, "the request goes on"
		}
	case p == cert.OrderFailed, p == cert.Rejected:
		w = failedOrder(w, p, have, now)
	case have.RequiresAttention && p != cert.Active && w.Next != Person:
		w.Do, w.Next = lookAtIt, Person
	}
	switch {
	case w.But != "" && have.Expired(now):
		w.State = "expired, and " + w.But
	case w.But != "":
		w.State += ", but " + w.But
	}
	if w.Do.Kind == ValidateDomains {
		w.Do = DCVAction(have)
	}
	return w
}

// validated returns the texts once no name is left to validate and the workflow has not moved
// on: the CA does that by itself, and a person looks only when it takes longer than a day.
func validated(w PhaseWords, p cert.Phase, have cert.Live, now time.Time) PhaseWords {
	if p == cert.DomainControlValidation {
		w.State = "every domain is validated; the CA continues by itself"
		w.Because = "domains can't change until the CA has issued"
	}
	w.Until, w.Do, w.Next = "the CA has continued by itself (every domain is validated)", Action{}, CA
	if now.Sub(have.Modified) > day {
		w.Do, w.Next = Advise(lookAtIt.Text+": every domain is validated, and nothing has changed for a day"), Person
		if p == cert.DomainControlValidation {
			w.State = "every domain is validated; nothing has changed for a day"
		}
	}
	return w
}

// failedOrder returns the texts of a request whose last order failed.
func failedOrder(w PhaseWords, p cert.Phase, have cert.Live, now time.Time) PhaseWords {
	why, refused := Failure(have), have.FailedDomains()
	switch {
	case p == cert.Rejected && len(refused) > 0:
		w.State += " (" + refused[0].Status.String() + ")"
	case p == cert.Rejected && have.Order == cert.OrderRejected:
		w.State += " (" + have.Order.String() + ")"
	case p == cert.Rejected:
		w.State = cmp.Or(why, w.State)
		w.Because = "API behaviour after a " + strings.ToLower(have.Order.String()) + " order is undocumented"
	case Revoked(have):
		w.State, w.But, w.Because, w.Do = "REVOKED by the CA", "", why, Advise("renew it in the portal now")
		if have.Thumbprint != "" {
			w.Do = Advise("set  policy.renew_if_thumbprint: [" + have.Thumbprint + "]  which renews it now")
		}
	case why != "":
		w.But, w.Because, w.Do = why, why, settleIt
		switch {
		case have.TimedOut() && have.OrderOpen(now):
			w.Do = orderWhenOver(have)
		case have.TimedOut():
			w.Do = Advise("order it again in the portal")
		case have.Order == cert.OrderCanceled, have.Order == cert.OrderDeleted:
			w.Do = Advise("order it again in the portal, if it is still wanted")
		}
	case have.RequiresAttention:
		w.But, w.Do = "the API says that a person must act", lookAtIt
	}
	return w
}

// orderWhenOver is what a person does about an order that timed out and may be issued all the same.
func orderWhenOver(have cert.Live) Action {
	if have.Modified.IsZero() {
		return Advise("look at the request in the portal; if no order is open there, order it again")
	}
	return Advise("wait until " + have.Modified.Add(cert.DCVSearch).UTC().Format(Minute) +
		", because the CA may still issue; then order it again in the portal")
}

// State returns what people call the phase of a live request. Past its end nothing is in service.
func State(p cert.Phase, have cert.Live, now time.Time) string {
	switch {
	case p == cert.Processing && !have.StatusRead():
		return "not issued yet" // how far it is stands in the status answer
	case p == cert.InFlight:
		return orderNoun(have.Order) + " in progress"
	}
	return WordsOf(p, have, now).State
}

func (b *builder) words() PhaseWords { return WordsOf(b.Phase, b.Have, b.now) }

func (b *builder) stateText() string { return State(b.Phase, b.Have, b.now) }

// Failure says how the last order came to a bad end, or is coming to one, with the API's
// own word; "" when it does not.
func Failure(have cert.Live) string {
	its, word := "its "+orderNoun(have.Order), ""
	if have.Order.Refused() {
		word = " (" + have.Order.String() + ")"
	}
	failed := have.FailedDomains()
	switch {
	case have.Order == cert.OrderRevoked:
		return "the CA revoked its certificate" + word
	case have.TimedOut():
		late := slices.DeleteFunc(failed, func(d cert.Domain) bool { return d.Status != cert.DomainTimedOut })
		return its + " timed out: " + share(len(late), len(have.Domains)) + " not validated in time" + word
	case len(failed) > 0:
		return its + " failed: " + share(len(failed), len(have.Domains)) + " refused by the CA (" + failed[0].Status.String() + ")"
	case have.Order == cert.OrderCanceled:
		return its + " was canceled" + word
	case have.Order == cert.OrderDeleted:
		return its + " was deleted" + word
	case have.Order.Refused():
		return its + " was refused by the CA" + word
	default:
		return ""
	}
}

// share is "1 of 3 domains was", "2 of 3 domains were".
func share(n, of int) string {
	domains, were := "domains", "were"
	if of == 1 {
		domains = "domain"
	}
	if n == 1 {
		were = "was"
	}
	return fmt.Sprintf("%d of %d %s %s", n, of, domains, were)
}

// orderNoun is what people call an order.
func orderNoun(o cert.OrderStatus) string {
	switch o {
	case cert.OrderAwaitingRenewal, cert.OrderPendingRenewal, cert.OrderRenewalRejected:
		return "renewal"
	case cert.OrderAwaitingReissue, cert.OrderPendingReissue, cert.OrderReissueRejected:
		return "reissue"
	case cert.OrderAwaitingOrgUpdate, cert.OrderPendingOrgUpdate:
		return "change of organization"
	default:
		return "order"
	}
}

// Revoked reports whether the active certificate is one that the CA revoked.
func Revoked(have cert.Live) bool { return have.Issued() && have.Order == cert.OrderRevoked }
