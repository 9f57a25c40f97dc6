// Package importer writes manifests for live requests that have none, as a person would
// write them. What a manifest holds is decided by a function of values; disk.go puts
// it into files, of which none is ever replaced.
package importer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
)

// Draft is the manifest of one live request.
type Draft struct {
	Live    cert.Live
	Text    []byte
	LeftOut []Omission
}

// Omission is a key that the draft leaves out, so that it is not managed.
type Omission struct {
	Key   string // such as "spec.description"
	Why   string // a predicate, such as "holds a tab"
	Value string // what is live
}

// Schema is the address of the schema of manifests, on the default branch: it exists for
// every version, and the version of the schema is in its name.
const Schema = "https://raw.githubusercontent.com/cpsync/cpsync/main/schemas/certificate.v1.schema.json"

// DraftOf returns the manifest of a live request: every field that can be edited, and what
// is to be expected of it, but for what it inherits. Nothing that changes by itself is in
// it. Of what a manifest may not hold a comment is left. It gets the tags. schema is its
// address for editors.
func DraftOf(l cert.Live, inherited cert.Expect, tags map[string]string, schema string) Draft {
	s := &writer{inherited: inherited}
	s.line("# yaml-language-server: $schema=" + schema)
	s.line("apiVersion: cpsync/v1")
	s.line("kind: Certificate")
	s.line("metadata:")
	s.line("  id: " + l.ID.String())
	if len(tags) > 0 {
		s.line("  tags:")
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		s.line("    " + oneLine(key) + ": " + oneLine(tags[key]))
	}
	s.line("spec:")
	for _, f := range manifest.SpecFields() {
		switch f.Edit {
		case cert.EditAutoRenew:
			s.line("  auto_renew: " + f.Live(l))
		case cert.EditDomains:
			s.domains(l)
		default:
			s.value("spec."+f.Edit.String(), f.Live(l))
		}
	}
	s.expect(l)
	return Draft{Live: l, Text: []byte(s.b.String()), LeftOut: s.out}
}

// writer is a manifest being written.
type writer struct {
	b         strings.Builder
	out       []Omission
	inherited cert.Expect
}

func (s *writer) line(text string) { s.b.WriteString(text + "\n") }

// value writes the key of path with its text, or why not.
func (s *writer) value(path, text string) {
	if why := manifest.WhyNot(path, text); why != "" {
		s.omit(Omission{Key: path, Why: why, Value: text})
		return
	}
	s.line("  " + name(path) + ": " + scalarText(text))
}

// name is the last part of a path.
func name(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// omit writes a comment in place of a value, which stands in it escaped.
func (s *writer) omit(o Omission) {
	s.out = append(s.out, o)
	s.line("  # " + name(o.Key) + " is not managed: what is live " + commentText(o.Why) + ".")
	s.line("  #   " + excerpt(o.Value))
}

// domains writes the set of names, whole or not at all: a list that lacks a live name
// would show it as one that nobody wants.
func (s *writer) domains(l cert.Live) {
	names := slices.Compact(l.Names())
	if o, bad := unlisted(l, names); bad {
		s.omit(o)
		return
	}
	s.line("  common_name: " + host(l.Common))
	s.line("  domains:")
	s.line("    - " + host(l.Common))
	for _, n := range names {
		if n != l.Common {
			s.line("    - " + host(n))
		}
	}
}

// unlisted says why the names of a request can't be listed, if they can't.
func unlisted(l cert.Live, names []string) (Omission, bool) {
	o := Omission{Key: "spec.domains", Value: strings.Join(names, " ")}
	if len(names) == 0 {
		o.Why = "has no name"
		return o, true
	}
	for _, n := range names {
		o.Value = n
		if o.Why = manifest.WhyNot("spec.domains", n); o.Why != "" {
			return o, true
		}
		if !l.ValidationType.Allows(n) {
			o.Why = "holds a wildcard, which a manifest of an EV certificate may not"
			return o, true
		}
	}
	if !slices.Contains(names, l.Common) {
		o.Value, o.Why = strings.Join(names, " "), "marks no common name, or several"
		return o, true
	}
	return Omission{}, false
}

// expect writes what cpsync can check and not change, and is not expected anyway.
func (s *writer) expect(l cert.Live) {
	in := s.inherited
	type expectation struct {
		path, text string
		inherited  bool
	}
	all := []expectation{
		{"expect.validation_type", string(l.ValidationType), in.ValidationType == cert.Some(l.ValidationType)},
		{"expect.certificate_authority", string(l.Authority), in.Authority == cert.Some(l.Authority)},
	}
	takes := func(e expectation) bool { return manifest.WhyNot(e.path, e.text) == "" }
	// A DV certificate vets no organization, and a manifest may not expect one of it.
	if slices.ContainsFunc(all, takes) && l.ValidationType != cert.DV && l.Organization != "" {
		all = append(all, expectation{"expect.organization", l.Organization, in.Organization == cert.Some(l.Organization)})
	}
	all = slices.DeleteFunc(all, func(e expectation) bool { return e.inherited })
	if slices.ContainsFunc(all, takes) {
		s.line("expect:")
	}
	for _, e := range all {
		s.value(e.path, e.text)
	}
}

// excerpt is a text in quotes and ASCII, cut when it is long.
func excerpt(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return fmt.Sprintf("%s, and %d characters more", strconv.QuoteToASCII(string(runes[:most])), len(runes)-most)
	}
	return strconv.QuoteToASCII(text)
}

// commentText is a text that may quote what is live, made harmless for a comment.
func commentText(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// Kind says what becomes of a live request without a manifest.
type Kind uint8

// The kinds. What is neither adopted nor deleted is adopted when asked for.
const (
	Imported    Kind = iota
	Deleted          // there is nothing to manage
	Rejected         // never issued; the CA said no
	LongExpired      // ended more than ExpiredFor ago, with nothing under way
)

// ExpiredFor is how long after its end a request is still taken for one in use.
const ExpiredFor = 30 * 24 * time.Hour

// KindOf sorts a request. Its status has to be part of l unless it is plainly in
// service.
func KindOf(l cert.Live, now time.Time) Kind {
	switch phase := cert.PhaseOf(l, now); {
	case phase == cert.Deleted:
		return Deleted
	case phase == cert.Rejected:
		return Rejected
	case phase == cert.Expired && now.Sub(l.Expires) > ExpiredFor:
		return LongExpired
	default:
		return Imported
	}
}
