package main

import (
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// live is the account as it was read, asked about manifests of the past.
type live struct{ account.State }

// read are the pairs of the manifests that were chosen, by id.
func (l live) read() map[cert.ID]plan.Pair {
	all := map[cert.ID]plan.Pair{}
	for _, p := range l.Pairs {
		all[p.Want.ID] = p
	}
	return all
}

// asOf pairs a manifest of the past with what was read for that of now. It is not
// known what to plan when the past asks for something that takes another reading.
func (l live) asOf(want cert.Spec, now plan.Pair, at time.Time) (p plan.Pair, known bool) {
	p = l.Pair(want)
	needs := plan.Needs(p, at)
	switch {
	case now.Err == nil:
		p.Have = now.Have
		return p, (!needs.Status || p.Have.StatusRead()) && (!needs.Organization || p.Have.OrganizationRead)
	case plan.StatusReason(p, at) == "" && !needs.Organization:
		return p, true // what failed is read for the sake of the change
	default:
		p.Err = now.Err
		return p, true
	}
}

// stays reports whether there is, as far as is known, a request that loses its
// manifest: one that was deleted needs none.
func (l live) stays(id cert.ID, at time.Time) bool {
	have, listed := l.Listed[id]
	if !listed {
		return !l.Complete || l.Failed[id] != nil
	}
	return cert.PhaseOf(have, at) != cert.Deleted
}

// gone is what is known of a request that loses its manifest.
func (l live) gone(want cert.Spec) report.Gone {
	have, listed := l.Listed[want.ID]
	if !listed {
		have.Label = want.Label.Or("")
	}
	return report.Gone{ID: want.ID, Name: want.Name, Label: have.Label, Known: listed,
		AutoRenew: have.AutoRenew, Expires: have.Expires, Accepted: want.Policy.Accepts(cert.NothingRenews)}
}
