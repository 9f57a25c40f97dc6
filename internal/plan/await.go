package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Sent is an operation that was sent, or may have been.
type Sent struct {
	Op     Operation
	Before cert.Live // the reading right before it
	Shown  bool      // a reading since then shows that it took effect
}

// Await is what an apply sent to one request, in the order in which it was sent. A run with --wait
// waits until it has taken effect.
type Await []Sent

// Arrival says whether what is awaited of a request has come.
type Arrival uint8

// The arrivals.
const (
	InProgress Arrival = iota // it goes on by itself, or shows nothing yet
	Active                    // what was sent has taken effect, and the request is active
	Stuck                     // a person must act
	Vanished                  // the request was deleted
)

// Seen returns a after one more reading. An operation that a reading showed stays Shown, whatever
// somebody changes later.
func (a Await) Seen(have cert.Live) Await {
	seen := slices.Clone(a)
	for i, s := range seen {
		seen[i].Shown = s.Shown || TookEffect(s.Op, s.Before, have)
	}
	return seen
}

// Shows reports whether a reading has shown the order, or every edit if there is no order. Until
// then a reading may be older than the write.
func (a Await) Shows() bool {
	order := a.sentOrder()
	if order != nil {
		return order.Shown
	}
	return !slices.ContainsFunc(a, func(s Sent) bool { return !s.Shown })
}

// Arrival says how far a reading with its status shows the request to be. An order is awaited
// until another certificate is active, an edit until any is. An unknown word is InProgress unless
// the API says that it requires attention.
func (a Await) Arrival(have cert.Live, now time.Time) Arrival {
	phase := cert.PhaseOf(have, now)
	switch {
	case phase == cert.Deleted:
		return Vanished
	case !a.Shows():
		return InProgress
	case phase == cert.Active && a.replaced(have):
		return Active
	case phase == cert.Active:
		return InProgress
	case WordsOf(phase, have, now).Next == Person && (phase != cert.Unknown || have.RequiresAttention):
		return Stuck
	default:
		return InProgress
	}
}

// HasOrder reports whether an order is awaited, and so another certificate.
func (a Await) HasOrder() bool { return a.sentOrder() != nil }

// Standing returns the state of a reading in words, with what is still awaited.
func (a Await) Standing(have cert.Live, now time.Time) string {
	phase := cert.PhaseOf(have, now)
	state := State(phase, have, now)
	switch {
	case !a.Shows():
		return "the write is not visible yet; " + state
	case phase == cert.Active && !a.replaced(have) && a.sentOrder().Before.Thumbprint != have.Thumbprint:
		return "active with a certificate that expires no later than before"
	case phase == cert.Active && !a.replaced(have):
		return "active with the same certificate as before"
	case phase != cert.InFlight:
		return state
	}
	switch {
	case have.AwaitsDCV():
		return state + ", " + words[cert.DomainControlValidation].State
	case have.Status == cert.StatusOtherValidation:
		return state + ", " + words[cert.OtherValidation].State
	default:
		return state
	}
}

// Do returns what a person does about a Stuck request.
func (a Await) Do(have cert.Live, now time.Time) Action {
	return doOf(cert.PhaseOf(have, now), have, now)
}

// Undone returns the changes that a reading showed and have does not: somebody changed them since.
func (a Await) Undone(have cert.Live) []diff.Change {
	var undone []diff.Change
	for _, s := range a {
		if s.Shown {
			undone = append(undone, s.Op.Missing(have)...)
		}
	}
	return undone
}

// replaced reports whether the active certificate is another one than before the order; true
// without an order. A renewal must expire later: another thumbprint with the same expiry is
// somebody's reissue.
func (a Await) replaced(have cert.Live) bool {
	order := a.sentOrder()
	if order == nil {
		return true
	}
	before := order.Before
	known := before.Thumbprint != "" && have.Thumbprint != ""
	switch {
	case !before.Issued():
		return have.Issued()
	case known && before.Thumbprint == have.Thumbprint:
		return false
	case known && order.Op.Kind != Renew:
		return true
	default:
		return expiresLater(before, have)
	}
}

// sentOrder is the one that was sent; nil when there was none.
func (a Await) sentOrder() *Sent {
	for i := range a {
		if a[i].Op.Order() {
			return &a[i]
		}
	}
	return nil
}
