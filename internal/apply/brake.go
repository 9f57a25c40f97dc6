package apply

import (
	"context"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// tolerated is how many failures in a row stop further orders.
const tolerated = 3

// otherRunAtWork is the reason for which no order is sent while another run is at work.
const otherRunAtWork = "another run of cpsync with the same client is at work"

// brake stops further orders after an order with an unknown outcome, several failures in a
// row, refused credentials for a write, or signs of another run. A rejection that concerns
// one request only stops nothing else.
type brake struct {
	failures int
	reason   string // "" while orders may be sent
}

// note adds an outcome. A reason, once set, stays.
func (b *brake) note(o report.Outcome) {
	switch o.Result {
	case report.Failed, report.Unknown:
		if !o.OnlyThisRequest {
			b.failures++
		}
	case report.Done, report.NotConfirmed:
		if !o.Met() { // if it is met, nothing was sent, and that proves nothing about the API
			b.failures = 0
		}
	case report.NotStarted, report.Stale, report.NotConverged, report.NotApproved:
	}
	switch {
	case b.reason != "":
	case o.OtherRun:
		b.reason = otherRunAtWork
	case o.Result == report.Unknown && o.Operation().Order():
		b.reason = "it is unknown whether an order before it was placed"
	case o.Unauthorized:
		b.reason = "the credentials were refused for a write"
	case b.failures >= tolerated:
		b.reason = strconv.Itoa(tolerated) + " operations in a row failed"
	}
}

// spread waits before an order, so that two runs do not send at the same moment. The request
// is read again afterwards.
func (t *task) spread(ctx context.Context, i int) {
	if t.o.Spread == nil || !t.step.Ops[i].Order() {
		return
	}
	_ = t.o.Wait(ctx, t.o.Spread()) // the caller checks for a stop
	t.read = false
}

// otherRun reports whether the reading before an operation shows a change by another run of this client. Such a
// change is newer than this run's first answer. This run did not send it, and modified_by names this client or
// nobody.
func (t *task) otherRun(op plan.Operation, have cert.Live) bool {
	planned := t.step.Have
	changed := !have.Modified.Equal(planned.Modified)
	foreign := have.ModifiedBy != "" && have.ModifiedBy != t.o.Self // a person, or another client
	newOrder := planned.StatusRead() && have.Order != planned.Order && have.Order.Open()
	switch {
	case foreign && (changed || t.wrote):
		return false
	case t.wrote: // the change may be this run's own edit, so only an order proves another run
		return newOrder && op.Order()
	case changed:
		return !have.Modified.Before(t.o.Began)
	default: // a change that the plan knew counts if it is certainly newer; Date has whole seconds
		return newOrder || !t.o.Began.IsZero() && !foreign && have.Modified.After(t.o.Began.Add(time.Second))
	}
}

// besideOtherRun handles an operation while another run is at work. An order is not sent. An edit is sent if it
// would still be planned with the last_modified of the plan. The newer last_modified would start the cooldown,
// and the edit would be deferred together with an order that this run does not send anyway.
func (t *task) besideOtherRun(ctx context.Context, out report.Outcome, rebuilt plan.Step) report.Outcome {
	done := t.done
	done.Modified = t.step.Have.Modified
	if op := out.Operation(); !op.Order() && plan.Rebuild(t.step, t.last, t.plan.Now, t.o.Plan, done).Plans(op) {
		return t.send(ctx, out)
	}
	out.Result, out.Now, out.Err = report.Stale, rebuilt, otherRunAtWork
	return out
}
