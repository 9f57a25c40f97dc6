package cert

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
func Edits() []Edit {
	all := make([]Edit, NumEdits)
	for i := range all {
		all[i] = Edit(i)
	}
	return all
}

// ParseEdit returns the edit of one of the API's words that can be sent.
func ParseEdit(word string) (Edit, bool) {
	for _, e := range Edits() {
		if e.String() == word {
			return e, true
		}
	}
	return 0, false
}
