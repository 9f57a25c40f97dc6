// Package wait reads the requests that an apply wrote to, until each is active, needs a
// person, or time is up. It never writes. Package plan decides what a reading means.
package wait

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Client is the part of the API that waiting needs.
type Client interface {
	// Certificate reads a request, and withStatus its status too.
	Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error)
	// Status returns have with the status read again.
	Status(ctx context.Context, have cert.Live) (cert.Live, error)
	// Each calls work with 0 to n-1, some at a time.
	Each(ctx context.Context, n int, work func(context.Context, int) error) error
}

// Options are the inputs of Run.
type Options struct {
	For time.Duration // how long at most
	Now func() time.Time
	// Wait pauses. Its error means that the run was told to stop.
	Wait func(context.Context, time.Duration) error

	// Edge looks at what the CDN serves of requests that have arrived. Nil: nobody looks.
	Edge func(context.Context, []report.Wait) []plan.Served

	Settled func(report.Outcome) // a reading shows the effect of an operation
	Changed func(report.Wait)    // a request has another state, or cannot be read
	Ended   func(report.Wait)    // a request is not read any more
	Pausing func(Pause)          // a pause begins
}

// Pause is a pause between two rounds of readings.
type Pause struct {
	Open, All int       // requests still waited for, of all
	Next      time.Time // the next round
	Until     time.Time // when time is up
}

// The pauses between two readings of a request double from the shortest to the longest. A
// rejection shows within a minute, DCV begins about 20 minutes after an order, and issuance
// and deployment take hours to days. With the longest pause, the 40 renewals that a run
// starts at most take 240 readings an hour. The tightest known limit of the vendor is 300.
//
// Source: cps-api, sections 2.5 and 6.1.
const (
	shortestPause = 30 * time.Second
	longestPause  = 10 * time.Minute
)

// Run waits for the requests that outcomes wrote to. It ends each of them once, also when a
// panic passes through. The end of ctx ends all.
func Run(ctx context.Context, c Client, outcomes []report.Outcome, o Options) {
	f := &waiter{o: o, all: written(outcomes)}
	defer f.endAll(report.Interrupted)
	for _, r := range f.all {
		f.judge(r) // by the last reading of the apply: an edit of an active certificate costs no further request
	}
	f.edge(ctx)
	until := o.Now().Add(o.For)
	for pause := shortestPause; len(f.open()) > 0; pause = min(2*pause, longestPause) {
		left := until.Sub(o.Now())
		if left <= 0 {
			f.endAll(report.OutOfTime)
			return
		}
		pause = min(pause, left)
		open := f.open()
		o.Pausing(Pause{Open: len(open), All: len(f.all), Next: o.Now().Add(pause), Until: until})
		if o.Wait(ctx, pause) != nil {
			return
		}
		err := c.Each(ctx, len(open), func(ctx context.Context, i int) error {
			open[i].read(ctx, c, o.Now)
			return nil
		})
		for _, r := range open { // after all have been read, so that reports do not depend on the order of the answers
			f.judge(r)
		}
		f.edge(ctx)
		if err != nil {
			return
		}
	}
}

type waiter struct {
	o   Options
	all []*request // in the order of the apply
}

func (f *waiter) open() []*request {
	return slices.DeleteFunc(slices.Clone(f.all), func(r *request) bool { return r.ended })
}

// edge ends the wait for what the CDN serves. Where nothing can be seen of it, active is all
// that is waited for.
func (f *waiter) edge(ctx context.Context) {
	arrived := slices.DeleteFunc(f.open(), func(r *request) bool { return !r.arrived })
	if len(arrived) == 0 {
		return
	}
	waits := make([]report.Wait, len(arrived))
	for i, r := range arrived {
		waits[i] = r.wait(report.Active)
	}
	for i, seen := range f.o.Edge(ctx, waits) {
		switch r := arrived[i]; {
		case ctx.Err() != nil:
		case seen.There:
			f.end(r, report.Served)
		case !seen.AtHost():
			f.end(r, report.Active)
		default:
			f.reportState(r, r.wait(report.Interrupted).State)
		}
	}
}

