package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/importer"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Import writes a manifest for each live request that has none.
type Import struct {
	Dir     string
	Source  Source // the directory, and where other manifests are
	Query   string // only what the API's own search finds; "": no matter
	IDs     []cert.ID
	Domains []string          // only requests with one of these domains; "*.a" stands for all below a
	Tags    map[string]string // of the manifests written
	Schema  string            // address of the schema, for editors
	All     bool              // also what was rejected, or ended long ago
	Target  *Target
	Report  report.Import

	known  []cert.Spec // the manifests there are
	given  manifest.Defaults
	bounds cert.Spec // what the defaults of the directory give a manifest
}

// Load reads the manifests there are: below the directory, where there are any, and at the other paths.
func (im *Import) Load(ctx context.Context) (problems []report.Problem, err error) {
	disk, err := im.Source.Open(ctx)
	if err != nil {
		return nil, UsageError{Err: err}
	}
	paths := im.Source.Paths[1:]
	if manifest.HasManifests(disk, im.Dir) {
		paths = append([]string{im.Dir}, paths...)
	}
	if len(paths) > 0 {
		im.known, problems = manifest.Load(disk, paths)
	}
	if len(problems) == 0 {
		im.given, problems = manifest.DefaultsOf(disk, im.Source.Paths, im.Dir)
		im.bounds = im.given.Spec()
	}
	return problems, cmp.Or(context.Cause(ctx), disk.Err())
}

// Write reads the account, makes the manifests and plans them.
func (im *Import) Write(ctx context.Context) error {
	defer func() { im.Report.Requests = im.Target.Counted(im.Report.Requests) }()
	found, err := im.find(ctx)
	if err != nil {
		return err
	}
	drafts := im.drafts(found)
	used, err := importer.InUse(im.Dir)
	if err != nil {
		return err
	}
	var names importer.Names
	names.Take(used...)
	for _, s := range im.known {
		names.Take(s.Name)
	}
	for _, d := range drafts {
		path, err := importer.Write(im.Dir, names.For(d.Live)+".yaml", d.Text)
		if err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		var leftOut []string
		for _, o := range d.LeftOut {
			leftOut = append(leftOut, o.Key+", which "+o.Why)
		}
		im.Report.Written = append(im.Report.Written, report.Imported{Live: d.Live, File: path, LeftOut: leftOut})
	}
	return im.compare(ctx, found)
}

// drafts makes the manifests. One that would not read back as what is live is not written.
func (im *Import) drafts(found []cert.Live) []importer.Draft {
	var good []importer.Draft
	for _, l := range found {
		d := importer.DraftOf(l, im.bounds.Expect, im.Tags, im.Schema)
		specs, problems := manifest.Parse("request-"+l.ID.String(), d.Text, im.given)
		switch {
		case len(problems) > 0:
			im.problem(l.ID, "it makes no manifest: "+problems[0].Message)
		case len(specs) != 1 || len(diff.Fields(specs[0].Patch, l)) > 0:
			im.problem(l.ID, "its manifest would read back as something else")
		case len(diff.Expectations(specs[0].Expect, l)) > 0:
			c := diff.Expectations(specs[0].Expect, l)[0]
			at := specs[0].Place("expect." + c.Edit.String())
			im.problem(l.ID, fmt.Sprintf("its %s is %q, and %s:%d expects %q", c.Edit, c.From, at.File, at.Line, c.To))
		default:
			good = append(good, d)
		}
	}
	return good
}

// compare plans what was written from the state that was read. Nothing may differ.
func (im *Import) compare(ctx context.Context, found []cert.Live) error {
	if len(im.Report.Written) == 0 {
		return nil
	}
	s := im.Source
	s.Paths = append([]string{im.Dir}, s.Paths[1:]...)
	disk, err := s.Open(ctx)
	if err != nil {
		return UsageError{Err: err}
	}
	specs, problems, err := s.readManifests(ctx, disk)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		at := problems[0].At
		return fmt.Errorf("what was written can't be read: %s:%d:%d: %s", at.File, at.Line, at.Column, problems[0].Message)
	}
	p := plan.Build(plan.Account{Pairs: im.pairs(specs)}, im.Target.Instant, plan.Options{API: im.Target.API, MaxRenewals: len(found)})
	for _, s := range p.Steps {
		switch {
		case s.AsksForOrder():
			im.Report.Due = append(im.Report.Due, s)
		case !s.Agrees():
			im.Report.Differs = append(im.Report.Differs, s)
		}
		if w, is := s.Unrenewed(p.Now); is && !w.Accepted {
			im.Report.Unrenewed = append(im.Report.Unrenewed, s)
		}
	}
	return nil
}

