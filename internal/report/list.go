package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Listing is the fleet, one row a request.
type Listing struct {
	Version Version
	Target  string
	API     string
	Now     time.Time
	Chosen  []string // the flags that choose among the requests, as they were given

	Edges   Edges
	Steps   []plan.Step      // that are shown, the soonest expiry first, those never issued last
	Managed map[cert.ID]bool // those with a manifest
	Total   int              // requests that the list is about, shown or not
	// Unmanaged counts the requests without a manifest; nil where that is not known: the
	// account was not read as a whole, or no manifests were.
	Unmanaged *int
	// StatusNotRead: what the status decides is not known of any request.
	StatusNotRead bool

	Failure  *Failure
	Problems []Problem
	Requests Requests
}
