package plan

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

const day = 24 * time.Hour

// What the API and the CA do in days.
const (
	manualWindow         = 60 * day // no manual renewal earlier; cps-api, section 9
	autoStart            = 60 * day // when CPS starts a renewal by itself; cps-api, section 9
	orderedBefore        = 65 * day // the same, with a margin: from then on CPS may have started
	recently             = 14 * day // how long after a change an order of somebody else may be open
	undocumentedCooldown = 7 * day  // between two undocumented renewals
	validationMax        = 7 * day  // how long a validation can take; cps-api, section 6.1
	vettingMax           = 7 * day  // how long vetting an organization can take after that; undocumented
	lookAhead            = 14 * day // an order placed now may be issued this much later
)

// validities is the longest a new certificate can be valid, from a day on; the last day first.
// Source: cps-api, section 9: DigiCert issues one day less than the rule allows.
var validities = []struct {
	from time.Time
	max  time.Duration
}{
	{time.Date(2029, 3, 15, 0, 0, 0, 0, time.UTC), 46 * day},
	{time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC), 99 * day},
	{time.Time{}, longestValidity},
}

// longestValidity is that of the first rule, in force since February 2026.
const longestValidity = 199 * day

// MaxValidity is the longest a certificate ordered now can be valid: the smallest
// maximum of the next 14 days.
func MaxValidity(now time.Time) time.Duration { return validityOn(now.Add(lookAhead)) }

// validityOn is the longest a certificate issued then can be valid.
func validityOn(at time.Time) time.Duration {
	for _, v := range validities {
		if !at.Before(v.from) {
			return v.max
		}
	}
	panic("plan: the table of validities has no first line")
}

// window is how long before its end a certificate may be renewed. It is never more
// than half the maximum validity, so that one renewal can't call for the next.
func window(now time.Time) time.Duration { return windowOf(MaxValidity(now)) }

func windowOf(validity time.Duration) time.Duration { return min(manualWindow, validity/2) }

// opening says how long before its end a certificate may be renewed.
func opening(now time.Time) string {
	if w := window(now); w%day != 0 {
		return fmt.Sprintf("%dd %dh", w/day, w%day/time.Hour)
	}
	return days(window(now))
}

// reaching returns the first instant from now on at which the certificate that ends
// at end may be renewed and the new one lasts until by; false when there is none. A
// later renewal reaches further, but not across the day on which validities shrink.
func reaching(by, end, now time.Time) (time.Time, bool) {
	for i, v := range slices.Backward(validities) {
		first := latest(now, v.from.Add(-lookAhead), end.Add(-windowOf(v.max)), by.Add(-v.max))
		passed := i > 0 && !first.Before(validities[i-1].from.Add(-lookAhead))
		if !passed && (first.Before(end) || first.Equal(now)) {
			return first, true
		}
	}
	return time.Time{}, false
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// StuckBelow is how much must be left for auto-renew not to look stuck.
func StuckBelow(have cert.Live, now time.Time) time.Duration {
	return min(45*day, MaxValidity(now)/4+vettingTime(have))
}

// Soon returns how long before its expiry a certificate counts as expiring: less while a renewal
// is in progress, more where the CA vets the organization.
func Soon(have cert.Live, now time.Time, renewing bool) time.Duration {
	if renewing {
		return min(14*day, MaxValidity(now)/8)
	}
	return min(30*day, MaxValidity(now)/4) + vettingTime(have)
}

// leadTime is how long before the end an order must go out for its certificate to come in time.
func leadTime(have cert.Live) time.Duration { return validationMax + vettingTime(have) }

// vettingTime is what an organization adds to a validation: it comes after that of the names.
// Source: cps-api, sections 6 and 6.4.
func vettingTime(have cert.Live) time.Duration {
	if have.ValidationType.Vetted() {
		return vettingMax
	}
	return 0
}

// Date and Minute are the layouts of dates and instants in every text, for time.Format; UTC.
const (
	Date   = "2006-01-02"
	Minute = "2006-01-02 15:04 UTC"
)

// Span says how far two instants are apart, for people: below an hour in minutes, below 48
// hours in hours, else in days, each rounded down.
func Span(a, b time.Time) string {
	switch minutes := max(secondsUntil(a, b), secondsUntil(b, a)) / 60; {
	case minutes == 0:
		return "less than 1 minute"
	case minutes < 60:
		return units(minutes, "minute")
	case minutes < 48*60:
		return units(minutes/60, "hour")
	default:
		return units(minutes/60/24, "day")
	}
}

func units(n int64, name string) string {
	if n == 1 {
		return "1 " + name
	}
	return fmt.Sprintf("%d %ss", n, name)
}

// Until says how far off an instant to come is, and its date.
func Until(t, now time.Time) string { return Span(t, now) + datedFrom(t, now) }

// Since says how long ago an instant was, and its date.
func Since(t, now time.Time) string { return Span(t, now) + " ago" + datedFrom(t, now) }

// datedFrom is the date, and below an hour the time.
func datedFrom(t, now time.Time) string {
	if max(secondsUntil(t, now), secondsUntil(now, t)) < 3600 {
		return " (" + t.UTC().Format(Minute) + ")"
	}
	return dated(t)
}

func dated(t time.Time) string { return " (" + t.UTC().Format(Date) + ")" }

// DaysUntil counts whole days from now to t, rounded down; negative when t is past.
func DaysUntil(t, now time.Time) int {
	return int(math.Floor(float64(secondsUntil(t, now)) / day.Seconds()))
}

// secondsUntil rounds down. Between the years that an API can name there may be more time
// than a Duration holds.
func secondsUntil(t, now time.Time) int64 {
	left := t.Unix() - now.Unix()
	if t.Nanosecond() < now.Nanosecond() {
		left--
	}
	return left
}
