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

// Await is what an apply sent to one request, and waits to see in service.
type Await []Sent

// Arrival is how far a request is on its way to where it is awaited.
type Arrival uint8

// The arrivals.
const (
	InProgress Arrival = iota // it goes on by itself, or shows nothing yet
	Active                    // where it was to go
	Stuck                     // it goes on when a person does something
	Vanished                  // the request was deleted
)

// Seen returns a with a reading taken into account. What showed once has taken effect,
// whatever somebody makes of it later.
func (a Await) Seen(have cert.Live) Await {
	seen := slices.Clone(a)
	for i, s := range seen {
		seen[i].Shown = s.Shown || TookEffect(s.Op, s.Before, have)
	}
	return seen
}

// Shows reports whether what is waited for has shown: the order, where there is one,
// else every edit. Until then a reading may be older than the write.
func (a Await) Shows() bool {
	order := a.sentOrder()
	if order != nil {
		return order.Shown
	}
	return !slices.ContainsFunc(a, func(s Sent) bool { return !s.Shown })
}

// Arrival judges a reading, status included. An order is awaited until another
// certificate is in service, an edit until one is at all. An unknown word may
// pass, so it is no reason to call a person.
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

// Standing is what people call the state of a reading, next to what is awaited.
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

// Do is what a person does about a request that is stuck.
func (a Await) Do(have cert.Live, now time.Time) Action {
	return doOf(cert.PhaseOf(have, now), have, now)
}

// Undone lists what showed and does not any more: somebody changed it since.
func (a Await) Undone(have cert.Live) []diff.Change {
	var undone []diff.Change
	for _, s := range a {
		if s.Shown {
			undone = append(undone, s.Op.Missing(have)...)
		}
	}
	return undone
}

// replaced reports whether the certificate in service is another one than before the
// order; without an order there is nothing to replace. A renewal moves the end; one with
// another thumbprint and the end of before is somebody's reissue.
func (a Await) replaced(have cert.Live) bool {
	order := a.sentOrder()
	if order == nil {
		return true
	}
	before := order.Before
	told := before.Thumbprint != "" && have.Thumbprint != ""
	switch {
	case !before.Issued():
		return have.Issued()
	case told && before.Thumbprint == have.Thumbprint:
		return false
	case told && order.Op.Kind != Renew:
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
