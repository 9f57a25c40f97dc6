package apply

import (
	"context"
	"errors"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// task is one certificate of a run.
type task struct {
	*runner
	step   plan.Step
	last   cert.Live // the latest reading, that of the plan at first
	read   bool      // last is one of this run, and nothing was sent since
	done   plan.Progress
	wrote  bool // a write of this run may have reached the request
	stale  bool
	write  string        // the name of the last write in the journal
	method report.Result // of the PATCH of the DCV method; Done when there is none
}

// whyNot says why an operation is not begun, or "".
func (t *task) whyNot(i int) string {
	op := t.step.Ops[i]
	switch {
	case t.stopped():
		return t.why()
	case op.Kind == plan.Patch && t.plan.Limits.Exceeded():
		return "a limit of the plan is exceeded"
	case op.SentOnce() && t.brake.reason != "":
		return t.brake.reason
	case op.Kind == plan.Retrigger && t.methodUnsettled(i):
		return "the change of the DCV method before it is not done"
	default:
		return ""
	}
}

// methodUnsettled reports whether the step changes the DCV method before operation
// i, and that is not done: a retrigger would order with the old one.
func (t *task) methodUnsettled(i int) bool {
	for _, op := range t.step.Ops[:i] {
		if op.Body.DCVMethod.IsSet() {
			return t.method != report.Done
		}
	}
	return false
}

// operation checks that the operation is still what was planned, and sends it.
func (t *task) operation(ctx context.Context, i int) report.Outcome {
	out := report.Outcome{Step: t.step, Op: i}
	t.spread(ctx, i)
	err := t.fresh(ctx, i)
	switch {
	case t.stopped(): // while it was read
		out.Err = t.why()
		return out
	case err != nil:
		return notRead(out, err)
	}
	rebuilt := plan.Rebuild(t.step, t.last, t.plan.Now, t.o.Plan, t.done)
	out.OtherRun = !t.stale && t.otherRun(out.Operation())
	switch {
	case !t.stale && t.step.Met(out.Operation(), rebuilt):
		out.Result, out.By = report.Done, report.Reading
		return out
	case out.OtherRun:
		return t.besideOtherRun(ctx, out, rebuilt)
	}
	if t.stale = t.stale || !t.step.StillPlanned(i, rebuilt); t.stale {
		out.Result, out.Now = report.Stale, rebuilt
		out.Err = "the request changed after the plan was made"
		return out
	}
	return t.send(ctx, out)
}

// fresh sees to it that last is a reading of this run. The reading after a write
// serves the next one.
func (t *task) fresh(ctx context.Context, i int) error {
	if t.read {
		return nil
	}
	have, err := t.reading(ctx, t.stillOrders(i))
	if err != nil {
		return err
	}
	if !t.wrote {
		t.done.Modified = have.Modified
	}
	t.last, t.read = have, true
	return nil
}

// reading reads the certificate, with its status where an order depends on it.
// Else the status is the one last read: progress at the CA does not matter then.
// When the request has become one that can't be judged without it, it is read too.
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

// stillOrders reports whether the operations from i on start something at the CA.
func (t *task) stillOrders(i int) bool {
	for _, op := range t.step.Ops[i:] {
		if op.SentOnce() {
			return true
		}
	}
	return false
}

// handled leaves the operation out of what is planned from now on, whatever became
// of it: a run tries each once.
func (t *task) handled(out report.Outcome) {
	if out.Operation().Body.DCVMethod.IsSet() {
		t.method = out.Result
	}
	if out.Result == report.Stale {
		return
	}
	for _, c := range out.Operation().Changes {
		t.done.Sent = append(t.done.Sent, c.Edit)
	}
	if out.Operation().Kind != plan.Patch {
		t.done.Sent = append(t.done.Sent, out.Operation().Edit())
	}
}

// notRead is the outcome when the reading before a write failed: nothing was sent.
func notRead(out report.Outcome, err error) report.Outcome {
	if errors.Is(err, cert.ErrNotFound) {
		out.Result, out.Err = report.Stale, "the request is gone"
		return out
	}
	out.Result, out.Err = report.Failed, "nothing was sent: the request could not be read: "+err.Error()
	out.OneRequest = errors.Is(err, cert.ErrOneRequest)
	return out
}
