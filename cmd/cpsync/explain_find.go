package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
)

// Why a request can't be explained.
var (
	errProblems  = errors.New("the manifests can't be read")
	errNotFound  = errors.New("nothing is called so")
	errAmbiguous = errors.New("several requests are called so")
)

// read reads the manifests. Those of the working directory are a help and no
// condition: with anything wrong in them the request is explained without one.
func (e *explanation) read(ctx context.Context, w world) error {
	if !e.stated {
		e.paths = []string{"."}
	}
	disk, err := openDisk(ctx, w, e.o, e.paths)
	if err != nil || !e.stated && !manifest.HasManifests(disk, ".") {
		return err
	}
	specs, problems, err := load(ctx, disk, e.paths)
	if err != nil {
		return err
	}
	if len(problems) > 0 && e.stated {
		e.report.Problems = problems
		return errProblems
	}
	if len(problems) > 0 {
		e.talk.Warn(fmt.Sprintf("explained without manifests: %s in those of the working directory (cpsync validate .)", count(len(problems), "problem")))
	}
	e.specs = specs
	return nil
}

// candidate is a request that may be meant.
type candidate struct {
	id    cert.ID
	about string // how people know it, and where its manifest is
}

func candidates(specs []cert.Spec) []candidate {
	var all []candidate
	for _, s := range specs {
		at := s.Place("metadata.id")
		all = append(all, candidate{s.ID, fmt.Sprintf("%s  %s  %s:%d", s.ID, s.Name, at.File, at.Line)})
	}
	return all
}

// find returns the id of the one request that is meant: by a manifest, by its id, or
// else by the labels and names of the account.
func (e *explanation) find(ctx context.Context) (cert.ID, error) {
	word := e.report.Asked
	found := candidates(cert.Find(e.specs, word))
	if id, err := cert.ParseID(word); err == nil && !slices.ContainsFunc(found, func(c candidate) bool { return c.id == id }) {
		found = append(found, candidate{id, word + "  the request with this id"})
	}
	if len(found) > 0 {
		return one(word, found)
	}
	return e.search(ctx, word)
}

// search looks through the whole account.
func (e *explanation) search(ctx context.Context, word string) (cert.ID, error) {
	list, err := e.target.client.List(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("reading the account: %w", err)
	}
	var found []candidate
	var known []string
	for _, l := range list.Live {
		if l.IsNamed(word) {
			found = append(found, candidate{l.ID, fmt.Sprintf("%s  %s", l.ID, l.Label)})
		}
		known = append(known, l.Label, l.Common)
	}
	if len(found) == 0 {
		for _, s := range e.specs {
			known = append(known, s.Name)
		}
		return 0, notFound(word, known)
	}
	return one(word, found)
}

// one returns the only candidate.
func one(word string, found []candidate) (cert.ID, error) {
	if len(found) == 1 {
		return found[0].id, nil
	}
	return 0, ambiguous{word, found}
}

// ambiguous is a word for several requests.
type ambiguous struct {
	word  string
	found []candidate
}

func (a ambiguous) Error() string {
	return fmt.Sprintf("%q is the name, id, label or a host name of %d requests", a.word, len(a.found))
}

func (ambiguous) Unwrap() error { return errAmbiguous }

// hint is the candidates, a line each.
func (a ambiguous) hint() string {
	text := "Say which by its id:"
	for _, c := range a.found {
		text += "\n  " + c.about
	}
	return text
}

// gone is a request that was asked for, and that the account does not have.
type gone struct {
	id cert.ID
	at string // where a manifest names it; "" when none does
}

func (g gone) Error() string { return plan.Missing(g.id) }

func (gone) Unwrap() error { return errNotFound }

func (g gone) hint() string {
	if g.at == "" {
		return ""
	}
	return "Check metadata.id at " + g.at + "."
}

// placeOf is where a manifest names a request.
func (e *explanation) placeOf(id cert.ID) string {
	for _, s := range e.specs {
		if s.ID == id {
			at := s.Place("metadata.id")
			return fmt.Sprintf("%s:%d", at.File, at.Line)
		}
	}
	return ""
}

// notFound says that nothing is called word, and what is called nearly so.
func notFound(word string, known []string) error {
	text := fmt.Sprintf("nothing is called %q: no manifest has this name, and no request of this account this id, label or host name", word)
	return missed{text + meant(word, "", known), errNotFound}
}

// missed is an error about what was asked for, in words that name it.
type missed struct {
	text string
	is   error
}

func (m missed) Error() string { return m.text }

func (m missed) Unwrap() error { return m.is }
