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

// send sends the operation and returns its outcome. If that panics, the operation has an outcome
// all the same, because a write may be in flight.
func (t *task) send(ctx context.Context, out report.Outcome) report.Outcome {
	before := t.last
	t.current = false
	returned := false
	defer func() {
		if !returned { // a panic passes through
			out.Result, out.Attempts, out.Sent, out.Err = report.Unknown, 1, t.o.Now(), "an internal error broke it off"
			t.add(out)
		}
	}()
	out = t.sendWithJournal(ctx, out, before)
	returned = true
	return out
}

// sendWithJournal writes a line to the journal before it sends, and one with the outcome after.
func (t *task) sendWithJournal(ctx context.Context, out report.Outcome, before cert.Live) report.Outcome {
	write, err := t.o.Journal.Before(out.Operation(), t.step.Want.ID, before)
	t.entry = write
	if err != nil {
		t.current = true
		out.Result, out.Err = report.Failed, "nothing was sent: the journal could not be written: "+err.Error()
		return out
	}
	out = t.sendAndRead(ctx, out, before)
	out.Before, out.Noted = before, write != ""
	if out.Reads > 0 {
		out.Last = t.last
	}
	if t.o.Self == "" && out.Result == report.Done && t.last.Modified.After(before.Modified) {
		t.o.Self = t.last.ModifiedBy // the first write of this run that a reading shows
	}
	switch {
	case out.OnlyThisRequest:
		t.o.Journal.Refused(write, out.Err)
	case out.Result == report.NotConfirmed: // in the journal it is done
		t.o.Journal.After(write, report.Done.String(), cert.Live{})
	default:
		t.o.Journal.After(write, out.Result.String(), t.shownBy(out))
	}
	if out.OnlyThisRequest && !out.Noted && t.step.Tries(out.Operation()) {
		out.Err += "; policy.allow_undocumented sends it again in every run, unless --journal FILE remembers that it was refused"
	}
	if out.Operation().Order() && out.Result == report.Done {
		t.o.Journal.Seen(write)
	}
	return out
}

// shownBy returns the reading that showed the effect right after the answer. It is zero without one, and if
// time passed in which another run could write: then last_modified may be that run's.
func (t *task) shownBy(out report.Outcome) cert.Live {
	if out.Result != report.Done || out.By != report.Answer || out.Attempts != 1 || out.Reads != 1 || !t.current {
		return cert.Live{}
	}
	return t.last
}

// sendAndRead sends the operation, and reads what became of it. It sends an order that was
// answered 401 or 429 once more if a reading shows no change. If that one is refused too, the
// reason may be that the first one took effect.
func (t *task) sendAndRead(ctx context.Context, out report.Outcome, before cert.Live) report.Outcome {
	out, err := t.sendOnce(ctx, out)
	again := false
	if handedBack(out, err) {
		var waited time.Duration
		if out, waited, again = t.readBeforeRetry(ctx, out, before, err); !again {
			return out
		}
		t.client.SentAgain(waited)
		if out, err = t.sendOnce(ctx, out); handedBack(out, err) {
			wait, _ := t.client.RetryDelay(ctx, err)
			return t.readAfterLast(ctx, out, before, err, wait)
		}
	}
	switch {
	case err == nil:
		return t.converge(ctx, out, before)
	case doubtfulEdit(out, err):
		return t.readAfterLast(ctx, out, before, err, 0)
	case errors.Is(err, cert.ErrNotSent), errors.Is(err, cert.ErrRefused) && !again:
		out.Result, out.Err, out.OnlyThisRequest = report.Failed, err.Error(), errors.Is(err, cert.ErrOnlyThisRequest)
		t.current = out.Attempts == 0
		return out
	default:
		out.Err = err.Error()
		return t.settle(ctx, out, before)
	}
}

func (t *task) sendOnce(ctx context.Context, out report.Outcome) (report.Outcome, error) {
	began, id, op := t.o.Now(), t.step.Want.ID, out.Operation()
	var attempts int
	var err error
	switch op.Kind {
	case plan.Patch:
		attempts, err = t.client.Patch(ctx, id, op.Body)
	case plan.Renew:
		attempts, err = t.client.Renew(ctx, id)
	case plan.Retrigger:
		attempts, err = t.client.Retrigger(ctx, id)
	default:
		panic("apply: unknown kind of operation")
	}
	if attempts > 0 {
		t.wrote, t.current = true, false
		if out.Sent.IsZero() {
			out.Sent = began
		}
	}
	out.Attempts += attempts
	out.Unauthorized = errors.Is(err, cert.ErrUnauthorized)
	return out, err
}

