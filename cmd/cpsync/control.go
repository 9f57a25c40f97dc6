package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
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

// controlReader reads what proves control of the names of requests. What can't be read is
// said in its place, and stops nothing.
type controlReader struct {
	client *cps.Client
	unread atomic.Int32

	mu   sync.Mutex
	read report.Controls
}

// one reads that of one request.
func (c *controlReader) one(ctx context.Context, have cert.Live) {
	found := c.ask(ctx, have)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read[have.ID] = found
}

func (c *controlReader) ask(ctx context.Context, have cert.Live) report.Control {
	if c.unread.Load() >= mostUnread {
		return report.Control{Err: "not asked for, since others before could not be read"}
	}
	proofs, err := c.client.Proofs(ctx, have)
	if err != nil {
		c.unread.Add(1)
		return report.Control{Err: err.Error()}
	}
	return report.Control{Proofs: proofs}
}

// finishControl reads what proves control where that was not read beside the status, and
// looks it up.
func (s *session) finishControl(soft context.Context, c *controlReader) {
	if s.o.control.skip {
		return
	}
	steps := s.report.Plan.ToProve()
	late := slices.DeleteFunc(slices.Clone(steps), func(step plan.Step) bool { _, read := c.read[step.Want.ID]; return read })
	_ = s.target.client.Each(soft, len(late), func(ctx context.Context, i int) error { // what it leaves out says why
		c.one(ctx, late[i].Have)
		return nil
	})
	s.report.Control = make(report.Controls, len(steps))
	var all []cert.Proof
	for _, step := range steps {
		found, read := c.read[step.Want.ID]
		if !read {
			found.Err = "the run ended before"
		}
		s.report.Control[step.Want.ID] = found
		all = append(all, found.Proofs...)
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
