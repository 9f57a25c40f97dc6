package apply

import (
	"context"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
)

// afterAll is when orders that were answered with success and not visible are read again,
// all together, counted from the last write.
var afterAll = []time.Duration{10 * time.Second, 30 * time.Second, 120 * time.Second}

// unconfirmed is an order that was answered with success, and that no reading showed so far.
type unconfirmed struct {
	at    int    // of its outcome
	write string // its name in the journal
}

// confirm reads unconfirmed orders until each is visible. After a stop it reads once more and
// ends.
func (r *runner) confirm(ctx context.Context) {
	var passed time.Duration
	for _, at := range afterAll {
		if len(r.unconfirmed) == 0 {
			return
		}
		last := r.o.Wait(ctx, at-passed) != nil
		passed = at
		r.unconfirmed = slices.DeleteFunc(r.unconfirmed, func(u unconfirmed) bool { return r.shows(ctx, u) })
		if last {
			return
		}
	}
}

// shows reads the request of an order, and reports whether the order is visible.
func (r *runner) shows(ctx context.Context, u unconfirmed) bool {
	out := r.outcomes[u.at]
	have, err := r.client.Certificate(ctx, out.Step.Want.ID, true)
	if err != nil {
		return false
	}
	out.Reads, out.Last, out.Until = out.Reads+1, have, r.o.Now()
	shown := plan.TookEffect(out.Operation(), out.Before, have)
	if shown {
		out = out.ShownAt(out.Until)
		r.o.Journal.Seen(u.write)
	}
	r.outcomes[u.at] = out
	if r.o.Settled != nil {
		r.o.Settled(out)
	}
	return shown
}
