package plan

import (
	"fmt"
	"time"
)

// Span says how far two instants are apart, for people: below 48 hours in hours, else in
// days, each rounded down.
func Span(a, b time.Time) string {
	seconds := max(secondsUntil(a, b), secondsUntil(b, a))
	const hour = int64(time.Hour / time.Second)
	switch hours := seconds / hour; {
	case hours == 0:
		return "less than 1 hour"
	case hours == 1:
		return "1 hour"
	case hours < 48:
		return fmt.Sprintf("%d hours", hours)
	default:
		return fmt.Sprintf("%d days", hours/24)
	}
}

// Until says how far off an instant to come is, and its date.
func Until(t, now time.Time) string { return Span(t, now) + dated(t) }

// Since says how long ago an instant was, and its date.
func Since(t, now time.Time) string { return Span(t, now) + " ago" + dated(t) }

func dated(t time.Time) string { return " (" + t.UTC().Format(Date) + ")" }

// DaysUntil counts whole days from now to t, rounded down; negative when t is past.
func DaysUntil(t, now time.Time) int {
	const seconds = int64(day / time.Second)
	left := secondsUntil(t, now)
	days := left / seconds
	if left%seconds < 0 {
		days--
	}
	return int(days)
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
