package apply_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/apply"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// trail is a journal in memory.
type trail struct {
	lines []string
	full  bool // nothing more can be noted
	shown []cert.Live
}

func (j *trail) Before(op plan.Operation, id cert.ID, have cert.Live) (string, error) {
	if j.full {
		return "", errors.New("disk full")
	}
	write := fmt.Sprintf("%s %s", id, op.Edit())
	j.lines = append(j.lines, fmt.Sprintf("%s, is %s and says %s", write, have.Order, have.Description))
	return write, nil
}

func (j *trail) After(write, outcome string, have cert.Live) {
	j.shown = append(j.shown, have)
	j.lines = append(j.lines, write+" "+outcome)
}

func (j *trail) Refused(write, answer string) {
	j.lines = append(j.lines, write+" refused: "+answer)
}

func (j *trail) Seen(write string) { j.lines = append(j.lines, write+" seen") }

// TestTheTrailOfWrites: a line before each, with the request as just read, and a line
// after each; what can't be noted is not sent.
func TestTheTrailOfWrites(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		s, j := newServer(inService(1)), &trail{full: full}
		outcomes := apply.Run(s.ctx, s, planned(s, limits, asks(1, describes, renews)), apply.Options{
			Plan: limits, Now: func() time.Time { return s.clock }, Wait: s.wait, InFlight: context.WithoutCancel(s.ctx), Journal: j,
			Each: func(report.Outcome) {},
		})
		if full {
			same(t, "the server saw", []string{"read 1 status"}, s.saw)
			if outcomes[0].Result != report.Failed || outcomes[1].Result != report.Failed {
				t.Errorf("got %s, %s", outcomes[0].Result, outcomes[1].Result)
			}
			continue
		}
		same(t, "the trail", []string{"1 description, is Renewed and says old", "1 description done",
			"1 renew, is Renewed and says new", "1 renew done", "1 renew seen"}, j.lines)
	}
}

// TestTheTrailProvesNoLostWrite: what a reading shows a while after a write may be of
// another run of the same client.
func TestTheTrailProvesNoLostWrite(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		s, j := newServer(inService(1)), &trail{}
		if lost {
			s.breaks["patch 1 description"] = accident{err: errLost, takes: true}
		}
		outcomes := apply.Run(s.ctx, s, planned(s, limits, asks(1, describes)), apply.Options{
			Plan: limits, Now: func() time.Time { return s.clock }, Wait: s.wait, InFlight: context.WithoutCancel(s.ctx), Journal: j,
			Each: func(report.Outcome) {},
		})
		if proven := len(j.shown) == 1 && !j.shown[0].Modified.IsZero(); proven == lost || outcomes[0].Result != report.Done {
			t.Errorf("lost %v, %s: %v", lost, outcomes[0].Result, j.shown)
		}
	}
}

// TestTheTrailOfWhatDoesNotShow: it was answered, which the trail calls done, and a reading
// at the end that shows it lets go of it.
func TestTheTrailOfWhatDoesNotShow(t *testing.T) {
	t.Parallel()
	for shows, last := range map[time.Duration]string{20 * time.Second: "1 renew seen", day: "1 renew done"} {
		s, j := newServer(inService(1)), &trail{}
		s.breaks["renew 1"] = accident{shows: shows}
		var settled []report.Result
		apply.Run(s.ctx, s, planned(s, limits, asks(1, renews)), apply.Options{
			Plan: limits, Now: func() time.Time { return s.clock }, Wait: s.wait, InFlight: context.WithoutCancel(s.ctx), Journal: j,
			Each:    func(report.Outcome) {},
			Settled: func(o report.Outcome) { settled = append(settled, o.Result) },
		})
		if j.lines[1] != "1 renew done" || j.lines[len(j.lines)-1] != last {
			t.Errorf("the trail says %q", j.lines)
		}
		if done := settled[len(settled)-1] == report.Done; done != (shows < day) {
			t.Errorf("told %v", settled)
		}
	}
}

// TestAPanicLeavesNoOperationWithoutAnOutcome, and passes through: what was being sent
// is unknown, what was not is not begun.
func TestAPanicLeavesNoOperationWithoutAnOutcome(t *testing.T) {
	t.Parallel()
	s := newServer(inService(1), inService(2))
	p := planned(s, limits, asks(1, describes, renews, labels), asks(2, renews))
	s.before = func(call string) {
		if call == "renew 1" {
			panic("broken")
		}
	}
	var lines []string
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not pass through")
			}
		}()
		apply.Run(s.ctx, s, p, apply.Options{
			Plan: limits, Now: func() time.Time { return s.clock }, Wait: s.wait, InFlight: context.WithoutCancel(s.ctx), Journal: noJournal{},
			Each: func(o report.Outcome) {
				lines = append(lines, fmt.Sprintf("%s %s: %s", o.Step.Want.ID, o.Operation().Edit(), o.Result))
			},
		})
	}()
	same(t, "outcomes", []string{"1 description: done", "1 renew: unknown", "1 certificate_label: not-started", "2 renew: not-started"}, lines)
}
