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
	return o.Result == Unknown && o.Operation().SentOnce() ||
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

// LastChange returns when the request changed after the plan's reading, and by whom if the API
// says so. The time is zero if it did not change.
func (o Outcome) LastChange() (at time.Time, by string) {
	if now := o.Now.Have; now.Modified.After(o.Step.Have.Modified) {
		return now.Modified, now.ModifiedBy
	}
	return time.Time{}, ""
}

// WithResult returns the outcomes with a result, in the order in which they ended.
func (r Report) WithResult(result Result) []Outcome {
	var in []Outcome
	for _, o := range r.Outcomes {
		if o.Result == result {
			in = append(in, o)
		}
	}
	return in
}

// SameFacts reports whether one text covers both outcomes: they belong to one certificate,
// and none of its operations was sent.
func (o Outcome) SameFacts(next Outcome) bool {
	return o.Step.Want.ID == next.Step.Want.ID && o.Result == next.Result &&
		(o.Result == Stale || o.Result == NotApproved)
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
