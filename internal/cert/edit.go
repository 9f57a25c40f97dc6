package cert

import "slices"

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

// Code names a kind of warning, so that policy.accept can name it.
type Code string

// The codes.
const (
	Revoked           Code = "revoked"             // the CA revoked the certificate
	PastEnd           Code = "expired"             // the certificate has ended
	EndsSoon          Code = "ends-soon"           // ends soon, and nothing renews it in time
	NothingRenews     Code = "nothing-renews"      // after this change nothing will renew it
	WorkflowError     Code = "workflow-error"      // the API has a message of its workflow
	AutoRenewStuck    Code = "auto-renew-stuck"    // auto-renew should have started long ago
	AttentionNeeded   Code = "needs-attention"     // somebody must act before the request moves on
	OtherNames        Code = "other-names"         // no label or name of the manifest is the request's
	RenewIdle         Code = "renew-idle"          // a renew policy while auto-renew is on and not managed
	AutoRenewLate     Code = "auto-renew-late"     // auto-renew switched on when its start may have passed
	RenewBeforeWindow Code = "renew-before-window" // renew_before is longer than the renewal window
	LongLabel         Code = "long-label"          // over 64 characters
	LongDescription   Code = "long-description"    // over 255 characters
	ManyNames         Code = "many-names"          // over 100 names
	SharedName        Code = "shared-name"         // one name in two manifests
	CoveredName       Code = "covered-name"        // a wildcard of one manifest covers a name of another
	SameNames         Code = "same-names"          // two manifests with the same set of names
	SameLabel         Code = "same-label"          // two manifests with one label, at least but for its case
	ChangedOutside    Code = "changed-outside-git" // somebody else changed the request last
	ProtectWins       Code = "protect-wins"        // an inherited protect leaves a policy of the manifest idle
	DCVByHand         Code = "dcv-by-hand"         // a person may be part of domain control when certificates get short
	RenewalOverdue    Code = "renewal-overdue"     // its policy has been due for more than 48 hours
	RenewalUnderWay   Code = "renewal-under-way"   // what the policy asks for is happening
)

// Codes lists every code, sorted.
var Codes = []Code{
	AutoRenewLate, AutoRenewStuck, ChangedOutside, CoveredName, DCVByHand, EndsSoon, PastEnd, LongDescription, LongLabel,
	ManyNames, AttentionNeeded, NothingRenews, OtherNames, ProtectWins, RenewBeforeWindow,
	RenewIdle, RenewalOverdue, RenewalUnderWay, Revoked, SameLabel, SameNames, SharedName, WorkflowError,
}

// Accepts reports whether the manifest accepts warnings of this code.
func (p Policy) Accepts(c Code) bool { return slices.Contains(p.Accept, c) }
