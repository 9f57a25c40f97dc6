package main

import (
	"context"
	"sync/atomic"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/report"
)

// controlOptions are the flags about the records that prove control of a name.
type controlOptions struct {
	skip bool
}

var controlFlags = flagGroup{"Domain control", func(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.control.skip, "no-dcv", false, "do not read the domain-control records to set")
}}

// mostUnread is after how many failures no more records are asked for: a part of the
// API that is down must not hold up the plan for each certificate anew.
const mostUnread = 3

// readControl reads what proves control, for the certificates that wait for it. What
// can't be read is said in its place, and stops nothing.
func (s *session) readControl(soft context.Context) {
	if s.o.control.skip {
		return
	}
	steps := s.report.Plan.ToProve()
	found := make([]report.Control, len(steps))
	for i := range found {
		found[i].Err = "the run ended before"
	}
	var unread atomic.Int32
	_ = s.target.client.Each(soft, len(steps), func(ctx context.Context, i int) error { // what it leaves out says why
		if unread.Load() >= mostUnread {
			found[i].Err = "not asked for, since others before could not be read"
			return nil
		}
		proofs, err := s.target.client.Proofs(ctx, steps[i].Have)
		if err != nil {
			unread.Add(1)
			found[i].Err = err.Error()
			return nil
		}
		found[i] = report.Control{Proofs: proofs}
		return nil
	})
	s.report.Control = make(report.Controls, len(steps))
	for i, step := range steps {
		s.report.Control[step.Want.ID] = found[i]
	}
}
