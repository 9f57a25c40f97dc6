// Package wait looks at the requests that an apply wrote to, until each is in
// service, needs a person, or time is up. It reads and never writes; what a reading
// means is decided by package plan.
package wait

import (
	"context"
	"errors"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Client is the part of the API that looking takes.
type Client interface {
	// Certificate reads a request, and with withStatus its status too.
	Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error)
	// Status returns have with the status read again.
	Status(ctx context.Context, have cert.Live) (cert.Live, error)
	// Each calls work with 0 to n-1, some at a time.
	Each(ctx context.Context, n int, work func(context.Context, int) error) error
}

// Options are what following takes from outside.
type Options struct {
	For time.Duration // how long at most
	Now func() time.Time
	// Wait pauses. An error ends the following: the run was told to stop.
	Wait func(context.Context, time.Duration) error

	Settled func(report.Outcome) // an operation is known, by a reading, to have taken effect
	Changed func(report.Wait)    // a request is in another state than before, or can't be read
	Ended   func(report.Wait)    // nothing more is read of a request
	Pausing func(Pause)          // nothing is read for a while
}

// Pause is a time without readings.
type Pause struct {
	Open, All int       // requests still followed, of all
	Next      time.Time // when they are read again
	Until     time.Time // when time is up
}

// The pauses between two looks at a request double from the shortest to the longest. A
// refusal, or a wrong request, shows within a minute; control of the names is asked
// for about 20 minutes after an order; issue and deployment take hours to days, which ten minutes more
// or less don't change. With the longest the 40 renewals that a run starts at most take 240
// readings an hour: less than the tightest limit that is known of the vendor, 300.
//
// Source: cps-api, sections 2.5 and 6.1.
const (
	shortestPause = 30 * time.Second
	longestPause  = 10 * time.Minute
)

// Run follows the requests that outcomes say were written to. Every one of them is
// ended once, also when a panic passes through. ctx ends it early.
func Run(ctx context.Context, c Client, outcomes []report.Outcome, o Options) {
	f := &waiter{client: c, o: o, all: written(outcomes)}
	defer f.endAll(report.Interrupted)
	f.known()
	until := o.Now().Add(o.For)
	for pause := shortestPause; len(f.open()) > 0; pause = min(2*pause, longestPause) {
		left := until.Sub(o.Now())
		if left <= 0 {
			f.endAll(report.OutOfTime)
			return
		}
		pause = min(pause, left)
		o.Pausing(Pause{Open: len(f.open()), All: len(f.all), Next: o.Now().Add(pause), Until: until})
		if o.Wait(ctx, pause) != nil || f.round(ctx) != nil {
			return
		}
	}
}

// waiter is what following knows so far.
type waiter struct {
	client Client
	o      Options
	all    []*request // in the order of the apply
}

func (f *waiter) open() []*request {
	var open []*request
	for _, r := range f.all {
		if !r.ended {
			open = append(open, r)
		}
	}
	return open
}

// known judges what the apply itself has read last: an edit of what is in service
// costs no further request.
func (f *waiter) known() {
	for _, r := range f.all {
		if !r.at.IsZero() {
			f.judge(r)
		}
	}
}

// round looks at each open request once, side by side, and judges afterwards, so that
// reports come in the same order however the answers arrive.
func (f *waiter) round(ctx context.Context) error {
	open := f.open()
	err := f.client.Each(ctx, len(open), func(ctx context.Context, i int) error {
		open[i].look(ctx, f.client, f.o.Now)
		return nil
	})
	for _, r := range open {
		f.judge(r)
	}
	return err
}

// endAll ends what is still followed. Where time is up while the last reading asks for a
// person, that is what there is to say.
func (f *waiter) endAll(how report.WaitEnd) {
	for _, r := range f.open() {
		switch {
		case how == report.OutOfTime && r.asks > 0:
			f.end(r, report.NeedsAction)
		case how == report.OutOfTime && r.reads == 0 && r.err != nil:
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

// enoughAsks is how many readings in a row have to ask for a person before one is
// called. A CA that finds the records of the last time passes through domain control by
// itself, and would be taken for one that waits.
const enoughAsks = 2

// judge takes the latest look at a request into account. A reading that failed may
// succeed the next time; a request that is gone, and credentials that are refused, even
// with a new token, stay so.
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
		f.settle(r)
		f.place(r)
	}
}

// settle reports each operation that the reading shows for the first time.
func (f *waiter) settle(r *request) {
	before := r.await
	r.await = r.await.Seen(r.last)
	for i := range r.await {
		if r.await[i].Shown && !before[i].Shown {
			r.outcomes[i] = r.outcomes[i].ShownAt(r.at)
			f.o.Settled(r.outcomes[i])
		}
	}
}

// place finds out how far the request is.
func (f *waiter) place(r *request) {
	arrival := r.await.Arrival(r.last, r.at)
	if arrival != plan.Stuck {
		r.asks = 0
	}
	switch arrival {
	case plan.InService:
		f.end(r, report.InService)
	case plan.Vanished:
		f.end(r, report.Vanished)
	case plan.Stuck:
		if r.asks++; r.asks >= enoughAsks {
			f.end(r, report.NeedsAction)
			return
		}
		f.reportState(r, r.await.Standing(r.last, r.at))
	case plan.OnTheWay:
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
