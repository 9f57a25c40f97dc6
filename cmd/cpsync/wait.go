package main

import (
	"context"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/wait"
)

// follow watches what the apply wrote to, with --wait. The limit of --timeout ends
// here: it is about the time until everything is sent, and CAs take hours. The journal is
// given back, since nothing more is written, and the files hold the outcomes from now
// on, however the wait ends.
func (s *session) follow(soft context.Context) {
	if s.o.wait == 0 || !slices.ContainsFunc(s.report.Outcomes, report.Outcome.Followed) {
		return
	}
	s.untimed()
	s.closeTrail()
	s.count()
	s.out.files(s.report)
	s.spent.applied = s.target.client.Kinds()
	s.target.until = s.target.now().Add(s.o.wait)
	line := newWaitLine(s.progress, s.talk, s.target.now)
	wait.Run(soft, s.target.client, s.report.Outcomes, wait.Options{
		For: s.o.wait, Now: s.target.now,
		Wait: func(ctx context.Context, d time.Duration) error {
			defer s.progress.end()
			return s.target.wait(ctx, d)
		},
		Settled: s.settled, Pausing: line.pausing,
		Moved: func(w report.Wait) { s.talk.Info(words.WaitMoved(w)) },
		Ended: func(w report.Wait) {
			s.report.Waits = append(s.report.Waits, w)
			s.talk.Info(words.WaitEnded(w))
		},
	})
}

// settled puts a later reading's outcome in the place of the one before, and tells of it
// where it is another.
func (s *session) settled(o report.Outcome) {
	s.report.Outcomes = slices.Clone(s.report.Outcomes) // a signal may be writing those of before
	for i, known := range s.report.Outcomes {
		if known.Step.Want.ID != o.Step.Want.ID || known.Op != o.Op {
			continue
		}
		s.report.Outcomes[i] = o
		if known.Result != o.Result {
			s.talk.Info(words.OutcomeLine(o))
		}
	}
}
