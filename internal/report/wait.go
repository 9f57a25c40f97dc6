package report

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// WaitEnd says how the following of a request ended. The zero value: the run did.
type WaitEnd uint8

// The ways in which it ends.
const (
	Interrupted WaitEnd = iota
	InService
	NeedsAction
	Vanished  // the request was deleted, or can't be found any more
	OutOfTime // still on its way when the time was up
	Unread    // it could not be read
)

// WaitEnds lists all of them, by who acts next.
func WaitEnds() []WaitEnd {
	return []WaitEnd{NeedsAction, Vanished, Unread, OutOfTime, Interrupted, InService}
}

// String returns the word used in JSON.
func (e WaitEnd) String() string {
	return [...]string{"interrupted", "in-service", "needs-you", "gone", "out-of-time", "unread"}[e]
}

// Wait is what became of a request that an apply wrote to, up to the end of --wait.
type Wait struct {
	Step  plan.Step // as planned
	Ended WaitEnd
	Have  cert.Live // the last reading; zero without one
	Phase cert.Phase
	At    time.Time   // of that reading; zero without one
	State string      // what people call its state; "" without one
	Do    plan.Action // what a person does
	Reads int         // how often it was looked at
	Err   string      // why the latest reading failed; "" when it did not
	// Undone is what was sent and shown, and changed by somebody since.
	Undone []diff.Change
}

// Waited returns those whose following ended in a way, in the order they ended.
func (r Report) Waited(how WaitEnd) []Wait {
	var in []Wait
	for _, w := range r.Waits {
		if w.Ended == how {
			in = append(in, w)
		}
	}
	return in
}

// Wait returns what became of a request, by id; false when it was not followed.
func (r Report) Wait(id cert.ID) (Wait, bool) {
	for _, w := range r.Waits {
		if w.Step.Want.ID == id {
			return w, true
		}
	}
	return Wait{}, false
}

// Arrived reports whether everything that was followed is in service, or waits for a
// person.
func (r Report) Arrived() bool {
	return len(r.Waited(InService))+len(r.Waited(NeedsAction)) == len(r.Waits)
}

// LateOrders reports whether an order turned out to have been placed only after others
// were not started because of it.
func (r Report) LateOrders() bool {
	late := func(o Outcome) bool { return o.Late && o.Operation().Order() }
	return slices.ContainsFunc(r.Outcomes, late) && r.Count(NotStarted) > 0
}

// NeedsWait reports whether the request of an operation is to be followed for it: it
// was sent, and was carried out or may have been.
func (o Outcome) NeedsWait() bool {
	return o.Result == Done && !o.Met() || o.Result == Unknown || o.Result == NotConverged || o.Result == NotConfirmed
}

// ShownAt returns the outcome with what a later reading showed: that it took effect.
// The evidence is the one that settles a lost answer, only later. An order that had been
// answered is done by its answer.
func (o Outcome) ShownAt(at time.Time) Outcome {
	switch o.Result {
	case Done:
		return o
	case NotConfirmed:
		o.Until = at
	case NotStarted, Failed, Unknown, Stale, NotConverged, NotApproved:
		o.By, o.Late, o.Until = Reading, true, at
	}
	o.Result, o.Err, o.Left = Done, "", nil
	return o
}

// Expiring returns what ends within the time that fails the run, the soonest end first.
func (r Report) Expiring() []plan.Step {
	if r.ExpiringWithin == 0 {
		return nil
	}
	return slices.DeleteFunc(view.EndingWithin(r.Plan, r.ExpiringWithin), r.replaced)
}

// replaced reports whether the waiting has seen another certificate in service, which
// does not end within that time.
func (r Report) replaced(s plan.Step) bool {
	w, _ := r.Wait(s.Want.ID)
	return w.Ended == InService && w.Have.Expires.After(r.Plan.Now.Add(r.ExpiringWithin))
}
