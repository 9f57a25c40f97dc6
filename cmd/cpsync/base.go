package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/revision"
)

// baseline is the manifests as of --base. It has none when those have problems, so
// that everything counts as this change.
type baseline struct {
	revision string
	specs    []cert.Spec
	broken   bool
}

// manifests are those of the base by id; nil without one, and where they have problems.
func (b *baseline) manifests() map[cert.ID]cert.Spec {
	if b == nil || b.broken {
		return nil
	}
	all := map[cert.ID]cert.Spec{}
	for _, s := range b.specs {
		all[s.ID] = s
	}
	return all
}

// revision opens the files of the paths as of a revision. The secrets of this program
// are no business of git.
func (s *session) revision(ctx context.Context, rev string) (*revision.Tree, error) {
	return revision.Open(ctx, s.w.withoutOurs(), rev, s.o.paths)
}

// withoutOurs is the environment without the variables of this program.
func (w world) withoutOurs() []string {
	ours := func(variable string) bool { return strings.HasPrefix(variable, envPrefix) }
	return slices.DeleteFunc(slices.Clone(w.environ), ours)
}

// head is the commit of the manifests, for a report in JSON; "" when nobody asked for one.
func (s *session) head(ctx context.Context) string {
	json := s.o.format == "json" || slices.ContainsFunc(s.o.outFiles, func(f outFile) bool { return f.format == "json" })
	if !json {
		return ""
	}
	return revision.Head(ctx, s.w.withoutOurs(), s.o.paths)
}

// readBase reads the manifests as of --base, and which of those chosen are others now; nil
// without it.
func (s *session) readBase(ctx context.Context, m account.Selection) (b *baseline, err error) {
	if s.o.base == "" {
		return nil, nil
	}
	tree, err := s.revision(ctx, s.o.base)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	specs, problems := manifest.LoadOlder(tree, s.o.paths)
	reviewed := account.IDs(manifest.Changed(m.Chosen, s.o.paths, s.disk, tree))
	if err := tree.Whole(); err != nil {
		return nil, err
	}
	name := s.o.base
	if in := tree.Submodule(); in != "" {
		name += " of the submodule " + in
	}
	if len(problems) > 0 {
		s.warn(fmt.Sprintf("the manifests as of %s have %s, so that everything counts as this change; the first: %s",
			name, count(len(problems), "problem"), words.Problem(problems[0])))
	}
	s.report.Reviewed = reviewed
	return &baseline{name, specs, len(problems) > 0}, nil
}

// compare says what this change is about: one more plan, with the manifests of the
// base and what was read for those of today.
func (s *session) compare(b *baseline, m account.Selection, l live) *report.Base {
	base := &report.Base{Revision: b.revision}
	then := plan.Account{Unselected: l.Unselected, Unmanaged: l.Unmanaged, Complete: l.Complete}
	all, read := account.IDs(m.All), l.read()
	for _, want := range b.specs {
		now, chosen := read[want.ID]
		gone := !all[want.ID] && s.o.picks(want)
		if gone {
			now = l.Pair(want)
		}
		if p, known := l.asOf(want, now, s.target.instant); known && (chosen || gone) {
			then.Pairs = append(then.Pairs, p)
		}
		if gone && l.stays(want.ID, s.target.instant) {
			base.Gone = append(base.Gone, l.gone(want))
		}
	}
	slices.SortFunc(base.Gone, func(a, b report.Gone) int { return cmp.Compare(a.ID, b.ID) })
	before := plan.Build(then, s.target.instant, s.rules)
	s.report.Plan = s.report.Plan.Since(before)
	base.Touched, base.Before = s.report.Plan.Touched(before), before.Digests()
	base.Guarded = s.report.Plan.Protecting(before)
	s.report.Plan = s.report.Plan.Reviewed(before, account.IDs(b.specs))
	return base
}
