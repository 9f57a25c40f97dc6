package run

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/dns"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// MaxUnread is after how many failures no more records are asked for: a part of the
// API that is down must not hold up the plan for each certificate anew.
const MaxUnread = 3

// dcvReads reads what proves control of the names of requests. What can't be read is
// said in its place, and stops nothing.
type dcvReads struct {
	client *cps.Client
	unread atomic.Int32

	mu   sync.Mutex
	read report.DCVs
}

// one reads that of one request.
func (c *dcvReads) one(ctx context.Context, have cert.Live) {
	found := c.ask(ctx, have)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read[have.ID] = found
}

func (c *dcvReads) ask(ctx context.Context, have cert.Live) report.DCV {
	if c.unread.Load() >= MaxUnread {
		return report.DCV{Err: "not asked for, since others before could not be read"}
	}
	proofs, err := c.client.DomainValidations(ctx, have)
	if err != nil {
		c.unread.Add(1)
		return report.DCV{Err: err.Error()}
	}
	return report.DCV{Validations: proofs}
}

// finishDCV reads what proves control where that was not read beside the status, and
// looks it up in DNS. That nobody can be asked is a warning.
func (r *Run) finishDCV(ctx context.Context, c *dcvReads) {
	if !r.Options.DCV || r.Target.Client == nil {
		return
	}
	steps := view.AwaitingDCV(r.Report.Plan)
	late := slices.DeleteFunc(slices.Clone(steps), func(step plan.Step) bool { _, read := c.read[step.Want.ID]; return read })
	_ = r.Target.Client.Each(ctx, len(late), func(ctx context.Context, i int) error { // what it leaves out says why
		c.one(ctx, late[i].Have)
		return nil
	})
	r.Report.DCV = make(report.DCVs, len(steps))
	var all []cert.DomainValidation
	for _, step := range steps {
		found, read := c.read[step.Want.ID]
		if !read {
			found.Err = "the run stopped before"
		}
		r.Report.DCV[step.Want.ID] = found
		all = append(all, found.Validations...)
	}
	queries, err := r.Options.Lookup.check(ctx, r.Target.Client, all)
	if err != nil && ctx.Err() == nil {
		r.warn(err.Error())
	}
	r.Report.Requests.Queries = queries
}

// Lookup says how records are looked up. The zero value looks nothing up.
type Lookup struct {
	Resolvers func() ([]string, error) // nil: nothing is looked up
	Direct    bool                     // ask the servers of a zone, which the resolvers name
	Dial      func(ctx context.Context, network, address string) (net.Conn, error)
	Time      time.Duration // at most: what DNS says decides nothing, and must leave the run its time
}

// How long a name server has for an answer, and how many questions a run asks: enough
// for some hundred records, and no burden for whoever answers.
const (
	queryTimeout = 3 * time.Second
	maxQueries   = 2000
)

// check asks DNS for every record of the proofs, side by side, and writes into each what
// it says. It returns how many questions that took.
func (d Lookup) check(ctx context.Context, c *cps.Client, proofs []cert.DomainValidation) (int, error) {
	if d.Resolvers == nil {
		return 0, nil
	}
	resolvers, err := d.Resolvers()
	if err != nil {
		return 0, fmt.Errorf("DNS was not asked: %w; name a server with --resolver", err)
	}
	var records []*cert.Record
	for _, p := range proofs {
		for i := range p.Records {
			p.Records[i].Lookup = cert.Lookup{Result: cert.NotAsked, Name: p.Records[i].Name, Why: "there was no time left"}
			records = append(records, &p.Records[i])
		}
	}
	checker := dns.New(dns.Config{Resolvers: resolvers, Direct: d.Direct, Dial: d.Dial,
		Timeout: queryTimeout, MaxQueries: maxQueries})
	ctx, cancel := context.WithTimeoutCause(ctx, d.Time, fmt.Errorf("the time for DNS is over (%s): the other records were not looked up", d.Time))
	defer cancel()
	err = c.Each(ctx, len(records), func(ctx context.Context, i int) error {
		records[i].Lookup = checker.Check(ctx, *records[i])
		return nil
	})
	return checker.Queries(), cmp.Or(err, context.Cause(ctx))
}
