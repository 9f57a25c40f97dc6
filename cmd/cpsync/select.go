package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/suggest"
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
	m.Chosen = manifest.Changed(m.Chosen, s.o.paths, s.disk, tree)
	if err := tree.Whole(); err != nil {
		return m, err
	}
	s.report.Reviewed = account.IDs(m.Chosen)
	if len(m.Chosen) == 0 {
		s.talk.Info(fmt.Sprintf("no manifest changed since %s; nothing to do", s.o.changedSince))
	}
	return m, nil
}

// selected returns the manifests that --only and --tag choose. A value that matches
// nothing is an error: "in step" must not be said of what was never looked at. So is one that
// names several manifests, but for a path.
func selected(specs []cert.Spec, o options) ([]cert.Spec, error) {
	for _, word := range o.only {
		if found := cert.Find(specs, word); len(found) > 1 {
			return nil, ambiguous{word, candidates(found)}
		}
		if !slices.ContainsFunc(specs, func(s cert.Spec) bool { return isCalled(s, word) }) {
			return nil, fmt.Errorf("--only %q matches no manifest: it takes a name, an id, a label, a host name or a path%s",
				word, meant(word, "--only", callings(specs)))
		}
	}
	for _, tag := range o.tags {
		if !slices.ContainsFunc(specs, func(s cert.Spec) bool { return hasTag(s, tag) }) {
			return nil, fmt.Errorf("no manifest has the tag %s%s", tag, meant(tag, "--tag", tagsOf(specs)))
		}
	}
	specs = keep(specs, o.picks)
	if len(specs) == 0 {
		return nil, fmt.Errorf("no manifest is chosen by all of %s", strings.Join(o.chosen(), " "))
	}
	return specs, nil
}

// chosen are --only, --tag and --changed-since, as they were given.
func (o options) chosen() []string {
	var all []string
	for _, word := range o.only {
		all = append(all, "--only "+word)
	}
	for _, tag := range o.tags {
		all = append(all, "--tag "+tag)
	}
	if o.changedSince != "" {
		all = append(all, "--changed-since "+o.changedSince)
	}
	return all
}

// meant is a clause about what a word that matches nothing may stand for: several in
// one, a slip, or a part of something; "" when nobody can tell.
func meant(word, flag string, known []string) string {
	if near, ok := suggest.Near(word, known); ok {
		return "; did you mean " + near + "?"
	}
	if parts := strings.Split(word, ","); len(parts) > 1 && flag != "" {
		return "; give the flag once for each: " + flag + " " + strings.Join(parts, " "+flag+" ")
	}
	const few = 3
	var like []string
	for _, k := range known { // in the order of the manifests
		if holds := strings.Contains(strings.ToLower(k), strings.ToLower(word)); holds && word != "" && !slices.Contains(like, k) {
			like = append(like, k)
		}
	}
	switch {
	case len(like) == 0:
		return ""
	case len(like) > few:
		return fmt.Sprintf("; did you mean %s, or one of %d more like it?", strings.Join(like[:few], ", "), len(like)-few)
	default:
		return "; did you mean " + strings.Join(like, " or ") + "?"
	}
}

// callings are what --only finds the manifests by, ids apart: one digit more or less is
// another request.
func callings(specs []cert.Spec) []string {
	var all []string
	for _, s := range specs {
		all = append(all, s.Name, s.Label.Or(""), s.At[""].File)
		all = append(all, s.Names()...)
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func tagsOf(specs []cert.Spec) []string {
	all := map[string]bool{}
	for _, s := range specs {
		for key, value := range s.Tags {
			all[key+"="+value] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// picks reports whether --only and --tag choose a manifest: one of the words has to be
// its own, and all of the tags.
func (o options) picks(s cert.Spec) bool {
	called := func(word string) bool { return isCalled(s, word) }
	lacks := func(tag string) bool { return !hasTag(s, tag) }
	return (len(o.only) == 0 || slices.ContainsFunc(o.only, called)) && !slices.ContainsFunc(o.tags, lacks)
}

// isCalled reports whether a word names the manifest, its file, or a directory it is in.
func isCalled(s cert.Spec, word string) bool {
	file, path := s.At[""].File, filepath.ToSlash(filepath.Clean(word))
	return s.IsNamed(word) || file == path || strings.HasPrefix(file, path+"/")
}

func hasTag(s cert.Spec, tag string) bool {
	key, value, _ := strings.Cut(tag, "=")
	has, ok := s.Tags[key]
	return ok && has == value
}

func keep(specs []cert.Spec, is func(cert.Spec) bool) []cert.Spec {
	return slices.DeleteFunc(slices.Clone(specs), func(s cert.Spec) bool { return !is(s) })
}
