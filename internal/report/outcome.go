package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
)

// Result is what became of an operation. The zero value: it was not begun.
type Result uint8

// The results.
const (
	NotStarted Result = iota
	Done
	Failed       // the server answered 4xx, or nothing was sent: it did not happen
	Unknown      // sent, and nobody can tell whether it happened
	Stale        // not sent: the request changed after the plan was made
	NotConverged // answered with success, but the request does not show it
	NotApproved  // left alone: the approval allows something else, or nothing
	NotConfirmed // a renewal or retrigger, answered with success, that no reading shows yet
)

// String returns the word used in JSON.
func (r Result) String() string {
	return [...]string{"not-started", "done", "failed", "unknown", "stale", "not-converged", "not-approved", "not-confirmed"}[r]
}

// By says how a result is known.
type By uint8

// The kinds of evidence.
const (
	Answer  By = iota // the answer to the call
	Reading           // a later reading of the request
)

// String returns the word used in JSON.
func (b By) String() string { return [...]string{"answer", "reading"}[b] }

// Outcome is what became of one operation.
type Outcome struct {
	Step     plan.Step // as planned
	Op       int       // index in Step.Ops
	Result   Result
	By       By
	Attempts int       // how often it was sent
	Sent     time.Time // when the run began to send it; zero when it was not sent
	Reads    int       // readings made to settle it
	Until    time.Time // the last of them
	Err      string    // why it is not done; "" when it is
	// OneRequest: the API refused it, or the reading before it, for a reason that says nothing
	// of other requests.
	OneRequest bool
	// Unauthorized: the credentials were refused for this write, if only for its last attempt.
	Unauthorized bool
	OtherRun     bool          // another run of this client was seen at work, or kept it from being started
	Now          plan.Step     // of a stale one: what would be planned now
	Noted        bool          // a journal holds it
	Left         []diff.Change // of one that did not converge: what the request still shows
	Before       cert.Live     // the reading right before it was sent; zero when it was not
	Last         cert.Live     // the latest reading after it, made at Until; zero when there was none
	Late         bool          // only a reading after the apply showed that it took effect
}

// Met reports whether a reading right before the operation showed all that it was to
// bring about, so that it was not sent.
func (o Outcome) Met() bool { return o.Result == Done && o.Attempts == 0 && !o.Late }

// Unclear reports whether nobody can tell if something was started at the certificate
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

// ChangedFields lists how the request of a stale outcome differs now from what the plan
// rested on, in the fields that the manifest manages. From is then, To is now.
func (o Outcome) ChangedFields() []diff.Change {
	if !o.Replanned() {
		return nil
	}
	now := cert.PatchOf(o.Now.Have).Only(o.Step.Want.Patch.Edits()...)
	return diff.Fields(now, o.Step.Have)
}

// Replanned reports whether Now holds what would be planned now: it does not when the
// request is gone.
func (o Outcome) Replanned() bool { return o.Now.Want.ID != 0 }

// States returns what people call the state of the request, in the plan and now.
func (o Outcome) States(at time.Time) (planned, now string) {
	planned = plan.State(o.Step.Phase, o.Step.Have, at)
	if !o.Replanned() || o.Now.Fault != nil {
		return planned, planned
	}
	return planned, plan.State(o.Now.Phase, o.Now.Have, at)
}

// LastChange returns when the request changed after the plan's reading, and by whom where
// the API says so; the zero time when it did not.
func (o Outcome) LastChange() (at time.Time, by string) {
	if now := o.Now.Have; now.Modified.After(o.Step.Have.Modified) {
		return now.Modified, now.ModifiedBy
	}
	return time.Time{}, ""
}

// WithResult returns the outcomes with a result, in the order they ended.
func (r Report) WithResult(result Result) []Outcome {
	var in []Outcome
	for _, o := range r.Outcomes {
		if o.Result == result {
			in = append(in, o)
		}
	}
	return in
}

// Detailed returns the outcomes that take more than a line to tell: unknown, stale,
// not converged and not approved. A certificate is told of once where one block says
// it for all its operations.
func (r Report) Detailed() []Outcome {
	var in []Outcome
	for i, o := range r.Outcomes {
		again := i > 0 && r.Outcomes[i-1].sameBlock(o)
		switch o.Result {
		case Unknown, Stale, NotConverged, NotApproved:
			if !again {
				in = append(in, o)
			}
		case NotStarted, Done, Failed, NotConfirmed:
		}
	}
	return in
}

// sameBlock reports whether what is told of o says it for next too: both are of one
// certificate, which was left alone as a whole.
func (o Outcome) sameBlock(next Outcome) bool {
	return o.Step.Want.ID == next.Step.Want.ID && o.Result == next.Result &&
		(o.Result == Stale || o.Result == NotApproved)
}

// ResendGuard is what keeps a further run from sending an order again that was answered with
// success and that no reading shows.
type ResendGuard string

// The keepers, from the strongest on.
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

// GuardedBy returns the orders not confirmed of one keeper.
func (r Report) GuardedBy(k ResendGuard) []Outcome {
	var all []Outcome
	for _, o := range r.Outcomes {
		if o.ResendGuard() == k {
			all = append(all, o)
		}
	}
	return all
}