func (im *Import) pairs(specs []cert.Spec) []plan.Pair {
	written := map[cert.ID]cert.Live{}
	for _, w := range im.Report.Written {
		written[w.Live.ID] = w.Live
	}
	var pairs []plan.Pair
	for _, s := range specs {
		if have, ok := written[s.ID]; ok {
			pairs = append(pairs, plan.Pair{Want: s, Have: have, Found: true})
			delete(written, s.ID)
		}
	}
	for _, have := range written {
		pairs = append(pairs, plan.Pair{Want: cert.Spec{ID: have.ID}, Have: have, Err: errors.New("its manifest was written and is not found")})
	}
	return pairs
}

func (im *Import) find(ctx context.Context) ([]cert.Live, error) {
	read := func() (cps.Listing, error) { return im.Target.Client.List(ctx, im.IDs) }
	if im.Query != "" {
		read = func() (cps.Listing, error) { return im.Target.Client.Search(ctx, im.Query) }
	}
	list, err := read()
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	for _, id := range list.Missing {
		im.problem(id, "there is no such request in this account")
	}
	for id, err := range list.Failed {
		if im.asksFor(id) {
			im.problem(id, err.Error())
		}
	}
	known := account.IDs(im.known)
	var found []cert.Live
	for _, domain := range im.Domains {
		if !slices.ContainsFunc(list.Live, func(l cert.Live) bool { return im.asksFor(l.ID) && hasDomain(l, domain) }) {
			return nil, fmt.Errorf("no request that was asked for has a domain like %s", domain)
		}
	}
	for _, l := range list.Live {
		switch {
		case !im.asksFor(l.ID) || len(im.Domains) > 0 && !slices.ContainsFunc(im.Domains, func(d string) bool { return hasDomain(l, d) }):
		case known[l.ID]:
			im.Report.Known++
		default:
			found = append(found, l)
		}
	}
	found, err = im.details(ctx, found)
	return slices.DeleteFunc(found, im.passes), err
}

// asksFor reports whether a request is one of those asked for: a whole list may have
// been the cheapest way to read a few.
func (im *Import) asksFor(id cert.ID) bool {
	return len(im.IDs) == 0 || slices.Contains(im.IDs, id)
}

// hasDomain reports whether a request has a domain; "*.a" stands for all domains below a.
func hasDomain(l cert.Live, domain string) bool {
	above, wildcard := strings.CutPrefix(domain, "*.")
	return slices.ContainsFunc(l.Names(), func(name string) bool {
		return name == domain || wildcard && name != above && cert.IsWithin(name, []string{above})
	})
}

func (im *Import) problem(id cert.ID, text string) {
	about := fmt.Sprintf("request %s: ", id) // some errors begin with it
	im.Report.Problems = append(im.Report.Problems, report.Problem{Message: about + strings.TrimPrefix(text, about)})
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
		if err == nil && have.ValidationType.Vetted() && !have.OrganizationRead {
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

// expiredFor is how long after its end a request is still taken for one in use.
const expiredFor = 30 * 24 * time.Hour

// passes reports whether a request gets no manifest, and counts it.
func (im *Import) passes(l cert.Live) bool {
	phase := cert.PhaseOf(l, im.Target.Instant)
	longExpired := phase == cert.Expired && im.Target.Instant.Sub(l.Expires) > expiredFor
	switch {
	case phase == cert.Deleted:
		im.Report.Deleted++
	case phase != cert.Rejected && !longExpired:
		return im.isOutside(l)
	case im.All || len(im.IDs) > 0: // named by its id it was chosen already
		return false
	case longExpired:
		im.Report.Expired++
	default:
		im.Report.Rejected++
	}
	return true
}

// isOutside reports whether a request has a name that no manifest here may hold, and
// says so: one at a time where it was asked for, else as a count.
func (im *Import) isOutside(l cert.Live) bool {
	for i, within := range im.bounds.Policy.DomainsWithin {
		outside := slices.DeleteFunc(l.Names(), func(name string) bool { return cert.IsWithin(name, within) })
		if len(outside) == 0 {
			continue
		}
		at := im.bounds.At[fmt.Sprintf("policy.domains_within[%d]", i)]
		if len(im.IDs) > 0 {
			im.problem(l.ID, fmt.Sprintf("%q is not allowed here: policy.domains_within at %s:%d", outside[0], at.File, at.Line))
		} else {
			im.Report.Outside++
			im.Report.Bounds = at
		}
		return true
	}
	return false
}
