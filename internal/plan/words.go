package plan

import (
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// wordsOf is what people are told of a request in the phase: the words of the phase, and
// where the API says more than the phase does, that.
func wordsOf(p cert.Phase, have cert.Live, now time.Time) phaseWords {
	w := words[p]
	if p == cert.InFlight && (have.Order.Queued() || have.Status == cert.StatusDeployment) {
		w.next = CDN
	}
	inDCV := p == cert.DomainControlValidation || p == cert.InFlight
	switch {
	case inDCV && have.Validated():
		w = validated(w, p, have, now)
	case inDCV && have.AwaitsControl() && have.RequiresAttention:
		w.do, w.next = words[cert.DomainControlValidation].do, You
	case p == cert.DomainControlValidation && !have.AwaitsControl():
		w.do = lookAtIt
	case p == cert.NeedsAttention, p == cert.Rejected:
		w = failed(w, p, have)
	case have.RequiresAttention && p != cert.Active && w.next != You:
		w.do, w.next = lookAtIt, You
	}
	if p != cert.Rejected && strings.HasPrefix(w.state, servingBut) && have.Ended(now) {
		w.state = "past its end, and " + strings.TrimPrefix(strings.TrimPrefix(w.state, servingBut), "but ")
	}
	w.do = filled(w.do, have)
	return w
}

const (
	servingBut = "in service, "
	lookAtIt   = "look at the request in the portal"
	renewIt    = "renew it in the portal"
	settleIt   = "settle the failed order in the portal"
)

// validated is what is told once no name is left to validate and the workflow has not moved
// on: the CA does that by itself, and a person looks only when it takes longer than a day.
func validated(w phaseWords, p cert.Phase, have cert.Live, now time.Time) phaseWords {
	if p == cert.DomainControlValidation {
		w.state = "every name is validated; the CA goes on by itself"
		w.because = "no name can change until the CA has issued"
	}
	w.until, w.do, w.next = "the CA has gone on by itself, as every name is validated", "", CA
	if now.Sub(have.Modified) > day {
		w.do, w.next = lookAtIt+": every name is validated, and nothing has moved for a day", You
		w.state = strings.Replace(w.state, "the CA goes on by itself", "nothing has moved for a day", 1)
	}
	return w
}

// failed is what is told of a request whose last order came to a bad end.
func failed(w phaseWords, p cert.Phase, have cert.Live) phaseWords {
	why := failure(have)
	switch {
	case p == cert.Rejected && (len(have.Failed()) > 0 || have.Order == cert.OrderRejected):
		w.state += wordOf(have)
	case p == cert.Rejected:
		w.state, w.because = "never issued; "+why, "nobody documents what can be edited after that"
	case revoked(have):
		w.state, w.because, w.do = "REVOKED by the CA", why, afterRevocation(have)
	case why != "":
		w.state, w.because, w.do = servingBut+"but "+why, why, afterFailure(have)
	case have.RequiresAttention:
		w.state, w.do = servingBut+"but the API says that somebody must act", lookAtIt
	}
	return w
}

// wordOf is the API's own word for a refusal.
func wordOf(have cert.Live) string {
	if bad := have.Failed(); len(bad) > 0 {
		return " (" + bad[0].Status.String() + ")"
	}
	return " (" + have.Order.String() + ")"
}

// afterRevocation is what a person does about a certificate that was revoked.
func afterRevocation(have cert.Live) string {
	if have.Thumbprint == "" {
		return "renew it in the portal now"
	}
	return "add  renew_if_thumbprint: [" + have.Thumbprint + "]  under policy, which renews it now"
}

// afterFailure is what a person does about an order that failed.
func afterFailure(have cert.Live) string {
	switch {
	case have.TimedOut():
		return "order it again in the portal"
	case have.Order == cert.OrderCanceled, have.Order == cert.OrderDeleted:
		return "order it again in the portal, if it is still wanted"
	default:
		return settleIt
	}
}

// doOf is what a person does about a request in the phase.
func doOf(p cert.Phase, have cert.Live, now time.Time) string { return wordsOf(p, have, now).do }

// ControlDo is what a person does while the CA waits for proof of control.
func ControlDo(have cert.Live) string {
	return filled(words[cert.DomainControlValidation].do, have)
}

// filled is the text with what it leaves open for a request.
func filled(do string, have cert.Live) string {
	do = strings.ReplaceAll(do, "{id}", have.ID.String())
	return strings.ReplaceAll(do, "{proof}", proofOf(have.DCVMethod))
}

// proofOf is what a person does to prove control by a method.
func proofOf(m cert.DCVMethod) string {
	switch m {
	case cert.Email:
		return "answer the e-mails"
	case cert.DNSCnameToken, cert.DNSTxtToken:
		return "set the records"
	default:
		return "set the records, or answer the e-mails,"
	}
}

// GoneDo is what a person does about a request that is not there any more.
func GoneDo() string { return words[cert.Deleted].do }

// State returns what people call the phase of a live request. Past its end nothing is in
// service.
func State(p cert.Phase, have cert.Live, now time.Time) string {
	switch {
	case p == cert.Processing && !have.StatusRead():
		return "not issued yet" // how far it is stands in the status answer
	case p == cert.InFlight && orderNoun(have.Order) != "order":
		return orderNoun(have.Order) + " at the CA"
	case p == cert.InFlight:
		return "an order is open"
	}
	return wordsOf(p, have, now).state
}

func (b *builder) words() phaseWords { return wordsOf(b.Phase, b.Have, b.now) }

func (b *builder) state() string { return State(b.Phase, b.Have, b.now) }
