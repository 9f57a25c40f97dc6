package report

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Explanation is what there is to say of one request.
type Explanation struct {
	Version Version
	Asked   string // what was asked for
	Target  string
	API     string
	Now     time.Time

	Step     plan.Step // with an empty manifest when there is none
	Managed  bool      // there is a manifest
	Life     plan.Life
	Turn     plan.Turn
	Renewal  plan.RenewalState
	Outlooks []plan.Outlook

	Control     []cert.Proof // of the names that are not proven, where the CA waits for it
	ControlRead bool

	Failure  *Failure
	Problems []Problem
	Requests Requests
}
