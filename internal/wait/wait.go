// Package wait looks at the requests that an apply wrote to, until each is in
// service, needs a person, or time is up. It reads and never writes; what a reading
// means is decided by package plan.
package wait

import (
	"context"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// Client is the part of the API that looking takes.
type Client interface {
	// Certificate reads a request, and with withStatus its status too.
	Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error)
	// Status returns have with the status read anew.
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
	Moved   func(report.Wait)    // a request is in another state than before, or can't be read
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
	f := &follower{client: c, o: o, all: written(outcomes)}
	defer f.rest(report.Interrupted)
	f.known()
	until := o.Now().Add(o.For)
	for pause := shortestPause; len(f.open()) > 0; pause = min(2*pause, longestPause) {
		left := until.Sub(o.Now())
		if left <= 0 {
			f.rest(report.OutOfTime)
			return
		}
		pause = min(pause, left)
		o.Pausing(Pause{Open: len(f.open()), All: len(f.all), Next: o.Now().Add(pause), Until: until})
		if o.Wait(ctx, pause) != nil || f.round(ctx) != nil {
			return
		}
	}
}

// follower is what following knows so far.
type follower struct {
	client Client
	o      Options
	all    []*request // in the order of the apply
}

func (f *follower) open() []*request {
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
func (f *follower) known() {
	for _, r := range f.all {
		if !r.at.IsZero() {
			f.judge(r)
		}
	}
}

// round looks at each open request once, side by side, and judges afterwards, so that
// what is told stands in the same order however the answers come.
func (f *follower) round(ctx context.Context) error {
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

// rest ends what is still followed. Where time is up while the last reading asks for a
// person, that is what there is to say.
func (f *follower) rest(how report.WaitEnd) {
	for _, r := range f.open() {
		switch {
		case how == report.OutOfTime && r.asks > 0:
			f.end(r, report.NeedsYou)
		case how == report.OutOfTime && r.reads == 0 && r.err != nil:
			f.end(r, report.Unread)
		default:
			f.end(r, how)
		}
	}
}

func (f *follower) end(r *request, how report.WaitEnd) {
	r.ended = true
	f.o.Ended(r.wait(how))
}
