package words

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// Actors are who may act next.
var Actors = map[plan.Actor]string{plan.Person: "a person", plan.NextRun: "the next apply", plan.CA: "the CA", plan.CDN: "the CDN"}

// Expiry says when a certificate ends, and what is under way for it.
func Expiry(s plan.Step, now time.Time) string {
	if s.Have.Expired(now) {
		return Expired(s.Have.Expires, now)
	}
	text := "expires in " + plan.Until(s.Have.Expires, now)
	if s.Have.Renewing() {
		return text + ", renewal in progress"
	}
	return text
}

// Renewal says what renews the certificate.
func Renewal(r plan.RenewalState) string {
	who := map[plan.RenewalKind]string{plan.RenewalNone: "nothing", plan.RenewalByCPS: "CPS", plan.RenewalByPolicy: "cpsync"}[r.Kind]
	if who == "" {
		return r.Because
	}
	if !r.At.IsZero() {
		who += ", from about " + r.At.UTC().Format(plan.Date)
	}
	return who + "; " + r.Because
}

// State is the line under a certificate's name: where it is in its life, and when it expires.
func State(s plan.Step, now time.Time) string {
	words, have := plan.State(s.Phase, s.Have, now), s.Have
	date, expired := have.Expires.UTC().Format(plan.Date), have.Expired(now)
	switch {
	case !have.Issued() && (s.Phase == cert.Deployment || s.Phase == cert.Processing && !have.StatusRead()):
		return words // which says so
	case !have.Issued():
		return words + ", never issued"
	case have.Expires.IsZero(), s.Phase == cert.Deleted:
		return words
	case expired && s.Phase == cert.Expired:
		return Expired(have.Expires, now)
	case expired && s.Phase == cert.InFlight:
		return words + "; the current certificate " + Expired(have.Expires, now)
	case expired:
		return Expired(have.Expires, now) + "; " + strings.TrimPrefix(words, "expired, and ")
	case s.Phase == cert.Expired:
		return words + " (by the API), although it is dated " + date
	case s.Phase == cert.InFlight && !s.Is(cert.Expiring):
		return words + "; the current certificate expires " + date
	}
	ending := "expires in " + plan.Until(have.Expires, now)
	if s.Is(cert.Expiring) {
		ending = strings.ToUpper(ending)
		if s.Phase != cert.InFlight || !have.Renewing() { // else the words say so
			ending += ", " + renewalWords(s, now)
		}
	}
	switch s.Phase {
	case cert.InFlight:
		return words + "; the current certificate " + ending
	case cert.Active:
		return words + ", " + ending
	default:
		return words + "; " + ending
	}
}

// StateAndSource is the state, and a note where the status was not read.
func StateAndSource(s plan.Step, now time.Time) string {
	if s.Have.StatusRead() || s.Fault != nil {
		return State(s, now)
	}
	return State(s, now) + "; status not read"
}

func Expired(end, now time.Time) string { return "EXPIRED " + plan.Since(end, now) }

// renewalWords says how the renewal of a certificate stands that expires soon. The warning says why.
func renewalWords(s plan.Step, now time.Time) string {
	r := s.Renewal(now)
	kind := r.Kind
	comes := kind == plan.RenewalByCPS || kind == plan.RenewalByPolicy || kind == plan.RenewalWithheld
	switch {
	case kind == plan.RenewalOpen && (s.Have.Renewing() || s.Have.RenewalIssued()):
		return "renewal in progress"
	case kind == plan.RenewalOpen:
		return "renewal accepted, not visible yet"
	case kind == plan.RenewalOtherOrder:
		return "order in progress"
	case kind == plan.RenewalUnknown:
		return "unknown what renews it"
	case r.Failed(), comes && s.Have.OrderOpen(now):
		return "another renewal is needed"
	case comes && s.Is(cert.RenewalOverdue):
		return "its renewal is overdue"
	case comes, s.Have.AutoRenew, s.Want.AutoRenew.Or(false):
		return "nothing renews it yet"
	default:
		return "nothing will renew it"
	}
}

