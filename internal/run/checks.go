package run

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/dns"
	"github.com/cpsync/cpsync/internal/edge"
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

func (c *dcvReads) one(ctx context.Context, have cert.Live) {
	found := report.DCV{Err: "not asked for, since others before could not be read"}
	if c.unread.Load() < MaxUnread {
		proofs, err := c.client.DomainValidations(ctx, have)
		if found = (report.DCV{Validations: proofs}); err != nil {
			c.unread.Add(1)
			found = report.DCV{Err: err.Error()}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read[have.ID] = found
}

// finishDCV reads what proves control where that was not read beside the status, and looks it up in DNS.
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
	r.Report.Requests.Queries = r.Options.Lookup.check(ctx, r.Target.Client, all, r.warn)
}

// Lookup says how records are looked up. The zero value looks nothing up.
type Lookup struct {
	Resolvers func() ([]string, error) // nil: nothing is looked up
	Direct    bool                     // ask the servers of a zone, which the resolvers name
	Dial      func(ctx context.Context, network, address string) (net.Conn, error)
	Time      time.Duration // at most: what DNS says decides nothing, and must leave the run its time
}

// check asks DNS for every record of the proofs, side by side, and writes into each what
// it says. It returns how many questions that took. That nobody can be asked is a warning.
func (d Lookup) check(run context.Context, c *cps.Client, proofs []cert.DomainValidation, warn func(string)) int {
	if d.Resolvers == nil {
		return 0
	}
	resolvers, err := d.Resolvers()
	if err != nil {
		if run.Err() == nil {
			warn(fmt.Sprintf("DNS was not asked: %v; name a server with --resolver", err))
		}
		return 0
	}
	var records []*cert.Record
	for _, p := range proofs {
		for i := range p.Records {
			p.Records[i].Lookup = cert.Lookup{Result: cert.NotAsked, Name: p.Records[i].Name, Why: "there was no time left"}
			records = append(records, &p.Records[i])
		}
	}
	// So many questions are enough for some hundred records, and no burden for whoever answers.
	checker := dns.New(dns.Config{Resolvers: resolvers, Direct: d.Direct, Dial: d.Dial, Timeout: 3 * time.Second, MaxQueries: 2000})
	ctx, cancel := context.WithTimeoutCause(run, d.Time, fmt.Errorf("the time for DNS is over (%s): the other records were not looked up", d.Time))
	defer cancel()
	err = c.Each(ctx, len(records), func(ctx context.Context, i int) error {
		records[i].Lookup = checker.Check(ctx, *records[i])
		return nil
	})
	if err = cmp.Or(err, context.Cause(ctx)); err != nil && run.Err() == nil {
		warn(err.Error())
	}
	return checker.Queries()
}

// EdgeCheck says how to look at what the CDN serves. The zero value looks at nothing.
type EdgeCheck struct {
	On          bool
	Connect     string // HOST:PORT in place of each CDN host
	All         bool   // all domains of a certificate, and not the first few
	Concurrency int
	Time        time.Duration // at most: what is served decides nothing, and must leave the run its time
}

// check looks at what is served for the steps that have a certificate. earlier returns the
// thumbprints that a request had before, as far as they are known.
func (c EdgeCheck) check(ctx context.Context, t *Target, steps []plan.Step, earlier func(cert.ID) []string, warn func(string)) (report.Edges, error) {
	if !c.On || t.Client == nil {
		return nil, nil
	}
	network, err := t.Edge()
	if err != nil {
		return nil, err
	}
	var checked []plan.Step
	var targets []edge.Target
	for _, s := range steps {
		if s.OnEdge() {
			checked = append(checked, s)
			targets = append(targets, edge.Target{Thumbprint: s.Have.Thumbprint, Earlier: earlier(s.Want.ID),
				Expires: s.Have.Expires, Domains: s.Have.Names(), Deployments: s.Have.Deployments})
		}
	}
	domains := 3
	if c.All || len(steps) == 1 {
		domains = unlimited
	}
	ctx, cancel := context.WithTimeout(ctx, c.Time)
	defer cancel()
	found := edge.Check(ctx, edge.Config{Network: network, Connect: c.Connect, Now: t.Now, Concurrency: c.Concurrency, Timeout: 5 * time.Second}, targets, domains)
	switch {
	case found.NoWayOut && c.Connect != "":
		warn("the edge was not checked: " + c.Connect + " could not be connected to")
	case found.NoWayOut:
		warn("the edge was not checked: no host could be connected to; this machine may have no direct way to the internet (proxies are not used)")
	case found.NotComparable:
		warn("no served certificate has a thumbprint that the API shows: expiry dates and domains are compared instead")
	}
	if ctx.Err() == context.DeadlineExceeded {
		warn(fmt.Sprintf("the time for the edge is over (%s, a quarter of --timeout): the other certificates were not checked", c.Time))
	}
	all := report.Edges{}
	for i, s := range checked {
		all[s.Want.ID] = plan.ServedOf(s, found.Edges[i], t.Now())
	}
	return all, nil
}

// edges looks at what is served of the certificates that a wait follows. What was seen last stands in the
// report.
func (r *Run) edges(ctx context.Context, waits []report.Wait) []plan.Served {
	warn := func(text string) { // once: each round may find it
		if !slices.ContainsFunc(r.Report.Warnings, func(p report.Problem) bool { return p.Message == text }) {
			r.warn(text)
		}
	}
	steps, before := make([]plan.Step, len(waits)), map[cert.ID]string{}
	for i, w := range waits {
		steps[i], before[w.Step.Want.ID] = w.Step, w.Step.Have.Thumbprint
		steps[i].Have, steps[i].Phase = w.Have, w.Phase
	}
	earlier := func(id cert.ID) []string { return append(r.Journal.thumbprints(id), before[id]) }
	found, err := r.Options.Edge.check(ctx, r.Target, steps, earlier, warn)
	if err != nil {
		warn("the edge was not checked: " + err.Error())
	}
	seen := report.Edges{} // a signal may be writing that of before
	maps.Copy(seen, r.Report.Edges)
	all := make([]plan.Served, len(waits))
	for i, s := range steps {
		all[i] = found[s.Want.ID]
		seen[s.Want.ID] = all[i]
	}
	r.Report.Edges = seen
	return all
}
