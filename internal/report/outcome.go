package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// Result is the result of an operation. The zero value means that it did not begin.
type Result uint8

// The results.
const (
	NotStarted Result = iota
	Done
	Failed       // answered 4xx, or not sent: it did not happen
	Unknown      // sent; whether it happened is unknown
	Stale        // not sent: the request changed after the plan was made
	NotConverged // answered with success, but the request does not show it
	NotApproved  // the approval does not allow it
	NotConfirmed // a renewal or retrigger, answered with success and not visible yet
)

// String returns the word used in JSON.
func (r Result) String() string {
	return [...]string{"not-started", "done", "failed", "unknown", "stale", "not-converged", "not-approved", "not-confirmed"}[r]
}

// By is how a result is known.
type By uint8

// The kinds of evidence.
const (
	Answer  By = iota // the answer to the call
	Reading           // a later reading of the request
)

// String returns the word used in JSON.
func (b By) String() string { return [...]string{"answer", "reading"}[b] }

// Outcome is the result of one operation and its evidence.
type Outcome struct {
	Step     plan.Step // as planned
	Op       int       // index in Step.Ops
	Result   Result
	By       By
	Attempts int       // how often it was sent
	Sent     time.Time // when the run began to send it, or zero
	Reads    int       // readings made to settle it
	Until    time.Time // time of the last one
	Err      string    // why it is not done, or ""
	// OnlyThisRequest means that the API refused it, or the reading before it, for a reason that
	// concerns this request alone.
	OnlyThisRequest bool
	// Unauthorized means that the credentials were refused for the last attempt of this write.
	Unauthorized bool
	OtherRun     bool          // another run of this client was seen, or kept it from beginning
	Now          plan.Step     // of a stale one: the plan now
	Noted        bool          // a journal has it
	Left         []diff.Change // of one not converged: what still differs
	Before       cert.Live     // the reading right before it was sent, or zero
	Last         cert.Live     // the latest reading after it, made at Until, or zero
	Late         bool          // only a reading after the apply showed its effect
}

// Met reports whether the operation was not sent, because the reading right before it showed
// its effect already.
func (o Outcome) Met() bool { return o.Result == Done && o.Attempts == 0 && !o.Late }

// Unclear reports whether it is unknown if something was started at the certificate
// authority: a person has to look before the next run. A change of names that was
// answered with success and does not show may show late, and a renewal or retrigger that does
// not is sent again by the next run where nothing keeps it back. A PATCH of metadata starts
// nothing.
func (o Outcome) Unclear() bool {
	return o.Result == Unknown && o.Operation().AtMostOnce() ||
		o.Result == NotConverged && o.Operation().Order() ||
		o.ResendGuard() == GuardedByNothing
}

// Operation returns the operation the outcome is about.
func (o Outcome) Operation() plan.Operation { return o.Step.Ops[o.Op] }

// ChangedFields returns how the managed fields of a stale outcome's request differ now from
// the plan's reading.
func (o Outcome) ChangedFields() []diff.Change {
	if !o.Replanned() {
		return nil
	}
	now := cert.PatchOf(o.Now.Have).Only(o.Step.Want.Patch.Edits()...)
	return diff.Fields(now, o.Step.Have)
}

// Replanned reports whether Now is set. It is not if the request is gone.
func (o Outcome) Replanned() bool { return o.Now.Want.ID != 0 }

// States returns the state of the request in words, in the plan and now.
func (o Outcome) States(at time.Time) (planned, now string) {
	planned = plan.State(o.Step.Phase, o.Step.Have, at)
	if !o.Replanned() || o.Now.Fault != nil {
		return planned, planned
	}
	return planned, plan.State(o.Now.Phase, o.Now.Have, at)
}

// SameFacts reports whether one text covers both outcomes: they belong to one certificate,
// and none of its operations was sent.
func (o Outcome) SameFacts(next Outcome) bool {
	return o.Step.Want.ID == next.Step.Want.ID && o.Result == next.Result &&
		(o.Result == Stale || o.Result == NotApproved)
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

// ResendGuard is what keeps a later run from sending an order again that was answered with
// success and is not visible.
type ResendGuard string

// The guards, strongest first.
const (
	GuardedByJournal  ResendGuard = "journal"
	GuardedByCooldown ResendGuard = "order-cooldown" // last_modified moved
	GuardedByNothing  ResendGuard = "nothing"
)

// ResendGuard says what keeps an order that is not confirmed from being sent again; "" of any other operation.
func (o Outcome) ResendGuard() ResendGuard {
	switch {
	case o.Result != NotConfirmed:
		return ""
	case o.Noted:
		return GuardedByJournal
	case o.Last.Modified.After(o.Before.Modified):
		return GuardedByCooldown
	default:
		return GuardedByNothing
	}
}

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
	return where(r.Waits, func(w Wait) bool { return w.Ended == how })
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
