package wait_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/wait"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// api is a small CPS, in which requests change as time goes by. Its clock moves by
// waits alone.
type api struct {
	clock   time.Time
	will    map[cert.ID][]change // in the order of time
	fails   map[string]error     // by call, such as "status 1"
	breaks  map[string]time.Duration
	from    time.Duration // when they begin to fail
	saw     []string
	waits   []time.Duration
	stopped time.Duration // when the run is told to stop; 0: never
}

// change is what a request looks like from some time after the start on.
type change struct {
	after time.Duration
	have  cert.Live
}

func (a *api) now() time.Time { return a.clock }

func (a *api) passed() time.Duration { return a.clock.Sub(start) }

func (a *api) wait(_ context.Context, d time.Duration) error {
	a.clock = a.clock.Add(d)
	a.waits = append(a.waits, d)
	if a.stopped > 0 && a.passed() >= a.stopped {
		return errors.New("interrupted")
	}
	return nil
}

func (a *api) present(id cert.ID) cert.Live {
	var have cert.Live
	for _, c := range a.will[id] {
		if c.after <= a.passed() {
			have = c.have
		}
	}
	return have
}

// call notes a call, and has it fail where a test says so: for good, or up to some time.
func (a *api) call(name string, id cert.ID) error {
	call := fmt.Sprintf("%s %s", name, id)
	a.saw = append(a.saw, call)
	if a.passed() < a.from {
		return nil
	}
	if until, limited := a.breaks[call]; limited && a.passed() > until {
		return nil
	}
	return a.fails[call]
}

func (a *api) Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error) {
	if err := a.call("read", id); err != nil {
		return cert.Live{}, err
	}
	if withStatus {
		have, err := a.Status(ctx, a.present(id))
		if errors.Is(err, cert.ErrNotFound) {
			err = errors.New("there, without its status") // as the client says it
		}
		return have, err
	}
	have := a.present(id)
	have.Status, have.Order, have.RequiresAttention = cert.StatusNotRead, cert.OrderNotRead, false
	return have, nil
}

func (a *api) Status(_ context.Context, have cert.Live) (cert.Live, error) {
	if err := a.call("status", have.ID); err != nil {
		return cert.Live{}, err
	}
	return have.WithStatusOf(a.present(have.ID)), nil
}

