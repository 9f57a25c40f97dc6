// Package account reads the live state that the manifests need: each request once, and its
// status or organization only if plan.Needs says so. It decides nothing.
package account

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

// State is the state of the account as far as the manifests need it.
type State struct {
	plan.Account
	Listed map[cert.ID]cert.Live // as the list shows them, without details
	Failed map[cert.ID]error     // requests that could not be read

	Reasons       map[string]int // why statuses were read, and how often
	Organizations int            // number of organizations read
	Expected      Expected
}

// Selection is all manifests, and those that the run chose.
type Selection struct {
	All, Chosen []cert.Spec
	Evaluate    *Evaluate // what is evaluated of Chosen; nil: all
}

// Evaluate is a change under review. Of certificates that it does not touch only the list is
// read, unless the decision about a touched one depends on them.
type Evaluate struct {
	Touched     map[cert.ID]bool
	Older       map[cert.ID]cert.Spec // the manifests that the change removes, or had before
	MaxRenewals int
}

// Also is what the caller wants beside what decisions need.
type Also struct {
	Status  func(cert.ID) string             // why the status of a request is read although no decision needs it, or ""; may be nil
	Control func(context.Context, cert.Live) // reads the DCV metadata of a request that waits for it; may be nil
	Expect  func(Expected)                   // gets how many requests the reading takes, as soon as known; may be nil
}

// ErrOther means that none of several manifests found its request. If a single request is
// missing, it may have been deleted, or its id is wrong.
var ErrOther = errors.New("none of the manifests names a request of this account")

// Read reads the list, and a status or an organization if a decision depends on it. A request
// that cannot be read has an error of its own. Any other error means that nothing is known.
func Read(ctx context.Context, c *cps.Client, m Selection, now time.Time, also Also) (State, error) {
	d := newDetails(c, m, now, also)
	ids := make([]cert.ID, len(m.Chosen))
	for i, s := range m.Chosen {
		ids[i] = s.ID
	}
	list, err := c.ListWith(ctx, ids, d.further, d.known)
	if err != nil {
		return State{}, fmt.Errorf("reading the account: %w", err)
	}
	s := match(m, list)
	if len(s.Pairs) > 1 && len(s.Unselected) == 0 && !slices.ContainsFunc(s.Pairs, func(p plan.Pair) bool { return p.Found || p.Err != nil }) {
		return State{}, ErrOther
	}
	for i := range s.Pairs {
		d.complete(&s.Pairs[i])
	}
	if err := d.evaluateMore(ctx, m.Evaluate, s.Pairs); err != nil {
		return State{}, fmt.Errorf("reading the account: %w", err)
	}
	s.Reasons, s.Organizations, s.Expected = d.reasons, d.organizations, d.expected
	s.Expected.Read = true
	return s, nil
}

// match pairs manifests with requests of the list.
func match(m Selection, list cps.Listing) State {
	s := State{Account: plan.Account{Complete: list.Whole}, Listed: map[cert.ID]cert.Live{}, Failed: list.Failed}
	for _, have := range list.Live {
		s.Listed[have.ID] = have
	}
	for _, want := range m.Chosen {
		p := s.Pair(want)
		p.ListOnly = !m.evaluates(want.ID)
		s.Pairs = append(s.Pairs, p)
	}
	all, chosen := IDs(m.All), IDs(m.Chosen)
	for _, other := range m.All {
		if !chosen[other.ID] {
			s.Others = append(s.Others, other)
		}
	}
	for _, have := range list.Live {
		switch {
		case chosen[have.ID]:
		case all[have.ID]:
			s.Unselected = append(s.Unselected, have)
		default:
			s.Unmanaged = append(s.Unmanaged, have)
		}
	}
	return s
}

func (m Selection) evaluates(id cert.ID) bool { return m.Evaluate == nil || m.Evaluate.Touched[id] }

// Pair returns a manifest and its request of the list.
func (s State) Pair(want cert.Spec) plan.Pair {
	have, found := s.Listed[want.ID]
	return plan.Pair{Want: want, Have: have, Found: found, Err: s.Failed[want.ID]}
}

// IDs returns the set of ids of manifests.
func IDs(specs []cert.Spec) map[cert.ID]bool {
	ids := map[cert.ID]bool{}
	for _, s := range specs {
		ids[s.ID] = true
	}
	return ids
}
