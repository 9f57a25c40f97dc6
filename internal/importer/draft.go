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
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
)

// Draft is the manifest of one live request.
type Draft struct {
	Live    cert.Live
	Text    []byte
	LeftOut []Omission
}

// Omission is a key that the draft leaves out, so that it is not managed, or not expected.
type Omission struct {
	Key string // such as "spec.description"
	Why string // a predicate, such as "holds a tab"
}

// Schema is the address of the schema of manifests, on the default branch: it exists for
// every version, and the version of the schema is in its name.
const Schema = "https://raw.githubusercontent.com/cpsync/cpsync/main/schemas/certificate.v1.schema.json"

// DraftOf returns the manifest of a live request: every field that can be edited, and what
// is to be expected of it, but for what it inherits. Nothing that changes by itself is in
// it. Of what a manifest may not hold a comment is left. It gets the tags. schema is its
// address for editors.
func DraftOf(l cert.Live, inherited cert.Expect, tags map[string]string, schema string) Draft {
	s := &writer{}
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
	s.expect(l, inherited)
	return Draft{Live: l, Text: []byte(s.b.String()), LeftOut: s.out}
}

// writer is a manifest being written.
type writer struct {
	b   strings.Builder
	out []Omission
}

func (s *writer) line(text string) { s.b.WriteString(text + "\n") }

// value writes the key of path with its text, or why not.
func (s *writer) value(path, text string) {
	if why := manifest.WhyNot(path, text); why != "" {
		s.omit(path, why, text)
		return
	}
	s.line("  " + name(path) + ": " + scalar(text))
}

// name is the last part of a path.
func name(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// omit writes a comment in place of a value, which stands in it escaped, and cut when it is long.
// Why may quote what is live.
func (s *writer) omit(path, why, value string) {
	s.out = append(s.out, Omission{path, why})
	quoted, left := strconv.QuoteToASCII(why), "managed"
	if strings.HasPrefix(path, "expect.") {
		left = "expected"
	}
	s.line("  # " + name(path) + " is not " + left + ": what is live " + strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + ".")
	const most = 60
	if runes := []rune(value); len(runes) > most {
		s.line(fmt.Sprintf("  #   %s, and %d characters more", strconv.QuoteToASCII(string(runes[:most])), len(runes)-most))
	} else {
		s.line("  #   " + strconv.QuoteToASCII(value))
	}
}

// domains writes the set of names, whole or not at all: a list that lacks a live name
// would show it as one that nobody wants.
func (s *writer) domains(l cert.Live) {
	names := slices.Compact(l.Names())
	if why, value := unlisted(l, names); why != "" {
		s.omit("spec.domains", why, value)
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

// unlisted returns why the names of a request can't be listed, or "", and which of them.
func unlisted(l cert.Live, names []string) (why, value string) {
	if len(names) == 0 {
		return "has no name", ""
	}
	for _, n := range names {
		if why := manifest.WhyNot("spec.domains", n); why != "" {
			return why, n
		}
		if !l.ValidationType.Allows(n) {
			return "holds a wildcard, and a manifest of an EV certificate may hold none", n
		}
	}
	if !slices.Contains(names, l.Common) {
		return "marks no common name, or several", strings.Join(names, " ")
	}
	return "", ""
}

// expect writes what cpsync can check and not change, and is not expected anyway.
func (s *writer) expect(l cert.Live, inherited cert.Expect) {
	type expectation struct {
		path, text string
		inherited  bool
	}
	all := []expectation{
		{"expect.validation_type", string(l.ValidationType), inherited.ValidationType == cert.Some(l.ValidationType)},
		{"expect.certificate_authority", string(l.Authority), inherited.Authority == cert.Some(l.Authority)},
	}
	takes := func(e expectation) bool { return manifest.WhyNot(e.path, e.text) == "" }
	// A DV certificate vets no organization, and a manifest may not expect one of it.
	if slices.ContainsFunc(all, takes) && l.ValidationType != cert.DV && l.Organization != "" {
		all = append(all, expectation{"expect.organization", l.Organization, inherited.Organization == cert.Some(l.Organization)})
	}
	all = slices.DeleteFunc(all, func(e expectation) bool { return e.inherited })
	if slices.ContainsFunc(all, takes) {
		s.line("expect:")
	}
	for _, e := range all {
		s.value(e.path, e.text)
	}
}

// scalar is a text as the value of a key two spaces in: lines under each other, where each
// shows as it is, or else one line.
func scalar(text string) string {
	if !strings.Contains(text, "\n") || text[0] == ' ' || strings.Trim(text, "\n") != text {
		return oneLine(text)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, " ") || strings.ContainsFunc(line, isHidden) {
			return oneLine(text)
		}
		if line != "" {
			lines[i] = "    " + line
		}
	}
	return "|-\n" + strings.Join(lines, "\n")
}

// oneLine is a text in a mapping at any depth: as it is where every reader of YAML takes it for
// this text, or else in quotes.
func oneLine(text string) string {
	if isPlain(text) {
		return text
	}
	return quoted(text)
}

// readAsOther are words that some reader takes for something else than text.
var readAsOther = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}

// isPlain is a whitelist: a letter first, so that it is no number, date or sign of
// YAML's, and then only what means nothing within a line.
func isPlain(text string) bool {
	for i, r := range text {
		latin := unicode.IsLetter(r) && unicode.In(r, unicode.Latin)
		if !latin && (i == 0 || !strings.ContainsRune("0123456789 -_./,()&+@'!?%=", r)) {
			return false
		}
	}
	return text != "" && !strings.HasSuffix(text, " ") && !slices.Contains(readAsOther, strings.ToLower(text))
}

// quoted writes text in double quotes, with escapes for what an eye would miss.
func quoted(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"', r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case !isHidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return `"` + b.String() + `"`
}

// isHidden is what shows as nothing, or as something else.
func isHidden(r rune) bool {
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// host writes a name as people read it where that is the same name, else in ASCII.
// Only Latin letters: those of other scripts can look alike.
func host(ascii string) string {
	shown, _, _ := strings.Cut(cert.DisplayName(ascii), " (")
	if again, err := cert.NormalizeName(shown); err != nil || again != ascii {
		shown = ascii
	}
	switch {
	case isPlain(shown):
		return shown
	case isPlain(cert.Host(shown)):
		return quoted(shown)
	default:
		return quoted(ascii)
	}
}
