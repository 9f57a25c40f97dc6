package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// key is one line of the table.
type key struct {
	name     string
	kind     *kind
	required bool
	words    []string // what a word, or an entry of a list of words, may be
	keys     []key    // of a mapping
	entry    *kind    // of a list
	filled   bool     // the list may not be empty, the text not blank
	like     string   // an example of the value, as YAML
	about    string   // what the example in the help says of it; "" where nothing
}

const apiVersion = "cpsync/v1"

// kinds is the table of keys for each kind of document. It is the only list of keys; a test
// compares the schema with it.
var kinds = map[string]key{
	"Certificate": {kind: mappingKind, keys: []key{
		{name: "apiVersion", kind: wordKind, required: true, words: []string{apiVersion}, like: apiVersion},
		{name: "kind", kind: wordKind, required: true, words: []string{"Certificate"}, like: "Certificate"},
		{name: "metadata", kind: mappingKind, required: true, like: "{id: 11604}", keys: []key{
			{name: "id", kind: idKind, required: true, like: "11604"},
			{name: "name", kind: nameKind, like: "cdn"},
			{name: "tags", kind: tagsKind, like: "{team: web}"},
		}},
		{name: "spec", kind: mappingKind, keys: []key{
			{name: "certificate_label", kind: lineKind, filled: true, like: "cdn.example.com"},
			{name: "description", kind: proseKind, like: `"Storefront, EU and US"`},
			{name: "auto_renew", kind: flagKind, like: "false"},
			{name: "dcv_method", kind: wordKind, words: texts(cert.DCVMethods), like: "DnsTxtToken", about: strings.Join(texts(cert.DCVMethods), ", ")},
			{name: "common_name", kind: hostKind, like: "cdn.example.com", about: "one of domains; required with domains"},
			{name: "domains", kind: listKind, entry: hostKind, filled: true, like: "[cdn.example.com]"},
		}},
		{name: "expect", kind: mappingKind, keys: expectKeys},
		{name: "policy", kind: mappingKind, keys: policyKeys},
	}},
	"Defaults": {kind: mappingKind, keys: []key{
		{name: "apiVersion", kind: wordKind, required: true, words: []string{apiVersion}, like: apiVersion},
		{name: "kind", kind: wordKind, required: true, words: []string{"Defaults"}, like: "Defaults"},
		{name: "tags", kind: tagsKind, like: "{team: web}"},
		{name: "expect", kind: mappingKind, keys: expectKeys},
		{name: "policy", kind: mappingKind, keys: []key{
			renewBefore, renewIfExpiresBefore, retriggerUntil, protect,
			{name: "domains_within", kind: listKind, entry: hostKind, filled: true, like: "[shop.example.com]"},
			// Only a manifest itself can accept other-domains, because that is the sign of a wrong id.
			{name: "accept", kind: listKind, entry: wordKind, words: texts(slices.DeleteFunc(slices.Clone(cert.Codes),
				func(c cert.Code) bool { return c == cert.OtherDomains })), like: "[long-label]"},
		}},
	}},
}

var expectKeys = []key{
	{name: "validation_type", kind: wordKind, words: texts(cert.ValidationTypes), like: "OV"},
	{name: "certificate_authority", kind: wordKind, words: texts(cert.Authorities), like: "DigiCert"},
	{name: "organization", kind: lineKind, filled: true, like: "Example Corp"},
}

// The keys of policy that defaults have too. Removing domains, undocumented operations and
// renewals by thumbprint belong to one certificate.
var (
	renewBefore          = key{name: "renew_before", kind: durationKind, like: "30d"}
	renewIfExpiresBefore = key{name: "renew_if_expires_before", kind: dateKind, like: "2027-03-01"}
	retriggerUntil       = key{name: "retrigger_until", kind: dateKind, like: "2026-12-31"}
	protect              = key{name: "protect", kind: listKind, entry: wordKind, words: EditWords(), like: "[certificate_label]"}
)

var policyKeys = []key{
	renewBefore, renewIfExpiresBefore,
	{name: "renew_if_thumbprint", kind: listKind, entry: thumbprintKind, like: `["0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"]`},
	retriggerUntil,
	{name: "remove_domains", kind: listKind, entry: hostKind, like: "[old.example.com]"},
	protect,
	{name: "allow_undocumented", kind: listKind, entry: wordKind, words: EditWords(), like: "[renew]"},
	{name: "accept", kind: listKind, entry: wordKind, words: texts(cert.Codes), like: "[long-label]"},
}

// ExampleOfSpec returns the keys of spec with an example of each value: a line each, with what there is to say of it
// from a column on.
func ExampleOfSpec(indent string, column int) (lines []string) {
	spec, _ := kinds["Certificate"].find("spec")
	for _, k := range spec.keys {
		line := indent + k.name + ": " + k.like
		if k.about != "" {
			line = fmt.Sprintf("%-*s# %s", column, line, k.about)
		}
		lines = append(lines, line)
	}
	return lines
}

// SpecFields lists the members of a Patch in the order of the keys of spec.
func SpecFields() []cert.Field {
	spec, _ := kinds["Certificate"].find("spec")
	var all []cert.Field
	for _, k := range spec.keys {
		for _, f := range cert.Fields { // none is common_name, which is a part of domains
			if f.Edit.String() == k.name {
				all = append(all, f)
			}
		}
	}
	return all
}

func texts[T ~string](values []T) []string {
	return mapped(values, func(v T) string { return string(v) })
}

// EditWords are what protect and allow_undocumented take, in the order of the edits.
func EditWords() []string { return mapped(cert.Edits(), cert.Edit.String) }

func (k key) find(name string) (key, bool) {
	for _, sub := range k.keys {
		if sub.name == name {
			return sub, true
		}
	}
	return key{}, false
}

func (k key) names() []string {
	return mapped(k.keys, func(sub key) string { return sub.name })
}
