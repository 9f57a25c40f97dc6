package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Adoption is what an import has to say.
type Adoption struct {
	Dir       string
	Paths     []string // of manifests beside those of Dir
	Flags     []string // what a plan of them has to repeat, such as --sandbox and its file
	Target    string
	Now       time.Time
	Written   []Adopted
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

// Adopted is one manifest written.
type Adopted struct {
	Live    cert.Live
	File    string
	LeftOut []string // what the manifest does not manage, and why, each a clause
}

// Good reports whether every request that was to get a manifest has one, and the plan
// of them is empty.
func (a Adoption) Good() bool {
	return a.Failure == nil && len(a.Problems)+len(a.Differs)+len(a.Due) == 0
}
