package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/importer"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// find reads the live requests that are to get a manifest.
func (a *adoption) find(ctx context.Context) ([]cert.Live, error) {
	list, err := a.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	a.complain(list)
	var found []cert.Live
	for _, l := range list.Live {
		switch {
		case !a.asksFor(l.ID):
		case slices.ContainsFunc(a.known, func(s cert.Spec) bool { return s.ID == l.ID }):
			a.report.Known++
		default:
			found = append(found, l)
		}
	}
	found, err = a.details(ctx, found)
	return slices.DeleteFunc(found, a.passes), err
}

// list reads what the flags ask for: everything, what a search finds, or ids.
func (a *adoption) list(ctx context.Context) (cps.Listing, error) {
	if query := a.o.imports.query; query != "" {
		return a.target.client.Search(ctx, query)
	}
	return a.target.client.List(ctx, a.o.imports.ids)
}

// asksFor reports whether a request is one of those asked for: a whole list may have
// been the cheapest way to read a few.
func (a *adoption) asksFor(id cert.ID) bool {
	ids := a.o.imports.ids
	return len(ids) == 0 || slices.Contains(ids, id)
}

// complain notes the requests that were asked for, or listed, and can't be read.
func (a *adoption) complain(list cps.Listing) {
	for _, id := range list.Missing {
		a.problem(id, "there is no such request in this account")
	}
	for id, err := range list.Failed {
		if a.asksFor(id) {
			a.problem(id, err.Error())
		}
	}
}

func (a *adoption) problem(id cert.ID, text string) {
	a.report.Problems = append(a.report.Problems, report.Problem{Message: fmt.Sprintf("request %s: %s", id, text)})
	slices.SortFunc(a.report.Problems, func(x, y report.Problem) int { return strings.Compare(x.Message, y.Message) })
}

// details reads what a manifest, or the choice of requests, rests on beyond the list:
// the organization of those that have one, and where a request is that is not plainly
// in service. What can't be read is left out and said.
func (a *adoption) details(ctx context.Context, found []cert.Live) ([]cert.Live, error) {
	client, failed := a.target.client, make([]error, len(found))
	err := client.Each(ctx, len(found), func(ctx context.Context, i int) error {
		have, err := found[i], error(nil)
		if plan.Needs(plan.Pair{Want: a.bounds, Have: have, Found: true}, a.target.instant).Status {
			have, err = client.Status(ctx, have)
		}
		if vetted := have.ValidationType == cert.OV || have.ValidationType == cert.EV; err == nil && vetted && !have.OrganizationRead {
			have, err = client.Organization(ctx, have)
		}
		if errors.Is(err, cert.ErrUnauthorized) || ctx.Err() != nil {
			return err
		}
		if failed[i] = err; err == nil {
			found[i] = have
		}
		return nil
	})
	var read []cert.Live
	for i, l := range found {
		if failed[i] != nil {
			a.problem(l.ID, failed[i].Error())
		} else {
			read = append(read, l)
		}
	}
	return read, err
}

// passes reports whether a request gets no manifest, and counts it.
func (a *adoption) passes(l cert.Live) bool {
	// Named by its id it was chosen already, whatever became of it.
	all := a.o.imports.all || len(a.o.imports.ids) > 0
	switch importer.KindOf(l, a.target.instant) {
	case importer.Deleted:
		a.report.Deleted++
		return true
	case importer.Rejected:
		if !all {
			a.report.Rejected++
		}
		return !all
	case importer.LongExpired:
		if !all {
			a.report.Expired++
		}
		return !all
	case importer.Adopted:
	}
	return a.isOutside(l)
}

// isOutside reports whether a request has a name that no manifest here may hold, and
// says so: one at a time where it was asked for, else as a count.
func (a *adoption) isOutside(l cert.Live) bool {
	for i, within := range a.bounds.Policy.DomainsWithin {
		for _, name := range l.Names() {
			if cert.IsWithin(name, within) {
				continue
			}
			at := a.bounds.At[fmt.Sprintf("policy.domains_within[%d]", i)]
			if len(a.o.imports.ids) > 0 {
				a.problem(l.ID, fmt.Sprintf("%q is not allowed here: policy.domains_within at %s:%d", name, at.File, at.Line))
				return true
			}
			a.report.Outside++
			a.report.Bounds = at
			return true
		}
	}
	return false
}

// drafts makes the manifests. One that would not read back as what is live is not
// written.
func (a *adoption) drafts(found []cert.Live) []importer.Draft {
	var good []importer.Draft
	for _, l := range found {
		d := importer.DraftOf(l, a.bounds.Expect)
		specs, problems := manifest.Parse("request-"+l.ID.String(), d.Text, a.given)
		switch {
		case len(problems) > 0:
			a.problem(l.ID, "it makes no manifest: "+problems[0].Message)
		case len(specs) != 1 || len(diff.Fields(specs[0].Patch, l)) > 0:
			a.problem(l.ID, "its manifest would read back as something else")
		case len(diff.Expectations(specs[0].Expect, l)) > 0:
			a.problem(l.ID, unexpected(specs[0], l))
		default:
			good = append(good, d)
		}
	}
	return good
}

// files gives each manifest a name that no other and no entry of the directory has.
func (a *adoption) files(drafts []importer.Draft) ([]string, error) {
	used, err := importer.InUse(a.dir)
	if err != nil {
		return nil, err
	}
	var names importer.Names
	names.Take(used...)
	for _, s := range a.known {
		names.Take(s.Name)
	}
	files := make([]string, len(drafts))
	for i, d := range drafts {
		files[i] = names.For(d.Live) + ".yaml"
	}
	return files, nil
}

// leftOut says what a manifest does not hold.
func leftOut(d importer.Draft) []string {
	var all []string
	for _, o := range d.LeftOut {
		all = append(all, o.Key+", which "+o.Why)
	}
	return all
}

// unexpected says what the defaults expect of a request that it is not, where its
// manifest can't expect something else.
func unexpected(want cert.Spec, have cert.Live) string {
	c := diff.Expectations(want.Expect, have)[0]
	at := want.Place("expect." + c.Edit.String())
	return fmt.Sprintf("its %s is %q, and %s:%d expects %q", c.Edit, c.From, at.File, at.Line, c.To)
}
