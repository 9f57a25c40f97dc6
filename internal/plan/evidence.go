package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// TookEffect reports whether a reading proves that a write without an answer took effect.
// before is the reading right before the write, have a reading after it. False means unknown.
// Another thumbprint alone, an earlier expiry, fewer domains or a canceled order prove nothing:
// somebody else may have caused them.
func TookEffect(op Operation, before, have cert.Live) bool {
	switch op.Kind {
	case Patch:
		return len(op.Missing(have)) == 0
	case Renew:
		return renewalBegan(before.Order, have.Order) || expiresLater(before, have)
	case Retrigger:
		return orderedAgain(before, have)
	}
	panic("plan: unknown kind of operation")
}

// expiresLater reports whether a certificate with a later expiry is active. A reading without
// an expiry shows none.
func expiresLater(before, have cert.Live) bool {
	return !before.Expires.IsZero() && have.Expires.After(before.Expires)
}

// orderedAgain reports whether the order of a request that had timed out is open again, with the
// domains it had. An unknown word proves nothing.
func orderedAgain(before, have cert.Live) bool {
	switch {
	case len(have.UnknownWords) > 0, !have.HasNames(before.Names()):
		return false
	case have.Status == cert.StatusDeleted, have.Order == cert.OrderCanceled, have.Order == cert.OrderDeleted:
		return false
	default:
		return !have.TimedOut() || before.StatusRead() && have.StatusRead() && have.Status != before.Status
	}
}

// renewalBegan reports whether the order status became that of a renewal. Where an answer
// before held no order, one that ended may have stood there all the same; where it was not
// read, or is an unknown word, nothing is known.
func renewalBegan(before, have cert.OrderStatus) bool {
	switch before {
	case cert.OrderNotRead, cert.OrderUnknown:
		return false
	case cert.NoOrder:
		return have.Renewing()
	default:
		shows := have.Renewing() || have == cert.OrderRenewed || have == cert.OrderRenewalRejected
		return shows && have != before
	}
}

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
	if order := a.sentOrder(); order != nil {
		return order.Shown
	}
	return !slices.ContainsFunc(a, func(s Sent) bool { return !s.Shown })
}

// Arrival says how far a reading with its status shows the request to be. An order is awaited
// until another certificate is active, an edit until any is. An unknown word is InProgress unless
// the API says that it requires attention.
func (a Await) Arrival(have cert.Live, now time.Time) Arrival {
	switch phase := cert.PhaseOf(have, now); {
	case phase == cert.Deleted:
		return Vanished
	case !a.Shows():
		return InProgress
	case phase == cert.Active && a.replaced(have):
		return Active
	case phase != cert.Active && WordsOf(phase, have, now).Next == Person && (phase != cert.Unknown || have.RequiresAttention):
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
	case phase == cert.InFlight && have.AwaitsDCV():
		return state + ", " + words[cert.DomainControlValidation].State
	case phase == cert.InFlight && have.Status == cert.StatusOtherValidation:
		return state + ", " + words[cert.OtherValidation].State
	default:
		return state
	}
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

// replaced reports whether the active certificate is another one than before the order; true without an
// order. A renewal must expire later: another thumbprint with the same expiry is somebody's reissue.
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
	i := slices.IndexFunc(a, func(s Sent) bool { return s.Op.Order() })
	if i < 0 {
		return nil
	}
	return &a[i]
}
