package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/suggest"
)

// Choice says which manifests a run is about. The zero value chooses all.
type Choice struct {
	Only  []string // names, ids, labels, domains or paths: one has to be the manifest's
	Tags  []string // KEY=VALUE: all of them have to be the manifest's
	Since string   // only what is new or changed since this git revision
	Base  string   // the git revision whose manifests are compared with those of now
}

// Advised is an error that brings its code and what to do about it.
type Advised struct {
	Err        error
	Code, Hint string
}

func (a Advised) Error() string { return a.Err.Error() }

// Unwrap returns what went wrong.
func (a Advised) Unwrap() error { return a.Err }

func notFound(format string, args ...any) Advised {
	return Advised{Err: fmt.Errorf(format, args...), Code: "not-found", Hint: "See what there is with: cpsync list"}
}

type candidate struct {
	id    cert.ID
	about string // how people know it, and where its manifest is
}

func candidates(specs []cert.Spec) (all []candidate) {
	for _, s := range specs {
		all = append(all, candidate{s.ID, fmt.Sprintf("%s  %s  %s", s.ID, s.Name, placeOfID(s))})
	}
	return all
}

func placeOfID(s cert.Spec) string {
	at := s.Place("metadata.id")
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}

// ambiguous is the error about a word for several requests. Its hint lists them, a line each.
func ambiguous(word string, found []candidate) error {
	hint := "Say which by its id:"
	for _, c := range found {
		hint += "\n  " + c.about
	}
	return Advised{Err: fmt.Errorf("%q is the name, id, label or a host name of %d requests", word, len(found)), Code: "ambiguous", Hint: hint}
}

// FindOne returns the manifest that a word names; another number of them is an error.
func FindOne(specs []cert.Spec, word string) (cert.Spec, error) {
	switch found := cert.Find(specs, word); len(found) {
	case 0:
		return cert.Spec{}, notFound("--effective %q matches no manifest: it takes a name, an id, a label or a domain%s", word, meant(word, "", wordsFor(specs)))
	case 1:
		return found[0], nil
	default:
		return cert.Spec{}, ambiguous(word, candidates(found))
	}
}

// selected returns the manifests that Only and Tags choose. A value that matches nothing is
// an error: "up to date" must not be said of what was never looked at. So is one that names
// several manifests, but for a path.
func (c Choice) selected(specs []cert.Spec) ([]cert.Spec, error) {
	for _, word := range c.Only {
		if found := cert.Find(specs, word); len(found) > 1 {
			return nil, ambiguous(word, candidates(found))
		}
		if !slices.ContainsFunc(specs, func(s cert.Spec) bool { return isNamed(plan.Pair{Want: s}, word) }) {
			return nil, NoManifest{notFound("--only %q matches no manifest: it takes a name, an id, a label, a domain or a path%s", word, meant(word, "--only", wordsFor(specs))), word}
		}
	}
	if err := checkTags(c.Tags, specs); err != nil {
		return nil, err
	}
	chosen := slices.DeleteFunc(slices.Clone(specs), func(s cert.Spec) bool { return !c.picks(plan.Pair{Want: s}) })
	if len(chosen) == 0 {
		return nil, errors.New("no manifest is chosen by all of " + strings.Join(c.Words(), " "))
	}
	return chosen, nil
}

func checkTags(tags []string, specs []cert.Spec) error {
	for _, tag := range tags {
		if slices.ContainsFunc(specs, func(s cert.Spec) bool { return hasTag(s, tag) }) {
			continue
		}
		tags := map[string]bool{}
		for _, s := range specs {
			for key, value := range s.Tags {
				tags[key+"="+value] = true
			}
		}
		known := slices.Sorted(maps.Keys(tags))
		clause := meant(tag, "--tag", known)
		if clause == "" && len(known) > 0 {
			clause = "; the tags are " + strings.Join(words.Few(known, 10), ", ")
		}
		return errors.New("no manifest has the tag " + tag + clause)
	}
	return nil
}

// NoManifest is a word of --only that matches no manifest. It may still be a live label.
type NoManifest struct {
	Advised
	word string
}

// Unwrap returns what says its code and hint.
func (n NoManifest) Unwrap() error { return n.Advised }

