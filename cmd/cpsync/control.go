package main

import (
	"context"
	"sync/atomic"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// controlOptions are the flags about the records that prove control of a name.
type controlOptions struct {
	skip     bool
	check    bool
	resolver string // HOST:PORT
}

var controlFlags = flagGroup{"Domain control", func(f *pflag.FlagSet, o *options) {
	noControl(f, o)
	f.BoolVar(&o.control.check, "check-dns", false, "look each of these records up, and say what DNS holds; see cpsync help dcv")
	f.StringVar(&o.control.resolver, "resolver", "", "with --check-dns: ask this `SERVER`, as HOST or HOST:PORT, and not those of the zone")
}}

// noControlFlags are for who shows the records and does not look them up.
var noControlFlags = flagGroup{"Domain control", noControl}

func noControl(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.control.skip, "no-dcv", false, "do not read the domain-control records to set")
}

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
	var all []cert.Proof
	for i, step := range steps {
		s.report.Control[step.Want.ID] = found[i]
		all = append(all, found[i].Proofs...)
	}
	s.checkDNS(soft, all)
}

// checkDNS says what DNS holds of the records. That nobody can be asked is a warning.
func (s *session) checkDNS(soft context.Context, all []cert.Proof) {
	queries, err := s.o.lookUp(soft, s.w, s.target.client, all)
	if err != nil && soft.Err() == nil {
		s.warn(err.Error())
	}
	s.report.Requests.Queries = queries
}
