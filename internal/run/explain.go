package run

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/report"
)

// Explanation says where one request is in its life, and who acts next.
type Explanation struct {
	Options Options
	Target  *Target
	Report  report.Explanation
	Warn    func(string)

	specs []cert.Spec
}

// Load reads the manifests. Those of the working directory, where no path was given, are a
// help and no condition.
func (e *Explanation) Load(ctx context.Context, s Source) (err error) {
	e.specs, e.Report.Problems, err = s.around(ctx, "explained", e.Warn)
	return err
}

// Read finds the request, reads it, and has the plan judge it.
func (e *Explanation) Read(ctx context.Context, t *Target, journal Journal) error {
	e.Target = t
	id, err := e.find(ctx)
	if err != nil {
		return err
	}
	have, err := t.Client.Certificate(ctx, id, true)
	if errors.Is(err, cert.ErrNotFound) {
		gone := notFound("%s", plan.Missing(id))
		if i := slices.IndexFunc(e.specs, func(s cert.Spec) bool { return s.ID == id }); i >= 0 {
			gone.Hint = "Check metadata.id at " + placeOfID(e.specs[i]) + "."
		}
		return gone
	}
	if err != nil {
		return err
	}
	if err := e.judge(ctx, have, journal); err != nil {
		return err
	}
	if e.Report.Edges, err = e.Options.Edge.check(ctx, t, []plan.Step{e.Report.Step}, journal.thumbprints, e.Warn); err != nil {
		return err
	}
	served := e.Report.Edges[id]
	if e.Report.Next = e.Report.Next.Before(served); served.There {
		e.Report.Life = e.Report.Life.Served()
	}
	if !e.Options.DCV || !e.Report.Step.AwaitsDCV() {
		return nil
	}
	e.Report.DCV, err = t.Client.DomainValidations(ctx, have)
	if e.Report.DCVRead = err == nil; err != nil {
		return err
	}
	e.Report.Requests.Queries = e.Options.Lookup.check(ctx, t.Client, e.Report.DCV, e.Warn)
	return context.Cause(ctx)
}

// unlimited is a limit that explain never reports as exceeded.
const unlimited = math.MaxInt

func (e *Explanation) judge(ctx context.Context, have cert.Live, journal Journal) error {
	want := cert.Spec{ID: have.ID, Name: have.Label}
	var others []cert.Spec
	for _, s := range e.specs {
		if s.ID == have.ID {
			want, e.Report.Managed = s, true
		} else {
			others = append(others, s)
		}
	}
	for _, w := range journal.past.Writes(have.ID) {
		e.Report.Writes = append(e.Report.Writes, report.Write{At: w.Time, Kind: w.Operation.Kind, Fields: w.Fields, Outcome: w.Outcome, Run: w.Run})
	}
	a := plan.Account{Pairs: []plan.Pair{{Want: want, Have: have, Found: true}}, Others: others}
	o := e.Options.Rules
	journal.complete(&o, e.Target, a.Pairs)
	o.MaxEdits, o.MaxDomainChanges, o.MaxRenewals = unlimited, unlimited, unlimited
	if label, ok := want.Label.Get(); ok && label != have.Label { // all the others decide whether it can have that label
		s, err := account.Read(ctx, e.Target.Client, account.Selection{All: e.specs, Chosen: e.specs}, e.Target.Instant, account.Also{})
		if err != nil {
			return err
		}
		others := slices.DeleteFunc(s.Pairs, func(p plan.Pair) bool { return p.Want.ID == want.ID })
		s.Pairs = append(a.Pairs, others...)
		a = s.Account
	}
	now := e.Target.Instant
	s := plan.Build(a, now, o).Steps[0]
	e.Report.Step, e.Report.Life = s, view.LifeOf(have, now)
	e.Report.Next, e.Report.Renewal, e.Report.Outlooks = view.WhoActs(s, now), s.Renewal(now), s.Outlooks(now, o)
	return nil
}

// find returns the id of the one request that is meant: by a manifest, by its id, or
// else by the labels and names of the whole account.
func (e *Explanation) find(ctx context.Context) (cert.ID, error) {
	word := e.Report.Asked
	found := candidates(cert.Find(e.specs, word))
	if id, err := cert.ParseID(word); err == nil && !slices.ContainsFunc(found, func(c candidate) bool { return c.id == id }) {
		found = append(found, candidate{id, word + "  the request with this id"})
	}
	var known []string
	if len(found) == 0 {
		list, err := e.Target.Client.List(ctx, nil)
		if err != nil {
			return 0, fmt.Errorf("reading the account: %w", err)
		}
		for _, l := range list.Live {
			if l.IsNamed(word) {
				found = append(found, candidate{l.ID, fmt.Sprintf("%s  %s", l.ID, l.Label)})
			}
			known = append(known, l.Label, l.Common)
		}
	}
	switch len(found) {
	case 0:
		for _, s := range e.specs {
			known = append(known, s.Name)
		}
		return 0, notFound("nothing is called %q: no manifest has this name, and no request of this account this id, label or domain%s", word, meant(word, "", known))
	case 1:
		return found[0].id, nil
	default:
		return 0, ambiguous(word, found)
	}
}
