package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Actors are who may act next.
var Actors = map[plan.Actor]string{plan.Person: "a person", plan.NextRun: "the next apply", plan.CA: "the CA", plan.CDN: "the CDN"}

// Expiry says when a certificate ends, and what is under way for it.
func Expiry(s plan.Step, now time.Time) string {
	end := s.Have.Expires
	if s.Have.Expired(now) {
		return Expired(end, now)
	}
	text := "expires in " + plan.Until(end, now)
	if s.Have.Renewing() {
		return text + ", renewal in progress"
	}
	return text
}

// Duration writes a duration in the largest unit that holds it: 14d, 36h, 90m.
func Duration(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%u.of == 0 {
			return fmt.Sprintf("%d%s", d/u.of, u.name)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// Renewal says what renews the certificate.
func Renewal(r plan.RenewalState) string {
	who := map[plan.RenewalKind]string{plan.RenewalNone: "nothing", plan.RenewalByCPS: "CPS", plan.RenewalByPolicy: "cpsync"}[r.Kind]
	if who == "" {
		return r.Because
	}
	if !r.At.IsZero() {
		who += fmt.Sprintf(", from about %s", r.At.UTC().Format(plan.Date))
	}
	return who + "; " + r.Because
}

// SplitByRenewal parts certificates whose renewal is late: those that nothing renews, and those
// whose renewal comes and was not ordered yet.
func SplitByRenewal(late []plan.Step, now time.Time) (nothing, yet []plan.Step) {
	for _, step := range late {
		if step.Renewal(now).Comes() {
			yet = append(yet, step)
		} else {
			nothing = append(nothing, step)
		}
	}
	return nothing, yet
}

// State is the line under a certificate's name: where it is in its life, and when it
// ends. Past its end it never reads "in service".
func State(s plan.Step, now time.Time) string {
	words := plan.State(s.Phase, s.Have, now)
	switch {
	case !s.Have.Issued():
		return neverIssued(s, words)
	case s.Have.Expires.IsZero(), s.Phase == cert.Deleted:
		return words
	case s.Have.Expired(now):
		return past(s, words, now)
	case s.Phase == cert.Expired:
		return words + " (by the API), although it is dated " + s.Have.Expires.UTC().Format(plan.Date)
	case s.Phase == cert.InFlight:
		return words + "; the current certificate " + serves(s, now)
	case s.Phase == cert.Active:
		return words + ", " + ending(s, now)
	default:
		return words + "; " + ending(s, now)
	}
}

// neverIssued is the state of a request that has no certificate yet.
func neverIssued(s plan.Step, words string) string {
	if s.Phase == cert.Deployment || s.Phase == cert.Processing && !s.Have.StatusRead() {
		return words // which says so
	}
	return words + ", never issued"
}

// StateAndSource is the state, and a note where the status was not read.
func StateAndSource(s plan.Step, now time.Time) string {
	if s.Have.StatusRead() || s.Fault != nil {
		return State(s, now)
	}
	return State(s, now) + "; status not read"
}

// past is the state of a certificate whose end has come.
func past(s plan.Step, words string, now time.Time) string {
	end := Expired(s.Have.Expires, now)
	switch s.Phase {
	case cert.Expired:
		return end
	case cert.InFlight:
		return words + "; the current certificate " + end
	default:
		return end + "; " + strings.TrimPrefix(words, "expired, and ")
	}
}

func Expired(end, now time.Time) string {
	return "EXPIRED " + plan.Since(end, now)
}

// ending says how long a certificate still serves.
func ending(s plan.Step, now time.Time) string {
	if s.Is(cert.Expiring) {
		return ExpiryDay(s, now) + ", " + renewalWords(s, now)
	}
	return ExpiryDay(s, now)
}

// ExpiryDay is the day, loud where nothing renews in time what ends soon.
func ExpiryDay(s plan.Step, now time.Time) string {
	when := "expires in " + plan.Until(s.Have.Expires, now)
	if s.Is(cert.Expiring) {
		return strings.ToUpper(when)
	}
	return when
}

// serves is ending for a certificate that another one is on its way to replace.
func serves(s plan.Step, now time.Time) string {
	switch {
	case s.Is(cert.Expiring) && s.Have.Renewing(): // which the words before say
		return ExpiryDay(s, now)
	case s.Is(cert.Expiring):
		return ending(s, now)
	}
	return "expires " + s.Have.Expires.UTC().Format(plan.Date)
}

// renewalWords says in a few words what is missing, for a certificate that expires soon. Why is
// said by the warning.
func renewalWords(s plan.Step, now time.Time) string {
	switch s.Renewal(now).Kind {
	case plan.RenewalOpen:
		if !s.Have.Renewing() {
			return "renewal accepted, not visible yet"
		}
		return "renewal in progress"
	case plan.RenewalOtherOrder:
		return "order in progress"
	case plan.RenewalUnknown:
		return "unknown what renews it"
	case plan.RenewalFailed, plan.RenewalTimedOut, plan.RenewalRevoked:
		return "another renewal is needed"
	case plan.RenewalByCPS, plan.RenewalByPolicy, plan.RenewalWithheld:
		if s.Have.OrderOpen(now) {
			return "another renewal is needed"
		}
		if s.Is(cert.RenewalOverdue) {
			return "its renewal is overdue"
		}
		return "nothing renews it yet"
	case plan.RenewalNone, plan.RenewalNotIssued:
	}
	if s.Have.AutoRenew || s.Want.AutoRenew.Or(false) {
		return "nothing renews it yet"
	}
	return "nothing will renew it"
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
