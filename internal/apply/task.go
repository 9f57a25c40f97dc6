package apply

import (
	"context"
	"errors"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// task applies the operations of one step, one after another.
type task struct {
	*runner
	step    plan.Step
	last    cert.Live     // the latest reading; at first that of the plan
	current bool          // last is still true: since it was read nothing was written, and no order was spread
	done    plan.Progress // what this run is through with, sent or not; plan.Rebuild leaves it out
	wrote   bool          // a write of this run may have reached the request
	stale   bool          // the request is not what the plan saw any more, so nothing else is sent
	entry   string        // the name of the last write in the journal
	// methodUnsettled means that the change of the DCV method is not done. A retrigger would order
	// with the old one.
	methodUnsettled bool
}

// whyNot returns why operation i must not begin, or "" if it may.
func (t *task) whyNot(i int) string {
	op := t.step.Ops[i]
	switch {
	case t.stopped():
		return t.why()
	case op.Kind == plan.Patch && t.plan.Limits.Exceeded(): // the plan defers renewals above theirs
		return "a limit of the plan is exceeded"
	case op.AtMostOnce() && t.brake.reason != "":
		return t.brake.reason
	case op.Kind == plan.Retrigger && t.methodUnsettled:
		return "the change of the DCV method before it is not done"
	default:
		return ""
	}
}

// operation reads the request and builds the step again from that reading. It sends operation i only if it is
// still planned. An outcome without a result means that it was not started.
func (t *task) operation(ctx context.Context, i int) report.Outcome {
	out := report.Outcome{Step: t.step, Op: i}
	t.waitToSpread(ctx, i)
	have, err := t.fresh(ctx, i)
	if t.stopped() { // during the reading
		out.Err = t.why()
		return out
	}
	// Beside an error have may hold all but the status; its ID is 0 if nothing was read.
	out.OtherRun = !t.stale && have.ID != 0 && t.otherRun(out.Operation(), have)
	if out.OtherRun {
		t.brake.rivalry(have, t.o.Self)
	}
	switch {
	case errors.Is(err, cert.ErrNotFound):
		out.Result, out.Err = report.Stale, "the request is gone"
		return out
	case err != nil:
		out.Result, out.Err = report.Failed, "nothing was sent: the request could not be read: "+err.Error()
		out.OnlyThisRequest = errors.Is(err, cert.ErrOnlyThisRequest)
		return out
	}
	rebuilt := plan.Rebuild(t.step, t.last, t.plan.Now, t.o.Plan, t.done)
	switch {
	case !t.stale && t.step.Met(out.Operation(), rebuilt):
		out.Result, out.By = report.Done, report.Reading
		return out
	case out.OtherRun:
		return t.besideOtherRun(ctx, out, rebuilt)
	}
	t.stale = t.stale || !t.step.StillPlanned(i, rebuilt)
	if t.stale {
		out.Result, out.Now = report.Stale, rebuilt
		out.Err = "the request changed after the plan was made"
		return out
	}
	return t.send(ctx, out)
}

// fresh reads the request, unless the last reading is current: the one after a write is also the one before the
// next. If only the status could not be read, it returns the rest beside the error.
func (t *task) fresh(ctx context.Context, i int) (have cert.Live, err error) {
	if t.current {
		return t.last, nil
	}
	if have, err = t.reading(ctx, t.atMostOnceFrom(i)); err != nil {
		return have, err
	}
	if !t.wrote { // the cooldown begins at the last change that is not this run's own
		t.done.Modified = have.Modified
	}
	t.last, t.current = have, true
	return have, nil
}

// reading reads the certificate, with its status if withStatus says so. Otherwise it keeps the status of the last
// reading. If there is none, it is read only when plan.Needs says that a decision depends on it.
func (t *task) reading(ctx context.Context, withStatus bool) (cert.Live, error) {
	id := t.step.Want.ID
	have, err := t.client.Certificate(ctx, id, withStatus)
	if err != nil || withStatus {
		return have, err
	}
	have = have.WithStatusOf(t.last)
	if plan.Needs(plan.Pair{Want: t.step.Want, Have: have, Found: true}, t.plan.Now).Status && !have.StatusRead() {
		return t.client.Certificate(ctx, id, true)
	}
	return have, nil
}

// atMostOnceFrom reports whether operation i or a later one must not be sent twice: an order, or a change of the
// DCV method. Whether it may go out depends on the status.
func (t *task) atMostOnceFrom(i int) bool {
	return slices.ContainsFunc(t.step.Ops[i:], plan.Operation.AtMostOnce)
}

// handled notes the edits of an operation that this run is through with: sent, found done, failed, or not started.
// Rebuilt steps do not hold them. Those of a stale operation are not noted. In any case it notes whether a change of
// the DCV method is done.
func (t *task) handled(out report.Outcome) {
	if out.Operation().Body.DCVMethod.IsSet() {
		t.methodUnsettled = out.Result != report.Done
	}
	if out.Result == report.Stale {
		return
	}
	for _, c := range out.Operation().Changes { // of a PATCH; others have none
		t.done.Edits = append(t.done.Edits, c.Edit)
	}
	if out.Operation().Kind != plan.Patch {
		t.done.Edits = append(t.done.Edits, out.Operation().Edit())
	}
}
