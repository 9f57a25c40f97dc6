package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// What List reads of the status.
type StatusReads uint8

const (
	StatusNeeded StatusReads = iota // where the list alone can mislead, such as near the expiry
	StatusAll
	StatusNone
)

// List shows the requests of an account, or those that manifests name, the soonest expiry first.
type List struct {
	Choice    Choice // Only and Tags
	Expiring  time.Duration
	Unmanaged bool // only requests without a manifest
	Status    StatusReads
	Edge      EdgeCheck
	Report    report.Listing
	Warn      func(string)

	named bool // paths were given: the list is about their manifests
	specs []cert.Spec
}

// Load reads the manifests. Those of the working directory, where no path was given, are a
// help and no condition.
func (l *List) Load(ctx context.Context, s Source) (err error) {
	l.named = len(s.Paths) > 0
	l.specs, l.Report.Problems, err = s.around(ctx, "listed", l.Warn)
	return err
}

// Read reads the account, and the status of what is shown.
func (l *List) Read(ctx context.Context, t *Target) error {
	pairs, err := l.pairs(ctx, t)
	if err != nil {
		return err
	}
	if err := l.check(pairs); err != nil {
		return err
	}
	shown := slices.DeleteFunc(pairs, func(p plan.Pair) bool {
		late := l.Expiring > 0 && p.Found && p.Err == nil && (p.Have.Expires.IsZero() || p.Have.Expires.After(t.Instant.Add(l.Expiring)))
		return late || !l.Choice.picks(p) || l.Unmanaged && l.Report.Managed[p.Want.ID]
	})
	if err := l.status(ctx, t, shown); err != nil {
		return err
	}
	if l.Status == StatusNone { // a plan of what manifests ask for would need it
		for i, p := range shown {
			shown[i].Want = cert.Spec{ID: p.Want.ID, Name: p.Want.Name, Tags: p.Want.Tags, At: p.Want.At}
		}
	}
	p := plan.Build(plan.Account{Pairs: shown}, t.Instant, plan.Options{API: t.API, MaxEdits: unlimited, MaxDomainChanges: unlimited, MaxRenewals: unlimited})
	l.Report.Steps, l.Report.StatusNotRead = p.SoonestFirst(), l.Status == StatusNone
	l.Report.Edges, err = l.Edge.check(ctx, t, l.Report.Steps, func(cert.ID) []string { return nil }, l.Warn)
	return err
}

// pairs are all requests that the list is about. One without a manifest has an empty one.
func (l *List) pairs(ctx context.Context, t *Target) ([]plan.Pair, error) {
	var wanted []cert.ID
	if l.named && !l.Unmanaged {
		for _, spec := range l.specs {
			wanted = append(wanted, spec.ID)
		}
	}
	list, err := t.Client.List(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	state := account.State{Listed: map[cert.ID]cert.Live{}, Failed: list.Failed}
	l.Report.Managed = account.IDs(l.specs)
	unmanaged := 0
	var pairs []plan.Pair
	for _, have := range list.Live {
		state.Listed[have.ID] = have
		if l.Report.Managed[have.ID] || cert.PhaseOf(have, t.Instant) == cert.Deleted {
			continue
		}
		unmanaged++
		if !l.named || l.Unmanaged {
			pairs = append(pairs, plan.Pair{Want: cert.Spec{ID: have.ID, Name: have.Label}, Have: have, Found: true})
		}
	}
	for _, spec := range l.specs {
		pairs = append(pairs, state.Pair(spec))
	}
	for _, id := range slices.Sorted(maps.Keys(list.Failed)) {
		if l.Report.Managed[id] {
			continue
		}
		unmanaged++
		if !l.named || l.Unmanaged {
			pairs = append(pairs, state.Pair(cert.Spec{ID: id}))
		}
	}
	for i := range pairs { // what can't be read is there all the same
		if p := &pairs[i]; p.Err != nil {
			p.Have.ID = p.Want.ID
		}
	}
	if list.Whole && len(l.specs) > 0 {
		l.Report.Unmanaged = &unmanaged
	}
	l.Report.Total = len(pairs)
	return pairs, nil
}

// check refuses a choice that matches nothing: a typing error must not look like a fleet
// without certificates.
func (l *List) check(pairs []plan.Pair) error {
	for _, word := range l.Choice.Only {
		if slices.ContainsFunc(pairs, func(p plan.Pair) bool { return isNamed(p, word) }) {
			continue
		}
		known := wordsFor(l.specs)
		for _, p := range pairs {
			known = append(known, p.Have.Label, p.Have.Common)
		}
		return notFound("--only %q matches no request%s", word, meant(word, "--only", known))
	}
	return checkTags(l.Choice.Tags, l.specs)
}

// status reads the status of the requests that are shown. One that can't be read is an
// error of that request.
func (l *List) status(ctx context.Context, t *Target, shown []plan.Pair) error {
	var ask []*plan.Pair
	for i := range shown {
		p := &shown[i]
		needed := l.Status == StatusAll || plan.StatusReason(*p, t.Instant) != ""
		if p.Found && p.Err == nil && needed && l.Status != StatusNone {
			ask = append(ask, p)
		}
	}
	return t.Client.Each(ctx, len(ask), func(ctx context.Context, i int) error {
		have, err := t.Client.Status(ctx, ask[i].Have)
		switch {
		case errors.Is(err, cert.ErrUnauthorized) || ctx.Err() != nil:
			return err
		case err != nil:
			ask[i].Err = err
		default:
			ask[i].Have = have
		}
		return nil
	})
}
