package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// handedBack reports whether the client returned a 401 or 429 without a retry, because the
// API may have carried the call out all the same.
func handedBack(out report.Outcome, err error) bool {
	return out.Operation().SentOnce() && errors.Is(err, cert.ErrRetryLater)
}

// doubtfulEdit reports whether an edit failed after an attempt that may have taken effect.
func doubtfulEdit(out report.Outcome, err error) bool {
	failed := errors.Is(err, cert.ErrRefused) || errors.Is(err, cert.ErrNotSent)
	before := out.Attempts > 1 || out.Attempts == 1 && (errors.Is(err, cert.ErrNotSent) || errors.Is(err, cert.ErrRetryLater))
	return failed && before && !out.Operation().SentOnce()
}

// readBeforeRetry waits as long as the server asks, reads, and reports whether the call may be sent
// again, because nothing has changed since the reading before it. Otherwise the outcome is
// final.
func (t *task) readBeforeRetry(ctx context.Context, out report.Outcome, before cert.Live, failed error) (report.Outcome, bool) {
	wait, why := t.client.RetryDelay(ctx, failed)
	out.Unauthorized = why != nil && out.Unauthorized // a new token may be enough
	switch out, same := t.readOnce(ctx, out, before, failed, wait); {
	case !same:
		return out, false
	case why != nil:
		out.Result, out.Err = report.Failed, failed.Error()+"; "+why.Error()
		return out, false
	default:
		out.Err = ""
		return out, true
	}
}

// readAfterLast is readBeforeRetry for a call that is not sent again. An attempt before the last one
// may have taken effect.
func (t *task) readAfterLast(ctx context.Context, out report.Outcome, before cert.Live, failed error, wait time.Duration) report.Outcome {
	out, same := t.readOnce(ctx, out, before, failed, wait)
	if same {
		out.Result = report.Failed
	}
	return out
}

// readOnce reads once after a wait. If same is false, the outcome is final: a reading shows the
// order, or something changed, or nothing could be read.
func (t *task) readOnce(ctx context.Context, out report.Outcome, before cert.Live, failed error, wait time.Duration) (_ report.Outcome, same bool) {
	out.Err = failed.Error()
	took := func(have cert.Live) bool { return plan.TookEffect(out.Operation(), before, have) }
	switch read, shown := t.watch(ctx, &out, []time.Duration{wait}, took); {
	case shown:
		return shownByReading(out), false
	case read && (wait == 0 || !t.stopped()) && unmoved(before, t.last):
		return out, true
	default:
		return t.settle(ctx, out, before), false
	}
}

// unmoved reports whether nothing has changed that an order could change.
func unmoved(before, have cert.Live) bool {
	return have.Order == before.Order && have.Expires.Equal(before.Expires) && have.Modified.Equal(before.Modified) &&
		have.Common == before.Common && slices.Equal(have.Names(), before.Names())
}