func (a *api) Each(ctx context.Context, n int, work func(context.Context, int) error) error {
	for i := range n {
		if err := work(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// live is a certificate in service, but for what the changes make of it.
func live(id cert.ID, changes ...func(*cert.Live)) cert.Live {
	l := cert.Live{ID: id, Common: "a.example.com", Description: "old", Thumbprint: "AA", Expires: start.Add(20 * 24 * time.Hour),
		Status: cert.StatusActive, Order: cert.OrderIssued}
	l.SetDomains([]cert.Domain{{Name: "a.example.com", Status: cert.DomainActive}})
	for _, c := range changes {
		c(&l)
	}
	return l
}

func renewing(l *cert.Live) { l.Order = cert.OrderPendingRenewal }
func renewed(l *cert.Live) {
	l.Order, l.Thumbprint, l.Expires = cert.OrderRenewed, "BB", start.Add(199*24*time.Hour)
}
func asking(l *cert.Live) {
	renewing(l)
	l.Status, l.RequiresAttention = cert.StatusDomainControlValidation, true
}
func deleted(l *cert.Live) { l.Status = cert.StatusDeleted }
func strange(l *cert.Live) { l.Status = cert.StatusUnknown }
func edited(l *cert.Live)  { l.Description = "new" }

// sent is what became of a renewal that last was read as have.
func sent(id cert.ID, result report.Result, have cert.Live) report.Outcome {
	step := plan.Step{Pair: plan.Pair{Want: cert.Spec{ID: id}, Have: live(id)}, Ops: []plan.Operation{{Kind: plan.Renew}}}
	if result == report.Done && have.Order == cert.OrderIssued {
		result = report.NotConfirmed
	}
	return report.Outcome{Step: step, Result: result, Attempts: 1, Before: live(id), Last: have, Until: start}
}

// described is sent for an edit.
func described(id cert.ID, result report.Result, have cert.Live) report.Outcome {
	o := sent(id, result, have)
	o.Step.Ops = []plan.Operation{{Kind: plan.Patch, Body: cert.Patch{Description: cert.Some("new")}}}
	o.Result = result
	return o
}

// run follows outcomes, and returns what was told of: "1 in-service after 4m", in order.
func (a *api) run(t *testing.T, most time.Duration, outcomes ...report.Outcome) (ends []report.Wait, late []report.Outcome) {
	t.Helper()
	a.clock = start
	wait.Run(t.Context(), a, outcomes, wait.Options{
		For: most, Now: a.now, Wait: a.wait,
		Settled: func(o report.Outcome) { late = append(late, o) },
		Changed: func(report.Wait) {}, Pausing: func(wait.Pause) {},
		Ended: func(w report.Wait) { ends = append(ends, w) },
	})
	return ends, late
}

func told(ends []report.Wait) []string {
	var all []string
	for _, w := range ends {
		all = append(all, fmt.Sprintf("%s %s: %s", w.Step.Want.ID, w.Ended, w.State))
	}
	return all
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestEachWayOfEnding: one request, from the apply's last reading on.
func TestEachWayOfEnding(t *testing.T) {
	t.Parallel()
	under := []change{{0, live(1, renewing)}}
	then := func(after time.Duration, changes ...func(*cert.Live)) []change {
		return append(slices.Clone(under), change{after, live(1, changes...)})
	}
	errOdd := errors.New("the answer is no JSON")
	const inControl = "renewal in progress, domain control validation (DCV) pending"
	for name, tt := range map[string]struct {
		will   []change
		fails  map[string]error
		breaks map[string]time.Duration
		from   time.Duration // when they begin to fail
		stop   time.Duration
		out    report.Outcome
		want   string
		reads  int
		do     bool
		says   string
	}{
		"active":                                  {will: then(time.Hour, renewed), want: "active: active", reads: 10},
		"a person, by two readings":               {will: then(time.Minute, asking), want: "action-required: " + inControl, reads: 3, do: true},
		"a person, by the last reading in time":   {will: then(116*time.Minute, asking), want: "action-required: " + inControl, reads: 16, do: true},
		"passed through domain control by itself": {will: append(then(time.Minute, asking), change{2 * time.Minute, live(1, renewed)}), want: "active: active", reads: 3},
		"asked for a person twice, not in a row": {will: append(then(time.Minute, asking), change{2 * time.Minute, live(1, renewing)},
			change{5 * time.Minute, live(1, asking)}, change{10 * time.Minute, live(1, renewed)}), want: "active: active", reads: 5},
		"deleted": {will: then(time.Hour, deleted), want: "not-found: deleted", reads: 10, do: true},
		"not there any more": {will: under, fails: map[string]error{"status 1": cert.ErrNotFound, "read 1": cert.ErrNotFound},
			want: "not-found: renewal in progress", do: true, says: "only if it is deleted"},
		"only its status is not there": {will: under, fails: map[string]error{"status 1": cert.ErrNotFound},
			want: "not-read: renewal in progress"},
		"out of time":                 {will: under, want: "timeout: renewal in progress", reads: 16},
		"out of time, with odd words": {will: then(0, strange), want: "timeout: in a state unknown to this version of cpsync", reads: 16},
		"odd words for a while":       {will: append(then(0, strange), change{time.Hour, live(1, renewed)}), want: "active: active", reads: 10},
		"never readable":              {will: under, fails: map[string]error{"status 1": errOdd}, want: "not-read: renewal in progress"},
		"readable again": {will: then(time.Minute, renewed), fails: map[string]error{"status 1": errOdd}, breaks: map[string]time.Duration{"status 1": 10 * time.Minute},
			want: "active: active", reads: 1},
		"readable at first":    {will: then(2*time.Hour, renewed), fails: map[string]error{"read 1": errOdd}, want: "timeout: renewal in progress", reads: 15},
		"readable for a while": {will: under, fails: map[string]error{"status 1": errOdd}, from: 30 * time.Minute, want: "not-read: renewal in progress", reads: 6},
		"credentials that are refused": {will: under, fails: map[string]error{"status 1": cert.ErrUnauthorized},
			want: "not-read: renewal in progress"},
		"told to stop":               {will: under, stop: time.Hour, want: "interrupted: renewal in progress", reads: 9},
		"told to stop while it asks": {will: then(time.Hour, asking), stop: time.Hour + 10*time.Minute, want: "interrupted: " + inControl, reads: 10},
		"an order that shows late":   {will: then(time.Hour, renewed), out: sent(1, report.Done, live(1)), want: "active: active", reads: 10},
		"an order that never shows": {will: []change{{0, live(1)}}, out: sent(1, report.Unknown, live(1)),
			want: "timeout: the write is not visible yet; active", reads: 16},
		"nothing was read by the apply": {will: then(time.Hour, renewed), out: sent(1, report.Unknown, cert.Live{}), want: "active: active", reads: 10},
		"nothing was ever read": {will: under, fails: map[string]error{"read 1": errOdd}, out: sent(1, report.Unknown, cert.Live{}),
			want: "not-read: "},
		"an edit in service":             {out: described(1, report.Done, live(1, edited)), want: "active: active"},
		"an edit while an order is open": {will: then(time.Hour, renewed, edited), out: described(1, report.Done, live(1, edited, renewing)), want: "active: active", reads: 10},
		"an edit that shows late": {will: []change{{0, live(1)}, {time.Hour, live(1, edited)}}, out: described(1, report.NotConverged, live(1)),
			want: "active: active", reads: 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(tt.out.Step.Ops) == 0 {
				tt.out = sent(1, report.Done, live(1, renewing))
			}
			a := &api{will: map[cert.ID][]change{1: tt.will}, fails: tt.fails, breaks: tt.breaks, from: tt.from, stopped: tt.stop}
			ends, _ := a.run(t, 2*time.Hour, tt.out)
			same(t, "ended", []string{"1 " + tt.want}, told(ends))
			if ends[0].Reads != tt.reads {
				t.Errorf("%d readings, want %d", ends[0].Reads, tt.reads)
			}
			if got := !ends[0].Do.None(); got != tt.do {
				t.Errorf("a person is told to do %q", ends[0].Do)
			}
			if got := ends[0].Do.String(); !strings.Contains(got, tt.says) {
				t.Errorf("a person is told to do %q, want %q", got, tt.says)
			}
		})
	}
}

// TestReadingsAreFew: an order that shows costs one request a look, in growing pauses,
// and one more when something ends.
func TestReadingsAreFew(t *testing.T) {
	t.Parallel()
	a := &api{will: map[cert.ID][]change{1: {{0, live(1, renewing)}, {3 * time.Minute, live(1, renewed)}}}}
	a.run(t, time.Hour, sent(1, report.Done, live(1, renewing)), described(2, report.Done, live(2, edited)))
	same(t, "the server saw", []string{"status 1", "status 1", "status 1", "read 1"}, a.saw)
	a = &api{will: map[cert.ID][]change{1: {{0, live(1)}}}}
	a.run(t, 30*time.Minute, sent(1, report.Unknown, live(1)))
	same(t, "pauses", []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute,
		4*time.Minute + 30*time.Second}, a.waits)
	same(t, "of an order that does not show", []string{"read 1", "status 1"}, a.saw[:2])
}

// TestSeveralAtOnce: each ends for itself, and the others are followed on. What was not
// sent is not followed.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	a := &api{will: map[cert.ID][]change{
		1: {{0, live(1, renewing)}, {time.Hour, live(1, renewed)}},
		2: {{0, live(2, asking)}},
		3: {{0, live(3, renewing)}},
	}}
	failed, stale := sent(4, report.Failed, live(4)), sent(5, report.Stale, live(5))
	stale.Attempts = 0
	ends, _ := a.run(t, 2*time.Hour, sent(1, report.Done, live(1, renewing)), sent(2, report.Done, live(2, renewing)),
		sent(3, report.Done, live(3, renewing)), failed, stale, report.Outcome{Step: failed.Step})
	same(t, "ended", []string{"2 action-required: renewal in progress, domain control validation (DCV) pending", "1 active: active", "3 timeout: renewal in progress"}, told(ends))
	if slices.ContainsFunc(a.saw, func(call string) bool { return call[len(call)-1] > '3' }) {
		t.Errorf("what was not sent was read: %q", a.saw)
	}
}

