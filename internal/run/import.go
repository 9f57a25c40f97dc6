package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/cpsync/cpsync/internal/cert"
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
		im.Report.Written = append(im.Report.Written, report.Imported{Live: d.Live, File: path, LeftOut: leftOut(d)})
	}
	return im.compare(ctx, found)
}

// drafts makes the manifests. One that would not read back as what is live is not
// written.
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