// oldest is the age of a reading that says no more how a request is, after which none succeeded.
const oldest = 3 * longestPause

// endAll ends all open requests. If time is up while the last reading of one asks for a
// person, it ends as one that needs a person.
func (f *waiter) endAll(how report.WaitEnd) {
	for _, r := range f.open() {
		switch {
		case how == report.OutOfTime && r.asks > 0:
			f.end(r, report.NeedsAction)
		case how == report.OutOfTime && r.err != nil && (r.reads == 0 || f.o.Now().Sub(r.at) > oldest):
			f.end(r, report.Unread)
		default:
			f.end(r, how)
		}
	}
}

func (f *waiter) end(r *request, how report.WaitEnd) {
	r.ended = true
	f.o.Ended(r.wait(how))
}

// enoughAsks is how many readings in a row must ask for a person before the wait ends. A CA
// that finds the records of the last order completes DCV by itself, and one reading may fall
// into that time.
const enoughAsks = 2

// judge takes the latest reading of a request into account. A failed reading may succeed the
// next time. A missing request and refused credentials are final.
func (f *waiter) judge(r *request) {
	switch {
	case errors.Is(r.err, cert.ErrNotFound):
		f.end(r, report.Vanished)
	case errors.Is(r.err, cert.ErrUnauthorized):
		f.end(r, report.Unread)
	case r.err != nil:
		f.reportState(r, "could not be read: "+r.err.Error())
	case r.fresh:
		r.fresh = false
		before := r.await
		r.await = r.await.Seen(r.last)
		for i := range r.await { // the operations whose effect this reading shows for the first time
			if r.await[i].Shown && !before[i].Shown {
				r.outcomes[i] = r.outcomes[i].ShownAt(r.at)
				f.o.Settled(r.outcomes[i])
			}
		}
		f.place(r)
	}
}

func (f *waiter) place(r *request) {
	arrival := r.await.Arrival(r.last, r.at)
	r.arrived = arrival == plan.Active && f.o.Edge != nil && r.await.HasOrder()
	r.asks++
	if arrival != plan.Stuck {
		r.asks = 0
	}
	switch {
	case arrival == plan.Active && r.arrived: // the edge is still to serve it
	case arrival == plan.Active:
		f.end(r, report.Active)
	case arrival == plan.Vanished:
		f.end(r, report.Vanished)
	case r.asks >= enoughAsks:
		f.end(r, report.NeedsAction)
	default:
		f.reportState(r, r.await.Standing(r.last, r.at))
	}
}

// reportState reports the state of the request when it changed.
func (f *waiter) reportState(r *request, state string) {
	if r.reported != state {
		r.reported = state
		f.o.Changed(r.wait(report.Interrupted))
	}
}

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
	if err != nil {
		return have, err
	}
	// The domains of an older reading may not show that nothing is in progress.
	settled := have.Status == cert.StatusDeleted || have.Status == cert.StatusActive && have.Order.Complete()
	if !settled && r.await.Arrival(have, now) == plan.InProgress {
		return have, nil
	}
	whole, err := c.Certificate(ctx, r.id(), false)
	return whole.WithStatusOf(have), err
}

func (r *request) wait(how report.WaitEnd) report.Wait {
	w := report.Wait{Step: r.outcomes[0].Step, Ended: how, Have: r.last, At: r.at, Reads: r.reads}
	if r.err != nil {
		w.Err = r.err.Error()
	}
	switch {
	case how != report.Vanished:
	case r.err == nil: // a reading shows that it was deleted
		w.Do = plan.WordsOf(cert.Deleted, r.last, r.at).Do
	default: // the credentials may be what changed
		w.Do = plan.Advise("look at request " + r.id().String() + " in the portal; remove the manifest only if it is deleted there")
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
		w.Do = plan.WordsOf(w.Phase, r.last, r.at).Do
	}
	if how.Good() {
		w.Undone = r.await.Undone(r.last)
	}
	return w
}
