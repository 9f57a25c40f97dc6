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
	plan.Account
	listed map[cert.ID]cert.Live // all that was read, without what details adds
	failed map[cert.ID]error     // what could not be read
}

// errOtherAccount: not one manifest found its request.
var errOtherAccount = errors.New("none of the manifests names a request of this account: other account, other credentials?")

// gather reads everything before anything is judged: the list, and a status or an
// organization where a decision depends on it.
func gather(ctx context.Context, c *cps.Client, m selection, now time.Time, held func(cert.ID) bool) (live, error) {
	ids := make([]cert.ID, len(m.chosen))
	for i, s := range m.chosen {
		ids[i] = s.ID
	}
	list, err := c.List(ctx, ids)
	if err != nil {
		return live{}, fmt.Errorf("reading the account: %w", err)
	}
	l := match(m, list)
	if !slices.ContainsFunc(l.Pairs, func(p plan.Pair) bool { return p.Found || p.Err != nil }) {
		return live{}, errOtherAccount
	}
	return l, details(ctx, c, l.Pairs, now, held)
}

// match pairs manifests with what the list holds.
func match(m selection, list cps.Listing) live {
	l := live{Account: plan.Account{Complete: list.Complete}, listed: map[cert.ID]cert.Live{}, failed: list.Failed}
	for _, have := range list.Live {
		l.listed[have.ID] = have
	}
	for _, want := range m.chosen {
		l.Pairs = append(l.Pairs, l.pair(want))
	}
	all, chosen := idsOf(m.all), idsOf(m.chosen)
	for _, have := range list.Live {
		switch {
		case chosen[have.ID]:
		case all[have.ID]:
			l.Unselected = append(l.Unselected, have)
		default:
			l.Unmanaged = append(l.Unmanaged, have)
		}
	}
	return l
}

// pair is a manifest and what the list holds of its request.
func (l live) pair(want cert.Spec) plan.Pair {
	have, found := l.listed[want.ID]
	return plan.Pair{Want: want, Have: have, Found: found, Err: l.failed[want.ID]}
}

func idsOf(specs []cert.Spec) map[cert.ID]bool {
	ids := map[cert.ID]bool{}
	for _, s := range specs {
		ids[s.ID] = true
	}
	return ids
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
