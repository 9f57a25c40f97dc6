package apply

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// failuresToStop is how many failures in a row stop further orders.
const failuresToStop = 3

// The reasons why an operation is not sent where another run is, or may be, at work.
const (
	otherRunAtWork  = "another run of cpsync with the same client is at work"
	otherRunPerhaps = "the request was changed during this run, and the API does not say by whom: another run may be at work"
)

// brake stops what must not be sent twice: orders, and changes of the DCV method. It stops them after an order with
// an unknown outcome, several failures in a row, refused credentials for a write, or signs of another run. An
// answer that is about a single request is no such failure.
type brake struct {
	failures int
	reason   string // "" while orders may be sent
	rival    string // the first sign of another run; "" without one
}

// rivalry notes what a reading that shows another run says of it.
func (b *brake) rivalry(have cert.Live, self string) {
	why := otherRunPerhaps
	if self != "" && have.ModifiedBy == self {
		why = otherRunAtWork
	}
	b.rival = cmp.Or(b.rival, why)
}

// note adds an outcome. A reason, once set, stays.
func (b *brake) note(o report.Outcome) {
	switch o.Result {
	case report.Failed, report.Unknown:
		if !o.OnlyThisRequest {
			b.failures++
		}
	case report.Done, report.NotConfirmed:
		if !o.Met() { // a request was sent and accepted
			b.failures = 0
		}
	case report.NotStarted, report.Stale, report.NotConverged, report.NotApproved: // say nothing about the API
	}
	switch {
	case b.reason != "":
	case o.OtherRun:
		b.reason = b.rival
	case o.Result == report.Unknown && o.Operation().Order():
		b.reason = "it is unknown whether an order before it was placed"
	case o.Unauthorized:
		b.reason = "the credentials were refused for a write"
	case b.failures >= failuresToStop:
		b.reason = strconv.Itoa(failuresToStop) + " operations in a row failed"
	}
}

// waitToSpread waits before an order, so that two runs do not send at the same moment. The request
// is read again afterwards.
func (t *task) waitToSpread(ctx context.Context, i int) {
	if t.o.Spread == nil || !t.step.Ops[i].Order() {
		return
	}
	_ = t.o.Wait(ctx, t.o.Spread()) // the caller checks for a stop
	t.current = false
}

// otherRun reports whether the reading before an operation shows a write by another run: one that this client made
// after this run began, and that this run did not send. It shows by a newer last_modified, or by an order that the
// plan did not know. A change by a person or another client is none, if modified_by names them.
func (t *task) otherRun(op plan.Operation, have cert.Live) bool {
	planned, began := t.step.Have, t.o.Began
	changed := !have.Modified.Equal(planned.Modified)
	bySomebodyElse := have.ModifiedBy != "" && have.ModifiedBy != t.o.Self
	newOrder := planned.StatusRead() && have.Order != planned.Order && have.Order.Open()
	switch {
	case bySomebodyElse && (changed || t.wrote):
		return false
	case t.wrote: // last_modified may be this run's own. The order is not: a step has one, and it is still to be sent
		return newOrder && op.Order()
	case changed: // if it is not known when this run began, any change counts
		return !have.Modified.Before(began)
	case newOrder:
		return true
	default: // the change came before the plan read the request. began has whole seconds, so a second makes it certain
		return !bySomebodyElse && !began.IsZero() && have.Modified.After(began.Add(time.Second))
	}
}

// besideOtherRun handles an operation while another run is at work. What must not be sent twice is not sent. Any other
// edit is, if it would be planned without the other run's write too. That write starts the cooldown, the cooldown
// defers the order of this step, and an edit is deferred together with the order beside it. So the step is built with
// the last_modified that the plan has.
func (t *task) besideOtherRun(ctx context.Context, out report.Outcome, now plan.Step) report.Outcome {
	done := t.done
	done.Modified = t.step.Have.Modified
	if op := out.Operation(); !op.AtMostOnce() && plan.Rebuild(t.step, t.last, t.plan.Now, t.o.Plan, done).Plans(op) {
		return t.send(ctx, out)
	}
	out.Result, out.Now, out.Err = report.Stale, now, t.brake.rival
	return out
}
