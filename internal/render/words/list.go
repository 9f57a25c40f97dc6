package words

import (
	"cmp"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Row is what a list says of one request. Its texts are clean.
type Row struct {
	Expires   string // the day; "" until one was issued
	Days      string // until then, rounded down; negative once it is past
	Name, ID  string // the common name in ASCII, so that it can be searched
	State     string
	RenewedBy string
	Served    string // "" where nobody looked
	Tags      map[string]string
}

// NotRead is said of what was not asked for.
const NotRead = "not read"

// RowOf is the row of a request.
func RowOf(l report.Listing, s plan.Step) Row {
	r := Row{Name: Clean(cmp.Or(s.Have.Common, s.Have.Label, s.Want.Name)), ID: s.Want.ID.String(), State: ListState(s, l.Now), RenewedBy: RenewedBy(l, s), Served: EdgeCell(l.Edges, s), Tags: s.Want.Tags}
	if end := s.Have.Expires; !end.IsZero() {
		r.Expires, r.Days = end.UTC().Format(plan.Date), strconv.Itoa(int(end.Sub(l.Now)/(24*time.Hour)))
	}
	return r
}

// stateWords are the short words for a phase.
var stateWords = [cert.NumPhases]string{
	"unknown", "processing", "ordered", "DCV pending", "vetting", "deploying", "active",
	"order open", "order failed", "timed out", "rejected", "EXPIRED", "deleted",
}

// ListState is the state of a request in a word or two. What only the status says is not
// said where it was not read.
func ListState(s plan.Step, now time.Time) string {
	have := s.Have
	switch {
	case s.Fault != nil && have.ID == 0:
		return "not found"
	case have.Expired(now):
		return "EXPIRED"
	case s.Fault != nil:
		return NotRead
	case plan.Revoked(have):
		return "REVOKED"
	case !have.StatusRead() && have.Issued():
		return "issued"
	case !have.StatusRead():
		return "not issued"
	case s.Phase == cert.InFlight && have.AwaitsDCV():
		return stateWords[cert.DomainControlValidation]
	case s.Phase == cert.InFlight && have.Renewing():
		return "renewing"
	default:
		return stateWords[s.Phase]
	}
}

// RenewedBy says in a word or two what renews the certificate.
func RenewedBy(l report.Listing, s plan.Step) string {
	if s.Fault != nil || l.StatusNotRead {
		return NotRead
	}
	switch r := s.Renewal(l.Now); r.Kind {
	case plan.RenewalNotIssued:
		return ""
	case plan.RenewalUnknown:
		return "unknown"
	case plan.RenewalOpen:
		return "in progress"
	case plan.RenewalOtherOrder:
		return "order open"
	case plan.RenewalByCPS:
		return "CPS"
	case plan.RenewalByPolicy:
		return policyWord(s)
	case plan.RenewalWithheld:
		return policyWord(s) + ", withheld"
	case plan.RenewalFailed:
		return "order failed"
	case plan.RenewalTimedOut:
		return "timed out"
	case plan.RenewalNone, plan.RenewalRevoked:
	}
	return "nobody"
}

// policyWord is the policy that renews, with its value.
func policyWord(s plan.Step) string {
	if before, ok := s.Want.Policy.RenewBefore.Get(); ok {
		return "policy " + Duration(before)
	}
	if by, ok := s.Want.Policy.RenewIfExpiresBefore.Get(); ok {
		return "policy " + by.Format(plan.Date)
	}
	return "policy"
}
