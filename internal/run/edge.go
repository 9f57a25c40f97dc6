package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/edge"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// EdgeCheck says how to look at what the CDN serves. The zero value looks at nothing.
type EdgeCheck struct {
	On          bool
	Connect     string // HOST:PORT in place of each CDN host
	All         bool   // all domains of a certificate, and not the first few
	Concurrency int
	Time        time.Duration // at most: what is served decides nothing, and must leave the run its time
}

const (
	handshakeTimeout = 5 * time.Second
	fewDomains       = 3
)

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
	all := report.Edges{}
	var checked []plan.Step
	var targets []edge.Target
	for _, s := range steps {
		if s.OnEdge() {
			checked = append(checked, s)
			targets = append(targets, edge.Target{Thumbprint: s.Have.Thumbprint, Earlier: earlier(s.Want.ID),
				Expires: s.Have.Expires, Domains: s.Have.Names(), Deployments: s.Have.Deployments})
		}
	}
	domains := fewDomains
	if c.All || len(steps) == 1 {
		domains = unlimited
	}
	ctx, cancel := context.WithTimeout(ctx, c.Time)
	defer cancel()
	found := edge.Check(ctx, edge.Config{Network: network, Connect: c.Connect, Now: t.Now, Concurrency: c.Concurrency, Timeout: handshakeTimeout}, targets, domains)
	switch {
	case found.NoWayOut:
		warn("the edge was not checked: no CDN host answered; this machine may have no direct way to the internet (proxies are not used)")
	case found.NotComparable:
		warn("no served certificate has a thumbprint that the API shows: expiry dates and domains are compared instead")
	}
	if ctx.Err() == context.DeadlineExceeded {
		warn(fmt.Sprintf("the time for the edge is over (%s, a quarter of --timeout): the other certificates were not checked", c.Time))
	}
	for i, s := range checked {
		all[s.Want.ID] = plan.ServedOf(s, found.Edges[i], t.Now())
	}
	return all, nil
}

// warnOnce is warn for what may be found again and again.
func (r *Run) warnOnce(text string) {
	if !slices.ContainsFunc(r.Report.Warnings, func(p report.Problem) bool { return p.Message == text }) {
		r.warn(text)
	}
}

// edgeOf looks at what is served of the certificates that a wait follows; nil when it does not.
// What was seen last stands in the report.
func (r *Run) edgeOf() func(context.Context, []report.Wait) []plan.Served {
	if !r.Options.Edge.On {
		return nil
	}
	return func(ctx context.Context, waits []report.Wait) []plan.Served {
		steps, before := make([]plan.Step, len(waits)), map[cert.ID]string{}
		for i, w := range waits {
			steps[i], before[w.Step.Want.ID] = w.Step, w.Step.Have.Thumbprint
			steps[i].Have, steps[i].Phase = w.Have, w.Phase
		}
		earlier := func(id cert.ID) []string { return append(r.Journal.thumbprints(id), before[id]) }
		found, err := r.Options.Edge.check(ctx, r.Target, steps, earlier, r.warnOnce)
		if err != nil {
			r.warnOnce("the edge was not checked: " + err.Error())
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
}
