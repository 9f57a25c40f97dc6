package wait

import (
	"errors"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// enoughAsks is how many readings in a row have to ask for a person before one is
// called. A CA that finds the records of the last time passes through domain control by
// itself, and would be taken for one that waits.
const enoughAsks = 2

// judge takes the latest look at a request into account. A reading that failed may
// succeed the next time; a request that is gone, and credentials that are refused, even
// with a new token, stay so.
func (f *follower) judge(r *request) {
	switch {
	case errors.Is(r.err, cert.ErrNotFound):
		f.end(r, report.Vanished)
	case errors.Is(r.err, cert.ErrUnauthorized):
		f.end(r, report.Unread)
	case r.err != nil:
		f.tell(r, "could not be read: "+r.err.Error())
	case r.fresh:
		r.fresh = false
		f.settle(r)
		f.place(r)
	}
}

// settle tells of each operation that the reading shows for the first time.
func (f *follower) settle(r *request) {
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
func (f *follower) place(r *request) {
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
			f.end(r, report.NeedsYou)
			return
		}
		f.tell(r, r.await.Standing(r.last, r.at))
	case plan.OnTheWay:
		f.tell(r, r.await.Standing(r.last, r.at))
	}
}

// tell says where the request is, when that is not what was said last.
func (f *follower) tell(r *request, state string) {
	if r.told != state {
		r.told = state
		f.o.Moved(r.wait(report.Interrupted))
	}
}
