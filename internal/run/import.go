package run

import (
	"cmp"
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

// Import writes a manifest for each live request that has none.
type Import struct {
	Dir    string
	Source Source // the directory, and where other manifests are
	Query  string // only what the API's own search finds; "": no matter
	IDs    []cert.ID
	All    bool // also what was rejected, or ended long ago
	Target *Target
	Report report.Adoption

	known  []cert.Spec // the manifests there are
	given  manifest.Defaults
	bounds cert.Spec // what the defaults of the directory give a manifest
}

// Load reads the manifests there are: below the directory, where there are any, and
// at the other paths.
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
	defer func() {
		c := im.Target.Client.Counts()
		im.Report.Requests = report.Requests{Reads: c.Reads, Writes: c.Writes}
	}()
	found, err := im.find(ctx)
	if err != nil {
		return err
	}
	drafts := im.drafts(found)
	files, err := im.files(drafts)
	if err != nil {
		return err
	}
	for i, d := range drafts {
		path, err := importer.Write(im.Dir, files[i], d.Text)
		if err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		im.Report.Written = append(im.Report.Written, report.Adopted{Live: d.Live, File: path, LeftOut: leftOut(d)})
	}
	return im.compare(ctx, found)
}

// find reads the live requests that are to get a manifest.
func (im *Import) find(ctx context.Context) ([]cert.Live, error) {
	list, err := im.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the account: %w", err)
	}
	im.note(list)
	var found []cert.Live
	for _, l := range list.Live {
		switch {
		case !im.asksFor(l.ID):
		case slices.ContainsFunc(im.known, func(s cert.Spec) bool { return s.ID == l.ID }):
			im.Report.Known++
		default:
			found = append(found, l)
		}
	}
	found, err = im.details(ctx, found)
	return slices.DeleteFunc(found, im.passes), err
}

// list reads what the flags ask for: everything, what a search finds, or ids.
func (im *Import) list(ctx context.Context) (cps.Listing, error) {
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
	case importer.Adopted:
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

// drafts makes the manifests. One that would not read back as what is live is not
// written.
func (im *Import) drafts(found []cert.Live) []importer.Draft {
	var good []importer.Draft
	for _, l := range found {
		d := importer.DraftOf(l, im.bounds.Expect)
		specs, problems := manifest.Parse("request-"+l.ID.String(), d.Text, im.given)
		switch {
		case len(problems) > 0:
			im.problem(l.ID, "it makes no manifest: "+problems[0].Message)
		case len(specs) != 1 || len(diff.Fields(specs[0].Patch, l)) > 0:
			im.problem(l.ID, "its manifest would read back as something else")
		case len(diff.Expectations(specs[0].Expect, l)) > 0:
			im.problem(l.ID, unexpected(specs[0], l))
		default:
			good = append(good, d)
		}
	}
	return good
}

// files gives each manifest a name that no other and no entry of the directory has.
func (im *Import) files(drafts []importer.Draft) ([]string, error) {
	used, err := importer.InUse(im.Dir)
	if err != nil {
		return nil, err
	}
	var names importer.Names
	names.Take(used...)
	for _, s := range im.known {
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

// compare plans what was written from the state that was read. Nothing may differ.
func (im *Import) compare(ctx context.Context, found []cert.Live) error {
	if len(im.Report.Written) == 0 {
		return nil
	}
	s := Source{Paths: append([]string{im.Dir}, im.Source.Paths[1:]...), Root: im.Source.Root, Environ: im.Source.Environ}
	disk, err := s.Open(ctx)
	if err != nil {
		return UsageError{Err: err}
	}
	specs, problems, err := s.load(ctx, disk)
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

// pairs are the manifests written, each with its request.
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
		pairs = append(pairs, plan.Pair{Want: cert.Spec{ID: have.ID}, Have: have, Err: errNoManifest})
	}
	return pairs
}

// errNoManifest: a manifest was written and is not there.
var errNoManifest = errors.New("its manifest was written and is not found")