// TestEvidenceTurnsUpWhileWaiting: what showed too late for the apply is done, by a
// reading; what never shows stays unknown.
func TestEvidenceTurnsUpWhileWaiting(t *testing.T) {
	t.Parallel()
	a := &api{will: map[cert.ID][]change{1: {{0, live(1)}, {time.Hour, live(1, renewing)}}, 2: {{0, live(2)}}, 3: {{0, live(3)}, {time.Hour, live(3, renewing)}}}}
	lost := sent(1, report.Unknown, live(1))
	lost.Err = "no answer"
	_, late := a.run(t, 2*time.Hour, lost, sent(2, report.Unknown, live(2)), sent(3, report.Done, live(3)))
	if len(late) != 2 {
		t.Fatalf("settled: %v", late)
	}
	if o := late[0]; o.Step.Want.ID != 1 || o.Result != report.Done || o.By != report.Reading || !o.Late || o.Err != "" {
		t.Errorf("of a lost answer: %s by %s, late %t: %s", o.Result, o.By, o.Late, o.Err)
	}
	if o := late[1]; o.Step.Want.ID != 3 || o.Late || o.Result != report.Done || o.By != report.Answer {
		t.Errorf("of an answered order that showed late: by %s, late %t, %s", o.By, o.Late, o.Result)
	}
}

// TestAPanicLeavesNothingOut: every request is ended, and the panic goes on.
func TestAPanicLeavesNothingOut(t *testing.T) {
	t.Parallel()
	var ends []report.Wait
	defer func() {
		if recover() == nil || len(ends) != 2 {
			t.Errorf("ended: %v", told(ends))
		}
	}()
	a := &api{clock: start, will: map[cert.ID][]change{1: {{0, live(1, renewing)}}, 2: {{0, live(2, renewing)}}}}
	wait.Run(t.Context(), a, []report.Outcome{sent(1, report.Done, live(1, renewing)), sent(2, report.Done, live(2, renewing))}, wait.Options{
		For: time.Hour, Now: a.now, Wait: func(context.Context, time.Duration) error { panic("a bug") },
		Changed: func(report.Wait) {}, Pausing: func(wait.Pause) {}, Ended: func(w report.Wait) { ends = append(ends, w) },
	})
}
