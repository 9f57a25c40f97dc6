package apply

import (
	"strconv"

	"github.com/cpsync/cpsync/internal/report"
)

// tolerated is how many failures in a row end the starting of orders.
const tolerated = 3

// anotherRun is why no order is started beside another run.
const anotherRun = "another run of cpsync with the same client is at work"

// brake remembers what stops further orders: an order of which nobody knows, several
// operations in a row that got no answer of use, a write for which the credentials are not
// good enough, or another run. What the API refused of one request stops nothing else.
type brake struct {
	failures int
	reason   string // "" while orders may be started
}

// note takes an outcome into account. Once set, the reason stays.
func (b *brake) note(o report.Outcome) {
	switch o.Result {
	case report.Failed, report.Unknown:
		if !o.OneRequest {
			b.failures++
		}
	case report.Done, report.NotConfirmed:
		if !o.Met() { // nothing was sent, so nothing went well
			b.failures = 0
		}
	case report.NotStarted, report.Stale, report.DidNotConverge, report.NotApproved:
	}
	switch {
	case b.reason != "":
	case o.Rival:
		b.reason = anotherRun
	case o.Result == report.Unknown && o.Operation().Order():
		b.reason = "it is unknown whether an order before it was placed"
	case o.Unauthorized:
		b.reason = "the credentials were refused for a write"
	case b.failures >= tolerated:
		b.reason = strconv.Itoa(tolerated) + " operations in a row failed"
	}
}
