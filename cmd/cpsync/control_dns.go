package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/dns"
)

// How long a name server has for an answer, and how many questions a run asks: enough
// for some hundred records, and no burden for whoever answers.
const (
	queryTimeout = 3 * time.Second
	mostQueries  = 2000
)

// dnsTime is how long DNS is asked at most: what it says decides nothing, and must leave
// the run its time.
func (o options) dnsTime() time.Duration { return min(2*time.Minute, o.wholeTimeout()/4) }

// checkFlags refuses flags that contradict each other.
func (c *controlOptions) checkFlags(sandbox string) (err error) {
	switch {
	case !c.check && c.resolver != "":
		return errors.New("--resolver says whom --check-dns asks: give both")
	case !c.check:
		return nil
	case c.skip:
		return errors.New("--check-dns needs the records that --no-dcv does not read: use one")
	case sandbox != "" && c.resolver == "":
		return errors.New("--check-dns with --sandbox: the records of a simulated CA are in no real zone; name a server that holds them with --resolver")
	case c.resolver == "":
		return nil
	}
	if c.resolver, err = dns.Address(c.resolver); err != nil {
		return fmt.Errorf("--resolver: %w; write it as HOST or HOST:PORT", err)
	}
	return nil
}

// lookUp asks DNS for every record of the proofs, side by side, and writes into each what
// it says. It returns how many questions that took.
func (o options) lookUp(ctx context.Context, w world, c *cps.Client, proofs []cert.Proof) (int, error) {
	if !o.control.check {
		return 0, nil
	}
	resolvers, err := []string{o.control.resolver}, error(nil)
	if o.control.resolver == "" {
		resolvers, err = dns.System(w.resolvers)
	}
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
	checker := dns.New(dns.Config{Resolvers: resolvers, Direct: o.control.resolver == "", Dial: w.dial,
		Timeout: queryTimeout, MaxQueries: mostQueries})
	ctx, cancel := context.WithTimeoutCause(ctx, o.dnsTime(), fmt.Errorf("DNS has %s, which are over; what is left was not looked up", o.dnsTime()))
	defer cancel()
	err = c.Each(ctx, len(records), func(ctx context.Context, i int) error {
		records[i].Lookup = checker.Check(ctx, *records[i])
		return nil
	})
	return checker.Queries(), cmp.Or(err, context.Cause(ctx))
}
