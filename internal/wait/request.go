package wait

import (
	"context"
	"errors"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// request is one request that is waited for.
type request struct {
	outcomes []report.Outcome // of its writes, one for each of await
	await    plan.Await

	last  cert.Live // the latest reading
	at    time.Time // when it was made; zero without one
	fresh bool      // last is not judged yet
	reads int       // readings by this package
	err   error     // of the latest reading; nil if it succeeded

	asks     int // readings in a row that ask for a person
	reported string
	ended    bool
	arrived  bool // active with what was awaited; the edge is still to serve it
}

// written groups outcomes by request, with the latest reading of the apply.
func written(outcomes []report.Outcome) []*request {
	var all []*request
	at := map[cert.ID]*request{}
	for _, o := range outcomes {
		if !o.NeedsWait() {
			continue
		}
		r := at[o.Step.Want.ID]
		if r == nil {
			r = &request{}
			at[o.Step.Want.ID], all = r, append(all, r)
		}
		r.outcomes = append(r.outcomes, o)
		r.await = append(r.await, plan.Sent{Op: o.Operation(), Before: o.Before, Shown: o.Result == report.Done})
		if o.Last.ID != 0 {
			r.last, r.at, r.fresh = o.Last, o.Until, true
		}
	}
	return all
}

func (r *request) id() cert.ID { return r.outcomes[0].Step.Want.ID }

// read reads the request once. A reading that the end of the run cuts off is no failure.
func (r *request) read(ctx context.Context, c Client, now func() time.Time) {
	have, err := r.reading(ctx, c, now())
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.err = err
	default:
		r.last, r.at, r.err, r.fresh = have, now(), nil, true
		r.reads++
	}
}

// reading reads only the status while that shows an order in progress. It reads all of the
// request if the wait may end.
func (r *request) reading(ctx context.Context, c Client, now time.Time) (cert.Live, error) {
	if r.at.IsZero() || !r.await.Shows() {
		return c.Certificate(ctx, r.id(), true)
	}
	have, err := c.Status(ctx, r.last)
	if errors.Is(err, cert.ErrNotFound) { // the request itself may still exist
		return c.Certificate(ctx, r.id(), true)
	}
	if err != nil || r.await.Arrival(have, now) == plan.InProgress && !settled(have) {
		return have, err
	}
	whole, err := c.Certificate(ctx, r.id(), false)
	return whole.WithStatusOf(have), err
}

// settled reports whether a status shows that nothing is in progress. The domains of an older
// reading may not show that.
func settled(have cert.Live) bool {
	return have.Status == cert.StatusDeleted || have.Status == cert.StatusActive && have.Order.Complete()
}

// wait returns the result for the report.
func (r *request) wait(how report.WaitEnd) report.Wait {
	w := report.Wait{Step: r.outcomes[0].Step, Ended: how, Have: r.last, At: r.at, Reads: r.reads}
	if r.err != nil {
		w.Err = r.err.Error()
	}
	if how == report.Vanished {
		w.Do = plan.DeletedAction()
	}
	if r.at.IsZero() {
		return w
	}
	w.Phase = cert.PhaseOf(r.last, r.at)
	w.State = r.await.Standing(r.last, r.at)
	if r.arrived && !how.Good() {
		w.State += ", not seen at every CDN host yet"
	}
	if how == report.NeedsAction {
		w.Do = r.await.Do(r.last, r.at)
	}
	if how.Good() {
		w.Undone = r.await.Undone(r.last)
	}
	return w
}
