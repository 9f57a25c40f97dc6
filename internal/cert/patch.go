package cert

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Patch is the part of a request that a manifest can ask for and one write replaces.
// What is absent is not managed, and not sent. As JSON it is the body of the write.
//
// Source: cps-api, section 3.6: exactly these five can be edited.
type Patch struct {
	Label       Opt[string]    `json:"certificate_label,omitzero"`
	Description Opt[string]    `json:"description,omitzero"` // without trailing white space
	AutoRenew   Opt[bool]      `json:"auto_renew,omitzero"`
	DCVMethod   Opt[DCVMethod] `json:"dcv_method,omitzero"`
	Domains     Opt[Domains]   `json:"domains,omitzero"`
}

// Field is one member of a Patch.
type Field struct {
	Edit Edit
	// AtMostOnce: a change starts something at the certificate authority, or changes how it
	// will be validated, so that a write of it is never repeated blindly.
	AtMostOnce bool
	IsSet      func(*Patch) bool
	Text       func(*Patch) string // the value as the API writes it; of domains their names
	Live       func(Live) string   // the same of a live request

	copy func(to *Patch, from Patch)
	read func(to *Patch, from Live)
}

// Fields lists the members of a Patch, in the order of their edits. It is the only place
// that lists them; what compares, copies or shows a Patch goes through it.
var Fields = []Field{
	newField(EditDescription, false, func(p *Patch) *Opt[string] { return &p.Description },
		func(l Live) string { return l.Description }, word),
	newField(EditAutoRenew, false, func(p *Patch) *Opt[bool] { return &p.AutoRenew },
		func(l Live) bool { return l.AutoRenew }, strconv.FormatBool),
	newField(EditDCVMethod, true, func(p *Patch) *Opt[DCVMethod] { return &p.DCVMethod },
		func(l Live) DCVMethod { return l.DCVMethod }, word),
	newField(EditDomains, true, func(p *Patch) *Opt[Domains] { return &p.Domains },
		func(l Live) Domains { return Domains{Common: l.Common, Names: l.Names()} },
		func(d Domains) string { return strings.Join(d.Names, " ") }),
	newField(EditLabel, false, func(p *Patch) *Opt[string] { return &p.Label },
		func(l Live) string { return l.Label }, word),
}

func newField[T any](e Edit, atMostOnce bool, at func(*Patch) *Opt[T], live func(Live) T, text func(T) string) Field {
	return Field{
		Edit:       e,
		AtMostOnce: atMostOnce,
		IsSet:      func(p *Patch) bool { return at(p).IsSet() },
		Text: func(p *Patch) string {
			v, _ := at(p).Get()
			return text(v)
		},
		Live: func(l Live) string { return text(live(l)) },
		copy: func(to *Patch, from Patch) { *at(to) = *at(&from) },
		read: func(to *Patch, from Live) { *at(to) = Some(live(from)) },
	}
}

func word[T ~string](w T) string { return string(w) }

// PatchOf returns the Patch that asks for what a request has.
func PatchOf(l Live) Patch {
	var p Patch
	for _, f := range Fields {
		f.read(&p, l)
	}
	return p
}

// Only returns p with the members of these edits alone.
func (p Patch) Only(edits ...Edit) Patch {
	var only Patch
	for _, f := range Fields {
		if slices.Contains(edits, f.Edit) {
			f.copy(&only, p)
		}
	}
	return only
}

// Edits lists the edits whose members are present, in order.
func (p Patch) Edits() []Edit {
	var all []Edit
	for _, f := range Fields {
		if f.IsSet(&p) {
			all = append(all, f.Edit)
		}
	}
	return all
}

// AtMostOnce reports whether a write of p is never repeated blindly.
func (p Patch) AtMostOnce() bool {
	return slices.ContainsFunc(Fields, func(f Field) bool { return f.AtMostOnce && f.IsSet(&p) })
}

// Names returns the names that p asks for, sorted.
func (p Patch) Names() []string {
	d, _ := p.Domains.Get()
	return d.Names
}

// Domains is the set of names of a certificate.
type Domains struct {
	Common string   // one of Names
	Names  []string // lower-case ASCII, sorted, each once
	Order  []string // Names in the order in which a list of them is sent; nil: as they are
}

// DomainEntry is one name of the complete list that a write sends.
type DomainEntry struct {
	Name   string `json:"name"`
	Common bool   `json:"is_common_name"`
}

// Entries returns the list that a write sends: the server replaces what it has.
func (d Domains) Entries() []DomainEntry {
	names := d.Order
	if names == nil {
		names = d.Names
	}
	entries := make([]DomainEntry, len(names))
	for i, n := range names {
		entries[i] = DomainEntry{n, n == d.Common}
	}
	return entries
}

// MarshalJSON writes the list that a write sends.
func (d Domains) MarshalJSON() ([]byte, error) { return json.Marshal(d.Entries()) }

// Path is the path of a request below the API's address.
//
// Source: cps-api, section 3.1.
func (id ID) Path() string { return "/v2.0/certificates/" + id.String() }

// PatchCall returns method and path of the write of a Patch.
//
// Source: cps-api, section 3.1, number 5.
func PatchCall(id ID) (method, path string) { return "PATCH", id.Path() }

// OrderCall returns method and path of the call that places an order without a body: a
// renewal or a retrigger, by its edit.
//
// Source: cps-api, section 3.1, numbers 9 and 10.
func OrderCall(id ID, e Edit) (method, path string) { return "PUT", id.Path() + "/" + e.String() }

// Edit is one thing a manifest can ask for, or expect.
type Edit uint8

// The edits, in the order they are shown.
const (
	EditDescription Edit = iota
	EditAutoRenew
	EditDCVMethod
	EditDomains
	EditRenew
	EditRetrigger
	EditLabel

	// NumEdits counts what can be sent. What follows can only be expected.
	NumEdits = iota
)

// What a manifest can expect of a request, and nothing can change.
const (
	ExpectValidationType Edit = iota + NumEdits
	ExpectAuthority
	ExpectOrganization
)

var editNames = [...]string{
	EditDescription:      "description",
	EditAutoRenew:        "auto_renew",
	EditDCVMethod:        "dcv_method",
	EditDomains:          "domains",
	EditRenew:            "renew",
	EditRetrigger:        "retrigger",
	EditLabel:            "certificate_label",
	ExpectValidationType: "validation_type",
	ExpectAuthority:      "certificate_authority",
	ExpectOrganization:   "organization",
}

// String returns the API's own word.
func (e Edit) String() string { return editNames[e] }

// Edits returns what can be sent, in order.
func Edits() []Edit { return allBelow(Edit(NumEdits)) }

// ParseEdit returns the edit of one of the API's words that can be sent.
func ParseEdit(word string) (Edit, bool) {
	i := slices.Index(editNames[:NumEdits], word)
	return Edit(max(i, 0)), i >= 0
}

// allBelow returns the values of an enumeration below n, in order.
func allBelow[T ~uint8](n T) (all []T) {
	for v := range n {
		all = append(all, v)
	}
	return all
}