// WithID replaces the word by the id of the live request that has it as its label. Where no
// manifest names such a request, that is an error.
func (n NoManifest) WithID(ctx context.Context, t *Target, specs []cert.Spec, c Choice) (Choice, error) {
	list, err := t.Client.Search(ctx, "certificate_label:"+n.word)
	if err != nil {
		return c, fmt.Errorf("looking for the label %q: %w", n.word, err)
	}
	i := slices.IndexFunc(list.Live, func(l cert.Live) bool { return strings.EqualFold(l.Label, n.word) })
	if i < 0 {
		return c, n
	}
	id := list.Live[i].ID
	if !slices.ContainsFunc(specs, func(s cert.Spec) bool { return s.ID == id }) {
		unmanaged := notFound("--only %q is the label of request %s, and no manifest names that request", n.word, id)
		unmanaged.Hint = "See it with: cpsync explain " + id.String()
		return c, unmanaged
	}
	c.Only = slices.Clone(c.Only)
	c.Only[slices.Index(c.Only, n.word)] = id.String()
	return c, nil
}

// picks reports whether Only and Tags choose a manifest, or a request of a list: one of the words
// has to be its own, and all of the tags.
func (c Choice) picks(p plan.Pair) bool {
	named := func(word string) bool { return isNamed(p, word) }
	lacks := func(tag string) bool { return !hasTag(p.Want, tag) }
	return (len(c.Only) == 0 || slices.ContainsFunc(c.Only, named)) && !slices.ContainsFunc(c.Tags, lacks)
}

// Words are the choice as it would be typed, but for Base.
func (c Choice) Words() []string {
	var all []string
	for _, word := range c.Only {
		all = append(all, "--only "+word)
	}
	for _, tag := range c.Tags {
		all = append(all, "--tag "+tag)
	}
	if c.Since != "" {
		all = append(all, "--changed-since "+c.Since)
	}
	return all
}

// isNamed reports whether a word names a manifest or its request, or is its file or a directory it is in.
func isNamed(p plan.Pair, word string) bool {
	file, path := p.Want.At[""].File, filepath.ToSlash(filepath.Clean(word))
	return p.Want.IsNamed(word) || p.Have.IsNamed(word) || file == path || strings.HasPrefix(file, path+"/")
}

func hasTag(s cert.Spec, tag string) bool {
	key, value, _ := strings.Cut(tag, "=")
	has, ok := s.Tags[key]
	return ok && has == value
}

// meant is a clause about what a word that matches nothing may stand for: several in
// one, a slip, or a part of something; "": unknown.
func meant(word, flag string, known []string) string {
	if near, ok := suggest.Near(word, known); ok {
		return "; did you mean " + near + "?"
	}
	if parts := strings.Split(word, ","); len(parts) > 1 && flag != "" {
		return "; give the flag once for each: " + flag + " " + strings.Join(parts, " "+flag+" ")
	}
	var like []string
	for _, k := range known { // in the order of the manifests
		if holds := strings.Contains(strings.ToLower(k), strings.ToLower(word)); holds && word != "" && !slices.Contains(like, k) {
			like = append(like, k)
		}
	}
	switch {
	case len(like) == 0:
		return ""
	case len(like) > 3:
		return fmt.Sprintf("; did you mean %s, or one of %d more like it?", strings.Join(like[:3], ", "), len(like)-3)
	default:
		return "; did you mean " + strings.Join(like, " or ") + "?"
	}
}

// wordsFor are what Only finds the manifests by, ids apart: one digit more or less is another request.
func wordsFor(specs []cert.Spec) []string {
	var all []string
	for _, s := range specs {
		all = append(all, s.Name, s.Label.Or(""), s.At[""].File)
		all = append(all, s.Names()...)
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// Notes are what can be noted of manifests without the account, in their order.
func Notes(specs []cert.Spec) []report.Note {
	var all []report.Note
	across := plan.Overlaps(specs)
	for i, s := range specs {
		for _, w := range slices.Concat(plan.Overruled(s), across[i]) {
			all = append(all, report.Note{Spec: s, Warning: w})
		}
	}
	return all
}
