package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// Validation is what a look at the manifests alone has to say.
type Validation struct {
	Manifests int // read without a problem; 0 when there is any
	Problems  []Problem
	Notes     []Note
	Warnings  []Problem  // about the paths
	Effective *Effective // of the one that was asked for; nil when none was
}

// Effective is a manifest with all that it inherits.
type Effective struct {
	Spec cert.Spec
	Keys []Key
}

// Key is one value that a manifest comes to, and where it is written.
type Key struct {
	Path  string // such as "policy.renew_before"; each entry of a list has the path of the list
	Value string
	Idle  string // why it asks for nothing; "" when it does
	At    cert.Pos
}

// Note is something to know of a manifest, which makes it no worse.
type Note struct {
	Spec    cert.Spec
	Warning plan.Warning
}

// At is the place that a note is about.
func (n Note) At() cert.Pos {
	if n.Warning.At.File != "" {
		return n.Warning.At
	}
	return n.Spec.Place("metadata.id")
}

// Open counts the notes that are not accepted.
func (v Validation) Open() int {
	return len(where(v.Notes, func(n Note) bool { return !n.Warning.Accepted }))
}

// Common is what each command that only reads the account has to say, besides what it found.
type Common struct {
	Version  Version
	Target   string
	API      string
	Now      time.Time
	Edges    Edges
	Failure  *Failure
	Problems []Problem // of the manifests
	Requests Requests
}

// Listing is the fleet, one row a request.
type Listing struct {
	Common
	Chosen  []string         // the flags that choose among the requests, as they were given
	Steps   []plan.Step      // that are shown, the soonest expiry first, those never issued last
	Managed map[cert.ID]bool // those with a manifest
	Total   int              // requests that the list is about, shown or not
	// Unmanaged counts the requests without a manifest; nil where that is not known: the
	// account was not read as a whole, or no manifests were.
	Unmanaged *int
	// StatusNotRead: what the status decides is not known of any request.
	StatusNotRead bool
}

// Import is what an import has to say.
type Import struct {
	Query     string // of --query
	Dir       string
	Paths     []string // of manifests beside those of Dir
	Flags     []string // what a plan of them has to repeat, such as --sandbox and its file
	Target    string
	Now       time.Time
	Written   []Imported
	Known     int // live requests that have a manifest already
	Deleted   int // live requests that were passed by, each for its reason
	Rejected  int
	Expired   int
	Outside   int         // live requests with names that the defaults of Dir do not allow
	Bounds    cert.Pos    // where those do not
	Due       []plan.Step // of what was written: the policy of the defaults asks for an order at once
	Unrenewed []plan.Step // of what was written: nothing will renew it
	Problems  []Problem   // requests that got no manifest, and why
	Differs   []plan.Step // of the plan of what was written: must be empty
	Failure   *Failure    // what stopped it
	Requests  Requests
}

// Matched is how many live requests the import was about.
func (a Import) Matched() int {
	return len(a.Written) + a.Known + a.Deleted + a.Rejected + a.Expired + a.Outside + len(a.Problems)
}

// Imported is one manifest written.
type Imported struct {
	Live    cert.Live
	File    string
	LeftOut []string // what the manifest does not manage, and why, each a clause
}

// Good reports whether every request that was to get a manifest has one, and the plan
// of them is empty.
func (a Import) Good() bool {
	return a.Failure == nil && len(a.Problems)+len(a.Differs)+len(a.Due) == 0
}

// Explanation is what there is to say of one request.
type Explanation struct {
	Common
	Asked string   // what was asked for
	Flags []string // the flags that a command about the request must repeat
	Paths []string // of the manifests, as given

	Step     plan.Step // with an empty manifest when there is none
	Managed  bool      // there is a manifest
	Life     view.Life
	Next     view.NextActor
	Renewal  plan.RenewalState
	Outlooks []plan.Outlook

	Writes  []Write                 // of the journal, the oldest first
	DCV     []cert.DomainValidation // of the names that are not proven, where the CA waits for it
	DCVRead bool
}

// Write is what a journal holds of one write.
type Write struct {
	At      time.Time
	Kind    plan.Kind
	Fields  []string // of a PATCH
	Outcome string   // in a word of the journal; "" when it is not known
	Run     map[string]string
}
