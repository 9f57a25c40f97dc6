package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
)

// live is the state of the account as far as the manifests need it.
type live struct {
	pairs    []plan.Pair
	others   []cert.Live // requests without a manifest
	complete bool        // pairs and others are the whole account
}

// errOtherAccount: not one manifest found its request.
var errOtherAccount = errors.New("none of the manifests names a request of this account: other account, other credentials?")

// gather reads everything before anything is judged: the list, and a status or an
// organization where a decision depends on it.
func gather(ctx context.Context, c *cps.Client, specs []cert.Spec, now time.Time, held func(cert.ID) bool) (live, error) {
	ids := make([]cert.ID, len(specs))
	for i, s := range specs {
		ids[i] = s.ID
	}
	list, err := c.List(ctx, ids)
	if err != nil {
		return live{}, fmt.Errorf("reading the account: %w", err)
	}
	l := match(specs, list)
	if !slices.ContainsFunc(l.pairs, func(p plan.Pair) bool { return p.Found || p.Err != nil }) {
		return live{}, errOtherAccount
	}
	return l, details(ctx, c, l.pairs, now, held)
}

// match pairs manifests with what the list holds.
func match(specs []cert.Spec, list cps.Listing) live {
	byID := map[cert.ID]cert.Live{}
	for _, l := range list.Live {
		byID[l.ID] = l
	}
	l := live{complete: list.Complete}
	for _, s := range specs {
		have, found := byID[s.ID]
		l.pairs = append(l.pairs, plan.Pair{Want: s, Have: have, Found: found, Err: list.Failed[s.ID]})
		delete(byID, s.ID)
	}
	for _, other := range list.Live {
		if _, left := byID[other.ID]; left {
			l.others = append(l.others, other)
		}
	}
	return l
}

// details reads what plan.Needs asks for, and the status of what the journal holds,
// side by side. One certificate that can't
// be read is an error of that certificate; credentials that no longer do, or a run
// that has to end, are errors of the run.
func details(ctx context.Context, c *cps.Client, pairs []plan.Pair, now time.Time, held func(cert.ID) bool) error {
	err := c.Each(ctx, len(pairs), func(ctx context.Context, i int) error {
		p := &pairs[i]
		needs := plan.Needs(*p, now)
		have, err := p.Have, error(nil)
		if p.Found && (needs.Status || held(p.Want.ID)) {
			have, err = c.Status(ctx, have)
		}
		if err == nil && needs.Organization {
			have, err = c.Organization(ctx, have)
		}
		if errors.Is(err, cert.ErrUnauthorized) || ctx.Err() != nil {
			return fmt.Errorf("reading request %s: %w", p.Want.ID, err)
		}
		p.Have, p.Err = have, errors.Join(p.Err, err)
		return nil
	})
	return err
}
