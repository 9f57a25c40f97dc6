package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// selected returns the manifests that --only and --tag choose, all of them without
// those flags. A value that matches nothing is an error: "in step" must not be said
// of what was never looked at.
func selected(specs []cert.Spec, o options) ([]cert.Spec, error) {
	if len(o.only) > 0 {
		for _, word := range o.only {
			if !slices.ContainsFunc(specs, func(s cert.Spec) bool { return isCalled(s, word) }) {
				return nil, fmt.Errorf("--only %q matches no manifest: it takes a name, an id, a label, a host name or a path", word)
			}
		}
		specs = keep(specs, func(s cert.Spec) bool {
			return slices.ContainsFunc(o.only, func(word string) bool { return isCalled(s, word) })
		})
	}
	specs = keep(specs, func(s cert.Spec) bool {
		return !slices.ContainsFunc(o.tags, func(tag string) bool { return !hasTag(s, tag) })
	})
	if len(specs) == 0 {
		return nil, fmt.Errorf("no manifest has the tags %s", strings.Join(o.tags, ", "))
	}
	return specs, nil
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
