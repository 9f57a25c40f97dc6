package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/importer"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// find reads the live requests that are to get a manifest.
func (im *Import) find(ctx context.Context) ([]cert.Live, error) {
	list, err := im.readList(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	im.note(list)
	var found []cert.Live
	for _, domain := range im.Domains {
		if !slices.ContainsFunc(list.Live, func(l cert.Live) bool { return hasDomain(l, domain) }) {
			return nil, fmt.Errorf("no request that was asked for has a domain like %s", domain)
		}
	}
	for _, l := range list.Live {
		switch {
		case !im.asksFor(l.ID) || len(im.Domains) > 0 && !slices.ContainsFunc(im.Domains, func(d string) bool { return hasDomain(l, d) }):
		case slices.ContainsFunc(im.known, func(s cert.Spec) bool { return s.ID == l.ID }):
			im.Report.Known++
		default:
			found = append(found, l)
		}
	}
	found, err = im.details(ctx, found)
	return slices.DeleteFunc(found, im.passes), err
}

// readList reads what the flags ask for: everything, what a search finds, or ids.
func (im *Import) readList(ctx context.Context) (cps.Listing, error) {
	if query := im.Query; query != "" {
		return im.Target.Client.Search(ctx, query)
	}
	return im.Target.Client.List(ctx, im.IDs)
}

// asksFor reports whether a request is one of those asked for: a whole list may have
// been the cheapest way to read a few.
func (im *Import) asksFor(id cert.ID) bool {
	ids := im.IDs
	return len(ids) == 0 || slices.Contains(ids, id)
}

// hasDomain reports whether a request has a domain; "*.a" stands for all domains below a.
func hasDomain(l cert.Live, domain string) bool {
	above, wildcard := strings.CutPrefix(domain, "*.")
	return slices.ContainsFunc(l.Names(), func(name string) bool {
		return name == domain || wildcard && name != above && cert.IsWithin(name, []string{above})
	})
}

// note keeps the requests that were asked for, or listed, and can't be read.
func (im *Import) note(list cps.Listing) {
	for _, id := range list.Missing {
		im.problem(id, "there is no such request in this account")
	}
	for id, err := range list.Failed {
		if im.asksFor(id) {
			im.problem(id, err.Error())
		}
	}
}

func (im *Import) problem(id cert.ID, text string) {
	im.Report.Problems = append(im.Report.Problems, report.Problem{Message: fmt.Sprintf("request %s: %s", id, text)})
	slices.SortFunc(im.Report.Problems, func(x, y report.Problem) int { return strings.Compare(x.Message, y.Message) })
}

// details reads what a manifest, or the choice of requests, rests on beyond the list:
// the organization of those that have one, and where a request is that is not plainly
// in service. What can't be read is left out and said.
func (im *Import) details(ctx context.Context, found []cert.Live) ([]cert.Live, error) {
	client, failed := im.Target.Client, make([]error, len(found))
	err := client.Each(ctx, len(found), func(ctx context.Context, i int) error {
		have, err := found[i], error(nil)
		if plan.Needs(plan.Pair{Want: im.bounds, Have: have, Found: true}, im.Target.Instant).Status {
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
			im.problem(l.ID, failed[i].Error())
		} else {
			read = append(read, l)
		}
	}
	return read, err
}

// passes reports whether a request gets no manifest, and counts it.
func (im *Import) passes(l cert.Live) bool {
	// Named by its id it was chosen already, whatever became of it.
	all := im.All || len(im.IDs) > 0
	switch importer.KindOf(l, im.Target.Instant) {
	case importer.Deleted:
		im.Report.Deleted++
		return true
	case importer.Rejected:
		if !all {
			im.Report.Rejected++
		}
		return !all
	case importer.LongExpired:
		if !all {
			im.Report.Expired++
		}
		return !all
	case importer.Imported:
	}
	return im.isOutside(l)
}

// isOutside reports whether a request has a name that no manifest here may hold, and
// says so: one at a time where it was asked for, else as a count.
func (im *Import) isOutside(l cert.Live) bool {
	for i, within := range im.bounds.Policy.DomainsWithin {
		for _, name := range l.Names() {
			if cert.IsWithin(name, within) {
				continue
			}
			at := im.bounds.At[fmt.Sprintf("policy.domains_within[%d]", i)]
			if len(im.IDs) > 0 {
				im.problem(l.ID, fmt.Sprintf("%q is not allowed here: policy.domains_within at %s:%d", name, at.File, at.Line))
				return true
			}
			im.Report.Outside++
			im.Report.Bounds = at
			return true
		}
	}
	return false
}
