package explore

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// ended judges what a process reports of an operation.
func (u *run) ended(o report.Outcome) {
	if u.dead.Load() {
		return // nobody hears it
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	op, id := o.Operation(), int64(o.Step.Want.ID)
	u.say("run %s  %d: %s %s is %s by %s, sent %d times %s", u.name, id, op.Kind, op.Edit(), o.Result, o.By, o.Attempts, o.Err)
	u.outcomes = append(u.outcomes, o)
	u.counts[o.Result.String()]++
	tried := u.triedOf(id, o.Op)
	if len(tried) != o.Attempts {
		u.violated("run %s says that it sent %s of %d %d times; it was %d", u.name, op.Edit(), id, o.Attempts, len(tried))
	}
	switch o.Result {
	case report.Done, report.NotConfirmed:
		u.isDone(o, tried)
	case report.NotStarted, report.Stale, report.NotApproved:
		if len(tried) > 0 {
			u.violated("run %s sent %s of %d and reports %s", u.name, op.Edit(), id, o.Result)
		}
	case report.Failed, report.Unknown, report.NotConverged:
		if u.settled && u.delay == 0 {
			u.violated("a quiet run ends with %s: %s of %d: %s", o.Result, op.Edit(), id, o.Err)
		}
	}
	u.brakes(o)
}

// shown judges what a later reading makes of an order that was accepted.
func (u *run) shown(o report.Outcome) {
	if u.dead.Load() {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.isDone(o, u.triedOf(int64(o.Step.Want.ID), o.Op))
}

func (u *run) triedOf(id int64, op int) []*attempt {
	var all []*attempt
	for _, a := range u.attempts {
		if a.run == u && a.id == id && a.op == op {
			all = append(all, a)
		}
	}
	return all
}

// wasMet reports whether somebody else brought about what an operation was for, so that
// nothing was sent.
func (u *run) wasMet(op plan.Operation, id int64) bool {
	if op.Kind == plan.Patch {
		return wanted(op.Body).shows(u.latest[id])
	}
	return slices.ContainsFunc(u.attempts, func(a *attempt) bool {
		return a.id == id && a.ordered && a.kind == op.Kind.String() && !a.committed.IsZero()
	})
}

// isDone: what is reported done is so. By an answer: our own request took effect. By a
// reading: ours, or somebody else's to the same end that the reading before did not show.
func (u *run) isDone(o report.Outcome, tried []*attempt) {
	op, id := o.Operation(), int64(o.Step.Want.ID)
	if slices.ContainsFunc(tried, func(a *attempt) bool { return !a.committed.IsZero() }) {
		return
	}
	if o.Met() && u.wasMet(op, id) {
		return
	}
	if o.By == report.Reading && len(tried) > 0 {
		switch {
		case op.Kind == plan.Patch && tried[0].edit().shows(u.latest[id]):
			return
		case slices.ContainsFunc(u.attempts, func(a *attempt) bool {
			return a.id == id && a.ordered && a.kind == op.Kind.String() && a.committed.Add(u.delay).After(tried[0].reading.at)
		}):
			return
		}
	}
	u.violated("run %s says that %s of %d is done by %s, and it is not", u.name, op.Edit(), id, o.By)
}

// refusesOne matches what the API says no to of one request, which stops no other.
var refusesOne = regexp.MustCompile(`\b(400|404|409|422) `)

// brakes: after an order with an unknown outcome, three failures in a row, or a write that
// the credentials are not good for, no order is started.
func (u *run) brakes(o report.Outcome) {
	op := o.Operation()
	if u.braked != "" && op.Order() && o.Attempts > 0 {
		u.violated("run %s started %s of %d after %s", u.name, op.Edit(), o.Step.Want.ID, u.braked)
	}
	switch o.Result {
	case report.Failed:
		if !refusesOne.MatchString(o.Err) {
			u.failures++
		}
	case report.Done, report.NotConfirmed:
		if !o.Met() {
			u.failures = 0
		}
	case report.Unknown:
		if op.Order() {
			u.braked = "an order with an unknown outcome"
		}
	case report.NotStarted, report.Stale, report.NotConverged, report.NotApproved:
	}
	if o.OtherRun {
		u.braked = "another run was seen at work"
	}
	if u.failures == 3 {
		u.braked = "three failures in a row"
	}
	if o.Result == report.Failed && (strings.Contains(o.Err, "401") || strings.Contains(o.Err, "403")) && o.Attempts > 0 {
		u.braked = "a refusal of the credentials"
	}
}