// Within is the time in which certificates expire: 30 days, or more where one has more.
func Within(steps []plan.Step, now time.Time) string {
	return fmt.Sprintf(" within %d days", daysOf(steps, now))
}

func daysOf(steps []plan.Step, now time.Time) int {
	days := 30
	for _, s := range steps {
		days = max(days, plan.DaysUntil(s.Have.Expires, now)+1)
	}
	return days
}

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
	r := Row{Name: Clean(cmp.Or(s.Have.Common, s.Have.Label, s.Want.Name)), ID: s.Want.ID.String(), State: listState(s, l.Now),
		RenewedBy: renewedBy(l, s), Served: EdgeCell(l.Edges, s), Tags: s.Want.Tags}
	if end := s.Have.Expires; !end.IsZero() {
		r.Expires, r.Days = end.UTC().Format(plan.Date), strconv.Itoa(plan.DaysUntil(end, l.Now))
	}
	return r
}

// stateWords are the short words for a phase.
var stateWords = [cert.NumPhases]string{
	"unknown", "processing", "ordered", "DCV pending", "vetting", "deploying", "active",
	"order open", "order failed", "timed out", "rejected", "EXPIRED", "deleted",
}

// listState is the state of a request in a word or two, as far as the list tells without the status.
func listState(s plan.Step, now time.Time) string {
	have := s.Have
	switch {
	case s.Fault != nil && s.Fault.Code == "not-found":
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

// renewers say in a word or two what renews a certificate, where that is no policy.
var renewers = [...]string{
	plan.RenewalNone: "nobody", plan.RenewalUnknown: "unknown", plan.RenewalOpen: "in progress", plan.RenewalOtherOrder: "order open",
	plan.RenewalByCPS: "CPS", plan.RenewalFailed: "order failed", plan.RenewalTimedOut: "timed out", plan.RenewalRevoked: "nobody",
}

// renewedBy says in a word or two what renews the certificate; of a policy with its value.
func renewedBy(l report.Listing, s plan.Step) string {
	if s.Fault != nil || l.StatusNotRead {
		return NotRead
	}
	kind, who := s.Renewal(l.Now).Kind, "policy"
	if kind != plan.RenewalByPolicy && kind != plan.RenewalWithheld {
		return renewers[kind]
	}
	if before, ok := s.Want.Policy.RenewBefore.Get(); ok {
		who += " " + cert.FormatDuration(before)
	} else if by, ok := s.Want.Policy.RenewIfExpiresBefore.Get(); ok {
		who += " " + by.Format(plan.Date)
	}
	if kind == plan.RenewalWithheld {
		who += ", withheld"
	}
	return who
}

// GoneName is what people know a certificate by whose manifest is gone.
func GoneName(g report.Gone) string { return cmp.Or(g.Label, g.Name) }

// GoneState says what becomes of a certificate without its manifest; off says that auto-renew is off.
func GoneState(g report.Gone, off string, now time.Time) string {
	switch {
	case !g.Known:
		return "stays as it is; not read"
	case g.Expires.IsZero():
		return "stays as it is; never issued"
	case g.Expired:
		return Expired(g.Expires, now)
	case g.AutoRenew:
		return "stays live, auto_renew is on, expires " + g.Expires.UTC().Format(plan.Date)
	default:
		return "stays live, " + off + ": " + GoneExpiry(g)
	}
}

// GoneExpiry says that nothing renews a certificate whose manifest is gone.
func GoneExpiry(g report.Gone) string {
	return "nothing will renew it from then on; it expires " + g.Expires.UTC().Format(plan.Date)
}

// GoneDo is what to do before such a manifest is deleted; "" when there is nothing.
func GoneDo(g report.Gone) string {
	if !g.Abandoned() {
		return ""
	}
	return "switch auto_renew on first, or keep a manifest with metadata.id and policy alone"
}
