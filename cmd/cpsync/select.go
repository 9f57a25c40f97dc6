package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
)

// choose takes those of the manifests that --only, --tag and --changed-since choose,
// all of them without those flags. None of them being changed is no mistake.
func (s *session) choose(ctx context.Context, specs []cert.Spec) (m account.Selection, err error) {
	m.All = specs
	if m.Chosen, err = selected(specs, s.o); err != nil || s.o.changedSince == "" {
		return m, err
	}
	tree, err := s.revision(ctx, s.o.changedSince)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	m.Chosen = manifest.Changed(m.Chosen, s.o.paths, manifest.OS{}, tree)
	s.report.Reviewed = account.IDs(m.Chosen)
	if len(m.Chosen) == 0 {
		s.talk.Info(fmt.Sprintf("no manifest changed since %s; nothing to do", s.o.changedSince))
	}
	return m, nil
}

// selected returns the manifests that --only and --tag choose. A value that matches
// nothing is an error: "in step" must not be said of what was never looked at.
func selected(specs []cert.Spec, o options) ([]cert.Spec, error) {
	for _, word := range o.only {
		if !slices.ContainsFunc(specs, func(s cert.Spec) bool { return isCalled(s, word) }) {
			return nil, fmt.Errorf("--only %q matches no manifest: it takes a name, an id, a label, a host name or a path", word)
		}
	}
	specs = keep(specs, o.picks)
	if len(specs) == 0 {
		return nil, fmt.Errorf("no manifest has the tags %s", strings.Join(o.tags, ", "))
	}
	return specs, nil
}

// picks reports whether --only and --tag choose a manifest: one of the words has to be
// its own, and all of the tags.
func (o options) picks(s cert.Spec) bool {
	called := func(word string) bool { return isCalled(s, word) }
	lacks := func(tag string) bool { return !hasTag(s, tag) }
	return (len(o.only) == 0 || slices.ContainsFunc(o.only, called)) && !slices.ContainsFunc(o.tags, lacks)
}

// isCalled reports whether word is the name, id, label, one of the hosts, the file
// of the manifest, or a directory it is in.
func isCalled(s cert.Spec, word string) bool {
	host, err := cert.NormalizeName(word)
	domains, _ := s.Domains.Get()
	file, path := s.At[""].File, filepath.Clean(word)
	return s.Name == word || s.ID.String() == word ||
		strings.EqualFold(s.Label.Or(""), word) && word != "" ||
		err == nil && slices.Contains(domains.Names, host) ||
		file == path || strings.HasPrefix(file, path+string(filepath.Separator))
}

func hasTag(s cert.Spec, tag string) bool {
	key, value, _ := strings.Cut(tag, "=")
	has, ok := s.Tags[key]
	return ok && has == value
}

func keep(specs []cert.Spec, is func(cert.Spec) bool) []cert.Spec {
	return slices.DeleteFunc(slices.Clone(specs), func(s cert.Spec) bool { return !is(s) })
}
