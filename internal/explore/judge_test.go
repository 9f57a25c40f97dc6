package explore

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/report"
)

// judge says in the end what can only be said then.
func (s *schedule) judge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range s.attempts {
		for _, a := range s.attempts[:i] {
			s.judgePair(a, b)
		}
	}
	var told []*run
	for _, a := range s.attempts {
		if a.run != nil && !slices.Contains(told, a.run) {
			told = append(told, a.run)
			a.run.judgeFailed()
		}
	}
	if s.rest != nil {
		for _, id := range s.ids {
			s.judgeEnd(id)
		}
	}
}

// judgePair: b must not be sent when a is an order to the same end, and the process that
// sends b can know it: it sent a itself, the journal says so, or the reading before b
// shows a by any field within the cooldown.
func (s *schedule) judgePair(a, b *attempt) {
	if b.run == nil || a.id != b.id || a.intent == "" || a.intent != b.intent || !a.ordered {
		return
	}
	if a.kind == "retrigger" && !b.sent.Before(a.committed.Add(timesOut)) {
		return // it has timed out again
	}
	if !a.failed.IsZero() && !a.failed.After(b.sent) && a.kind != "retrigger" {
		return // it failed, and the manifest tries another
	}
	s.counts["two orders to one end"]++
	know, modified := "", s.lastChange(b)
	switch {
	case a.run == b.run && !a.refusals(s):
		know = "itself"
	case a.run != nil && a.run != b.run && a.run.journal != "" && b.run.journal != "" && !a.settled && !a.refusals(s):
		know = "its journal says so"
	case !b.reading.at.After(a.committed):
	case !b.reading.at.Before(a.committed.Add(s.delay)) && !b.stood:
		know = "the reading before it shows it"
	case s.moves && !modified.Before(a.committed.Truncate(time.Second)) && b.run.now0.Before(modified.Add(pause)):
		know = "last_modified moved within the cooldown"
	}
	if know != "" {
		s.violated("run %s sent a second order to one end: %s; the first was that of %s, %s", b.run.name, b.call, a.by(), know)
	}
}

// refusals reports whether the API carried a write out, said that it did not, and shows
// nothing of it for a while: the one case that nobody can see through.
func (a *attempt) refusals(s *schedule) bool {
	return (a.fault.status == 401 || a.fault.status == 429) && a.fault.commits && s.delay > 0 && !s.moves
}

// lastChange is last_modified as it was before b, less the edits of description and label
// that the journal knows to be of the runs that keep it.
func (s *schedule) lastChange(b *attempt) time.Time {
	at := b.modified
	for _, a := range slices.Backward(s.attempts) {
		e := a.edit()
		words := a.kind == "patch" && e.Domains == nil && e.AutoRenew == nil && e.DCVMethod == nil
		if a.id == b.id && words && a.run != nil && a.run.journal != "" && b.run.journal != "" && sameSecond(a.committed, at) {
			at = a.reading.Modified
		}
	}
	return at
}

func sameSecond(a, b time.Time) bool { return a.Truncate(time.Second).Equal(b.Truncate(time.Second)) }

// timesOut is how long the CA looks for the proof of control.
const timesOut = 7 * day

func (a *attempt) by() string {
	if a.run == nil {
		return "somebody else"
	}
	return "run " + a.run.name
}

// judgeFailed: what is reported failed never took effect, not even later.
func (u *run) judgeFailed() {
	for _, o := range u.outcomes {
		for _, a := range u.triedOf(int64(o.Step.Want.ID), o.Op) {
			if o.Result == report.Failed && !a.committed.IsZero() && !a.refusals(u.schedule) {
				u.violated("run %s says that %s failed, and it took effect", u.name, a.call)
			}
		}
	}
}
