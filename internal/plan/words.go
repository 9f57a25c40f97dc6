package plan

import (
	"cmp"
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// WordsOf returns the texts of a request in the phase, with what the API says beyond the
// phase.
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
	case p == cert.OrderFailed, p == cert.Rejected:
		w = failedOrder(w, p, have)
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
func failedOrder(w PhaseWords, p cert.Phase, have cert.Live) PhaseWords {
	why := Failure(have)
	switch {
	case p == cert.Rejected && (len(have.FailedDomains()) > 0 || have.Order == cert.OrderRejected):
		w.State += wordOf(have)
	case p == cert.Rejected:
		w.State, w.Because = cmp.Or(why, w.State), "API behaviour after that is undocumented"
	case Revoked(have):
		w.State, w.But, w.Because, w.Do = "REVOKED by the CA", "", why, afterRevocation(have)
	case why != "":
		w.But, w.Because, w.Do = why, why, afterFailure(have)
	case have.RequiresAttention:
		w.But, w.Do = "the API says that a person must act", lookAtIt
	}
	return w
}

// wordOf is the API's own word for a refusal.
func wordOf(have cert.Live) string {
	if bad := have.FailedDomains(); len(bad) > 0 {
		return " (" + bad[0].Status.String() + ")"
	}
	return " (" + have.Order.String() + ")"
}

// afterRevocation is what a person does about a certificate that was revoked.
func afterRevocation(have cert.Live) Action {
	if have.Thumbprint == "" {
		return Advise("renew it in the portal now")
	}
	return Advise("set  policy.renew_if_thumbprint: [" + have.Thumbprint + "]  which renews it now")
}

// afterFailure is what a person does about an order that failed.
func afterFailure(have cert.Live) Action {
	switch {
	case have.TimedOut():
		return Advise("order it again in the portal")
	case have.Order == cert.OrderCanceled, have.Order == cert.OrderDeleted:
		return Advise("order it again in the portal, if it is still wanted")
	default:
		return settleIt
	}
}

// doOf is what a person does about a request in the phase.
func doOf(p cert.Phase, have cert.Live, now time.Time) Action { return WordsOf(p, have, now).Do }

// validationBy is what a person does to validate domains by a method.
func validationBy(m cert.DCVMethod) string {
	switch {
	case m == cert.Email:
		return "answer the e-mails"
	case m.InDNS():
		return "create the DNS records"
	default:
		return "create the DNS records, or answer the e-mails,"
	}
}

// DeletedAction is what a person does about a request that is not there any more.
func DeletedAction() Action { return words[cert.Deleted].Do }

// State returns what people call the phase of a live request. Past its end nothing is in
// service.
func State(p cert.Phase, have cert.Live, now time.Time) string {
	switch {
	case p == cert.Processing && !have.StatusRead():
		return "not issued yet" // how far it is stands in the status answer
	case p == cert.InFlight && orderNoun(have.Order) != "order":
		return orderNoun(have.Order) + " in progress"
	case p == cert.InFlight:
		return "order in progress"
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
		late := withStatus(failed, cert.DomainTimedOut)
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

func withStatus(domains []cert.Domain, s cert.DomainStatus) (in []cert.Domain) {
	for _, d := range domains {
		if d.Status == s {
			in = append(in, d)
		}
	}
	return in
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
