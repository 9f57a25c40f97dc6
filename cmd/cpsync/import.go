package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/importer"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// adoption is one run of import. The report grows as the run goes on.
type adoption struct {
	w      world
	o      options
	dir    string
	known  []cert.Spec // the manifests there are
	given  manifest.Defaults
	bounds cert.Spec // what the defaults of dir give a manifest
	target *target
	report report.Adoption
}

// runImport writes a manifest for each live request that has none.
func runImport(ctx context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return usage(w, "import", errors.New("name the directory to write manifests into"))
	}
	if err := o.imports.check(); err != nil {
		return usage(w, "import", err)
	}
	w, talk, progress := conversation(w, o)
	warnOfUnknown(w.environ, talk)
	a := &adoption{w: w, o: o, dir: filepath.Clean(o.paths[0])}
	a.report.Dir, a.report.Paths, a.report.Flags = a.dir, o.paths[1:], o.repeat
	if err := importer.Writable(a.dir); err != nil {
		return fail(w, fmt.Errorf("%w; nothing was written", err))
	}
	soft, cancel := softly(ctx, a.w.stop, a.o.wholeTimeout(), func() {})
	defer cancel()
	problems, err := a.survey(soft)
	if err != nil {
		return endOf(w, err)
	}
	if len(problems) > 0 {
		return a.broken(problems)
	}
	return a.run(soft, talk, progress)
}

// survey reads the manifests there are: below the directory, where there are any, and
// at the other paths.
func (a *adoption) survey(ctx context.Context) (problems []report.Problem, err error) {
	disk, err := openDisk(ctx, a.w, a.o, a.o.paths)
	if err != nil {
		return nil, err
	}
	paths := a.o.paths[1:]
	if manifest.HasManifests(disk, a.dir) {
		paths = append([]string{a.dir}, paths...)
	}
	if len(paths) > 0 {
		a.known, problems = manifest.Load(disk, paths)
	}
	if len(problems) == 0 {
		a.given, problems = manifest.DefaultsOf(disk, a.o.paths, a.dir)
		a.bounds = a.given.Spec()
	}
	return problems, cmp.Or(context.Cause(ctx), disk.Err())
}

// broken ends an import beside manifests that can't be read: what they are for can't
// be known.
func (a *adoption) broken(problems []report.Problem) int {
	for _, p := range problems {
		fmt.Fprintln(a.w.stderr, words.Problem(p))
	}
	return fail(a.w, fmt.Errorf("%s in the manifests there are; nothing was written", count(len(problems), "problem")))
}

// run reads the account, writes, looks at what was written, and prints the report.
func (a *adoption) run(soft context.Context, talk *slog.Logger, progress *progress) int {
	t, err := connect(soft, a.w, a.o, talk)
	if err != nil {
		return fail(a.w, err)
	}
	defer t.close()
	a.target, a.report.Target, a.report.Now = t, t.name, t.instant
	if err := a.write(soft); err != nil {
		a.report.Failure = failureOf(err)
	}
	progress.end()
	c := t.client.Counts()
	a.report.Requests = report.Requests{Reads: c.Reads, Writes: c.Writes}
	out := &rememberer{w: a.w.stdout}
	style := styleOf(a.w.stdout, a.o.color, a.o.verbose, a.w.getenv)
	err = text.Import(out, a.report, style)
	switch {
	case a.w.stop.done():
		return a.w.stop.code
	case err != nil || out.err != nil || !a.report.Good():
		return exitError
	default:
		return exitOK
	}
}

// write makes the manifests and plans them.
func (a *adoption) write(ctx context.Context) error {
	found, err := a.find(ctx)
	if err != nil {
		return err
	}
	drafts := a.drafts(found)
	files, err := a.files(drafts)
	if err != nil {
		return err
	}
	for i, d := range drafts {
		path, err := importer.Write(a.dir, files[i], d.Text)
		if err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		a.report.Written = append(a.report.Written, report.Adopted{Live: d.Live, File: path, LeftOut: leftOut(d)})
	}
	return a.compare(ctx, found)
}

// compare plans what was written from the state that was read. Nothing may differ.
func (a *adoption) compare(ctx context.Context, found []cert.Live) error {
	if len(a.report.Written) == 0 {
		return nil
	}
	paths := append([]string{a.dir}, a.o.paths[1:]...)
	disk, err := openDisk(ctx, a.w, a.o, paths)
	if err != nil {
		return err
	}
	specs, problems, err := load(ctx, disk, paths)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("what was written can't be read: %s", words.Problem(problems[0]))
	}
	p := plan.Build(plan.Account{Pairs: a.pairs(specs)}, a.target.instant, plan.Options{API: a.target.api, MaxRenewals: len(found)})
	for _, s := range p.Steps {
		switch {
		case s.AsksForOrder():
			a.report.Due = append(a.report.Due, s)
		case !s.Agrees():
			a.report.Differs = append(a.report.Differs, s)
		}
		if w, is := s.Unrenewed(p.Now); is && !w.Accepted {
			a.report.Unrenewed = append(a.report.Unrenewed, s)
		}
	}
	return nil
}

// pairs are the manifests written, each with its request.
func (a *adoption) pairs(specs []cert.Spec) []plan.Pair {
	written := map[cert.ID]cert.Live{}
	for _, w := range a.report.Written {
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
