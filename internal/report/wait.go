package report

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// WaitEnd is how the wait for a request ended. The zero value means that the run ended.
type WaitEnd uint8

// The ends of a wait.
const (
	Interrupted WaitEnd = iota
	Active
	Served // by the CDN, as --check-edge saw
	NeedsAction
	Vanished  // the request was deleted, or is not found
	OutOfTime // still in progress when time was up
	Unread    // it could not be read
)

// WaitEnds returns all ends, by who acts next.
func WaitEnds() []WaitEnd {
	return []WaitEnd{NeedsAction, Vanished, Unread, OutOfTime, Interrupted, Active, Served}
}

// String returns the word used in JSON.
func (e WaitEnd) String() string {
	return [...]string{"interrupted", "active", "served", "action-required", "not-found", "timeout", "not-read"}[e]
}

// Good reports whether the request was seen active.
func (e WaitEnd) Good() bool { return e == Active || e == Served }

// Wait is the result of --wait for one request.
type Wait struct {
	Step  plan.Step // as planned
	Ended WaitEnd
	Have  cert.Live // the last reading; zero without one
	Phase cert.Phase
	At    time.Time   // of that reading, or zero
	State string      // the state in words, or ""
	Do    plan.Action // what a person does
	Reads int         // number of readings
	Err   string      // why the latest reading failed, or ""
	// Undone is what was sent and visible, and changed since by others.
	Undone []diff.Change
}

// Waited returns the waits with an end, in the order in which they ended.
func (r Report) Waited(how WaitEnd) []Wait {
	var in []Wait
	for _, w := range r.Waits {
		if w.Ended == how {
			in = append(in, w)
		}
	}
	return in
}

// Wait returns the wait for a request, by id, and whether there was one.
func (r Report) Wait(id cert.ID) (Wait, bool) {
	for _, w := range r.Waits {
		if w.Step.Want.ID == id {
			return w, true
		}
	}
	return Wait{}, false
}

// Arrived reports whether every request of --wait is active or needs a person.
func (r Report) Arrived() bool {
	return len(r.Waited(Active))+len(r.Waited(Served))+len(r.Waited(NeedsAction)) == len(r.Waits)
}

// LateOrders reports whether an order became visible only after others were not started
// because of it.
func (r Report) LateOrders() bool {
	late := func(o Outcome) bool { return o.Late && o.Operation().Order() }
	return slices.ContainsFunc(r.Outcomes, late) && r.Count(NotStarted) > 0
}

// NeedsWait reports whether --wait reads the request of an operation: the operation was sent
// and took effect or may have.
func (o Outcome) NeedsWait() bool {
	return o.Result == Done && !o.Met() || o.Result == Unknown || o.Result == NotConverged || o.Result == NotConfirmed
}

// ShownAt returns the outcome after a later reading showed its effect, which is the evidence
// for a lost answer. An order that was answered with success is done by its answer.
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
	return slices.DeleteFunc(view.ExpiringWithin(r.Plan.Where(r.AnswersFor), r.ExpiringWithin), r.replaced)
}

// replaced reports whether the waiting has seen another certificate in service, which
// does not end within that time.
func (r Report) replaced(s plan.Step) bool {
	w, _ := r.Wait(s.Want.ID)
	return w.Ended.Good() && w.Have.Expires.After(r.Plan.Now.Add(r.ExpiringWithin))
}