// When the request is read after a write: from the answer, or from the loss of the answer.
var (
	afterAnswer = []time.Duration{0, 1 * time.Second, 3 * time.Second, 6 * time.Second}
	afterLoss   = []time.Duration{1 * time.Second, 4 * time.Second, 10 * time.Second, 30 * time.Second, 120 * time.Second}
)

// Why what was answered with success is not done.
const (
	notSeenYet   = "answered with success, but no reading shows it yet"
	notReadSince = "answered with success, but the request could not be read afterwards"
)

// converge reads the request after a success until it shows the effect. That of a renewal
// or retrigger may become visible later.
func (t *task) converge(ctx context.Context, out report.Outcome, before cert.Live) report.Outcome {
	op := out.Operation()
	switch read, shown := t.watch(ctx, &out, afterAnswer, before); {
	case shown:
		out.Result = report.Done
	case op.Kind != plan.Patch && read:
		out.Result, out.Err = report.NotConfirmed, notSeenYet
	case op.Kind != plan.Patch:
		out.Result, out.Err = report.NotConfirmed, notReadSince
	case !read:
		out.Result, out.Err = report.Unknown, notReadSince
	default:
		out.Result, out.Left = report.NotConverged, op.Missing(t.last)
		out.Err = "answered with success, but the request does not show it"
	}
	return out
}

// settle reads whether a write whose answer was lost took effect. It never sends it again.
func (t *task) settle(ctx context.Context, out report.Outcome, before cert.Live) report.Outcome {
	if _, shown := t.watch(ctx, &out, afterLoss, before); shown {
		return shownByReading(out)
	}
	out.Result = report.Unknown
	return out
}

func shownByReading(out report.Outcome) report.Outcome {
	out.Result, out.By, out.Err = report.Done, report.Reading, ""
	return out
}

// watch reads at the given times until a reading shows the effect. After a stop it reads once more and
// ends. read reports whether any reading succeeded.
func (t *task) watch(ctx context.Context, out *report.Outcome, at []time.Duration, before cert.Live) (read, shown bool) {
	var passed time.Duration
	for last := false; len(at) > 0 && !last; at = at[1:] {
		if at[0] > passed {
			last = t.o.Wait(ctx, at[0]-passed) != nil
			passed = at[0]
		}
		have, err := t.reading(ctx, out.Operation().AtMostOnce() || t.atMostOnceFrom(out.Op+1))
		if err != nil { // no evidence, and the reading before is old by now
			t.current = false
			continue
		}
		out.Reads, out.Until = out.Reads+1, t.o.Now()
		t.last, t.current, read = have, true, true
		if plan.TookEffect(out.Operation(), before, have) {
			return true, true
		}
	}
	return read, false
}

// handedBack reports whether the client returned a 401 or 429 without a retry, because the
// API may have carried the call out all the same.
func handedBack(out report.Outcome, err error) bool {
	return out.Operation().AtMostOnce() && errors.Is(err, cert.ErrRetryLater)
}

// doubtfulEdit reports whether an edit failed after an attempt that may have taken effect.
func doubtfulEdit(out report.Outcome, err error) bool {
	failed := errors.Is(err, cert.ErrRefused) || errors.Is(err, cert.ErrNotSent)
	before := out.Attempts > 1 || out.Attempts == 1 && (errors.Is(err, cert.ErrNotSent) || errors.Is(err, cert.ErrRetryLater))
	return failed && before && !out.Operation().AtMostOnce()
}

// readBeforeRetry waits as long as the server asks, reads, and reports whether the call may be sent again,
// because nothing has changed since the reading before it. Otherwise the outcome is final.
func (t *task) readBeforeRetry(ctx context.Context, out report.Outcome, before cert.Live, failed error) (_ report.Outcome, waited time.Duration, again bool) {
	wait, why := t.client.RetryDelay(ctx, failed)
	out.Unauthorized = why != nil && out.Unauthorized // a new token may be enough
	switch out, same := t.readOnce(ctx, out, before, failed, wait); {
	case !same:
		return out, wait, false
	case why != nil:
		out.Result, out.Err = report.Failed, failed.Error()+"; "+why.Error()
		return out, wait, false
	default:
		out.Err = ""
		return out, wait, true
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
	switch read, shown := t.watch(ctx, &out, []time.Duration{wait}, before); {
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
