package plan

import (
	"fmt"

	"github.com/cpsync/cpsync/internal/cert"
)

// byHand says, for each DCV method that a person can be part of, what that person does,
// and how to do without.
var byHand = map[cert.DCVMethod]struct{ proof, hand, do string }{
	cert.Email: {"by e-mail", "somebody may have to answer one",
		"choose a DNS method, and let a program set the records"},
	cert.DNSTxtToken: {"by a TXT record", "it may have to be set anew",
		"let a program set the record that a plan, or explain, prints as JSON"},
}

// provenByHand tells of a certificate whose next one is valid for less long than those of
// today's longest, while a person may be what proves control of its names. Certificates
// that are renewed once more before that are not told of: nothing changes for them yet.
func provenByHand(b *builder) *Warning {
	how, hand := byHand[b.Want.DCVMethod.Or(b.Have.DCVMethod)]
	next := latest(b.now, b.Have.Expires.Add(-autoStart))
	valid := validityOn(next)
	if !hand || valid == longestValidity || b.Have.Ended(b.now) {
		return nil
	}
	return &Warning{Code: cert.DCVByHand,
		Text: fmt.Sprintf("control of its names is proven %s; from its next certificate on, about %s, none is valid for more than %d days, and each time %s",
			how.proof, next.Format(Date), valid/day, how.hand),
		Do: how.do}
}
