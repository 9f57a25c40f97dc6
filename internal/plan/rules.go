package plan

import (
	"github.com/cpsync/cpsync/internal/cert"
)

// verdict is what the table says of an edit in a phase.
type verdict uint8

const (
	lock verdict = iota // refused, and only a person can end it; an unfilled cell forbids
	grey                // nobody documents it: treated as lock, and said so
	hold                // refused for now: the phase will end
	send                // accepted
)

// rules says what may be sent in which phase. It is the one place where that is
// decided.
//
// Source: cps-api, section 8. Deployment holds domains although they are probably
// accepted there: the safest assumption of section 15, number 14.
var rules = [cert.NumPhases][cert.NumEdits]verdict{
	//                            descr auto  dcv   domns renew retrg label
	cert.Unknown:                 {lock, lock, lock, lock, lock, lock, lock},
	cert.Processing:              {send, send, send, hold, hold, lock, send},
	cert.Ordered:                 {send, send, send, hold, hold, lock, send},
	cert.DomainControlValidation: {send, send, send, hold, hold, lock, send},
	cert.OtherValidation:         {send, send, grey, hold, hold, lock, send},
	cert.Deployment:              {send, send, send, hold, hold, lock, send},
	cert.Active:                  {send, send, send, send, send, lock, send},
	cert.InFlight:                {send, send, grey, hold, hold, lock, send},
	cert.NeedsAttention:          {send, send, grey, grey, grey, lock, send},
	cert.TimedOut:                {send, send, grey, grey, lock, send, send},
	cert.Rejected:                {grey, grey, grey, grey, lock, grey, grey},
	cert.Expired:                 {grey, grey, grey, grey, grey, lock, grey},
	cert.Deleted:                 {lock, lock, lock, lock, lock, lock, lock},
}

// phaseWords is what people are told of a phase. No word of the table is among it.
type phaseWords struct {
	state   string // what people call the phase
	because string // why an edit has to wait, or can't be made
	until   string // what ends that; "" when nothing but a person does
	do      string // what a person does, {id} standing for the request's; "" when nobody has to do anything
	next    Actor
}

var words = [cert.NumPhases]phaseWords{
	cert.Unknown: {
		state:   "in a state this version of cpsync does not know",
		because: "the API answers with a word, or a combination of words, that is not documented; a newer cpsync may know it",
		do:      lookAtIt,
		next:    You,
	},
	cert.Processing: {
		state:   "being prepared; not ordered yet",
		because: "the names can't change while the request is being prepared",
		until:   "the certificate is in service",
		next:    CDN,
	},
	cert.Ordered: {
		state:   "ordered at the CA",
		because: "no name can change while the CA works on the order",
		until:   "the certificate is in service",
		next:    CA,
	},
	cert.DomainControlValidation: {
		state:   "waiting for domain control",
		because: "no name can change while the CA validates the others",
		until:   "every name is validated and the certificate is in service",
		do:      "prove control of each name: {proof} that  cpsync explain {id}  shows",
		next:    You,
	},
	cert.OtherValidation: {
		state:   "the CA checks the organization",
		because: "no name can change while the CA checks the organization",
		until:   "the certificate is in service",
		next:    CA,
	},
	cert.Deployment: {
		state:   "issued, on its way to the edge",
		because: "the certificate is not in service yet; deployment takes up to about 6 hours",
		until:   "the certificate is in service",
		next:    CDN,
	},
	cert.Active: {
		state:   "in service",
		because: "there is nothing to retrigger on a certificate that is in service",
		next:    You,
	},
	cert.InFlight: {
		state:   "an order is open; the present certificate serves meanwhile",
		because: "no name can change while an order is open",
		until:   "the order is through and its certificate in service",
		next:    CA,
	},
	cert.NeedsAttention: {
		state:   "in service, but its last order failed or somebody must act",
		because: "nobody documents what the API accepts after a failed order",
		do:      settleIt,
		next:    You,
	},
	cert.TimedOut: {
		state:   "never issued; timed out waiting for domain control",
		because: "nobody documents what can be edited after a request timed out",
		do:      "set policy.retrigger_until to a coming day: cpsync places the order again until then",
		next:    You,
	},
	cert.Rejected: {
		state:   "never issued; the CA rejected it",
		because: "nobody documents what can be edited after a rejection",
		do:      lookAtIt,
		next:    You,
	},
	cert.Expired: {
		state:   "its certificate has ended",
		because: "nobody documents what can be edited after the end",
		do:      renewIt,
		next:    You,
	},
	cert.Deleted: {
		state:   "deleted",
		because: "a deleted request can't be edited",
		do:      "remove the manifest",
		next:    You,
	},
}

// byTable is what the table makes of one wanted edit: nothing when it may be sent.
func (b *builder) byTable(e cert.Edit) *Blocked {
	p, w := b.Phase, wordsOf(b.Phase, b.Have, b.now)
	x := Blocked{Edit: e, Rule: PhaseRule(p), Because: w.because, Until: w.until, Do: w.do, Next: w.next}
	if v := rules[p][e]; orders(e) && (v == send || v == grey) && b.before().OrderOpen(b.now) {
		return b.orderOpen(e)
	}
	switch rules[p][e] {
	case send:
		return nil
	case hold:
		x.Verdict = Held
	case lock:
		x.Verdict = Locked
	case grey:
		if b.Want.Policy.Tries(e) {
			return nil
		}
		x.Verdict, x.Next = Undocumented, You
		x.Because = "nobody documents whether the API accepts this while the request is: " + b.state() + "; it is sent where policy.try names it"
		x.Do = b.toTry(e, x.Do)
	}
	return &x
}

// toTry is what a person does about an edit that is sent only when policy.try names it: what
// ends the phase, where there is something. Of a renewal that failed it names the proofs of
// control first, where there are any, and then the key.
func (b *builder) toTry(e cert.Edit, do string) string {
	try := "add  try: [" + e.String() + "]  under policy"
	switch {
	case e == cert.EditRenew && revoked(b.Have):
		return do
	case e == cert.EditRenew && failure(b.Have) != "" && b.Have.AwaitsControl():
		return ControlDo(b.Have) + ", then " + try
	case e == cert.EditRenew && failure(b.Have) != "":
		return try + ", which orders another"
	case do == "":
		return try
	default:
		return do
	}
}
