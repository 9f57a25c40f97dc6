package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestMaximumValidityShrinksTwoWeeksAhead: what is ordered today may be issued then.
func TestMaximumValidityShrinksTwoWeeksAhead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at               time.Time
		validity, window time.Duration
	}{
		"now":                              {now, 199 * day, 60 * day},
		"a second before 14 days before":   {midnight("2027-03-01").Add(-time.Second), 199 * day, 60 * day},
		"14 days before the first change":  {midnight("2027-03-01"), 99 * day, 99 * day / 2},
		"the day of the first change":      {midnight("2027-03-15"), 99 * day, 99 * day / 2},
		"a second before the second":       {midnight("2029-03-01").Add(-time.Second), 99 * day, 99 * day / 2},
		"14 days before the second change": {midnight("2029-03-01"), 46 * day, 23 * day},
		"for good":                         {midnight("2040-01-01"), 46 * day, 23 * day},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if v, w := MaxValidity(tt.at), window(tt.at); v != tt.validity || w != tt.window {
				t.Errorf("got %s and %s, want %s and %s", v, w, tt.validity, tt.window)
			}
		})
	}
}

// TestARenewBeforeLongerThanTheWindowActsWhenItOpens, with a warning.
func TestARenewBeforeLongerThanTheWindowActsWhenItOpens(t *testing.T) {
	t.Parallel()
	want := asks(renewBefore(60 * day))
	tests := map[string]struct {
		at    time.Time
		left  time.Duration
		lines []string
		codes []string
	}{
		"60 days fit today":                    {now, 60*day - time.Second, []string{"send renew"}, nil},
		"60 days are exactly not less than 60": {now, 60 * day, nil, nil},
		"half of 99 days, open":                {midnight("2027-06-01"), 99 * day / 2, []string{"send renew"}, []string{"renew-before-window", "dcv-by-hand"}},
		"half of 99 days, shut":                {midnight("2027-06-01"), 99*day/2 + time.Second, nil, []string{"renew-before-window", "dcv-by-hand"}},
		"half of 46 days, open":                {midnight("2030-06-01"), 23 * day, []string{"send renew"}, []string{"renew-before-window", "dcv-by-hand"}},
		"half of 46 days, shut":                {midnight("2030-06-01"), 23*day + time.Second, nil, []string{"renew-before-window", "dcv-by-hand"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := inService(func(l *cert.Live) { l.Expires, l.Modified = tt.at.Add(tt.left), tt.at.Add(-40*day) })
			s := oneAt(want, have, tt.at)
			if d := cmp.Diff(tt.lines, lines(s)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.codes, codes(s)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestADateThatNoRenewalReaches needs a person; one that a later renewal reaches
// waits for that day, also across the days on which validities shrink.
func TestADateThatNoRenewalReaches(t *testing.T) {
	t.Parallel()
	unreachable := []string{"not renew: not-possible by date-not-reachable, next person"}
	tests := map[string]struct {
		at         string
		ends, date string
		also       []func(*cert.Spec)
		lines      []string
	}{
		"reached today":                                     {at: "2026-11-22", ends: "2027-01-01", date: "2027-06-09", lines: []string{"send renew"}},
		"reached tomorrow":                                  {at: "2026-11-22", ends: "2027-01-01", date: "2027-06-10", lines: []string{"not renew: deferred by date-not-reachable, next next-run, until 2026-11-23 00:00 UTC"}},
		"reached on the last day":                           {at: "2026-11-22", ends: "2027-01-01", date: "2027-07-18", lines: []string{"not renew: deferred by date-not-reachable, next next-run, until 2026-12-31 00:00 UTC"}},
		"never reached, though due":                         {at: "2026-11-22", ends: "2027-01-01", date: "2027-07-19", lines: unreachable},
		"never reached, and the window is shut":             {at: "2026-11-22", ends: "2027-02-20", date: "2028-01-01", lines: unreachable},
		"reached when the window opens":                     {at: "2026-11-22", ends: "2027-02-20", date: "2027-08-01"},
		"reached only before validities shrink":             {at: "2026-11-22", ends: "2027-04-10", date: "2027-08-27"},
		"too late by the day they shrink":                   {at: "2026-11-22", ends: "2027-04-10", date: "2027-09-16", lines: unreachable},
		"due, and reached only before they shrink":          {at: "2027-02-10", ends: "2027-04-10", date: "2027-09-10", lines: []string{"not renew: deferred by date-not-reachable, next next-run, until 2027-02-23 00:00 UTC"}},
		"due, and never reached because they shrink":        {at: "2027-02-10", ends: "2027-04-10", date: "2027-09-17", lines: unreachable},
		"renew_before asks anyway":                          {at: "2026-11-22", ends: "2026-12-12", date: "2028-01-01", also: []func(*cert.Spec){renewBefore(30 * day)}, lines: []string{"send renew"}},
		"it ends after the date: nothing asks for anything": {at: "2026-11-22", ends: "2028-02-01", date: "2028-01-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := midnight(tt.at)
			have := inService(func(l *cert.Live) { l.Expires, l.Modified = midnight(tt.ends), at.Add(-40*day) })
			s := oneAt(asks(append(tt.also, endsBefore(tt.date))...), have, at)
			if d := cmp.Diff(tt.lines, lines(s)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestWhatIsOutOfReachStaysOutOfReach plans every day until the end: what was said to
// be out of reach is never renewed for the date, what was not is.
func TestWhatIsOutOfReachStaysOutOfReach(t *testing.T) {
	t.Parallel()
	start := midnight("2026-12-01")
	for ends := 10; ends < 200; ends += 13 {
		for reach := ends + 1; reach < ends+240; reach += 7 {
			by := start.AddDate(0, 0, reach)
			have := inService(func(l *cert.Live) { l.Expires, l.Modified = start.AddDate(0, 0, ends), start.Add(-40*day) })
			want := asks(endsBefore(by.Format(Date)))
			first := oneAt(want, have, start)
			reachable := true
			for _, b := range first.Withheld {
				reachable = reachable && b.Verdict != NotPossible
			}
			renewed := false
			for at := start; at.Before(have.Expires); at = at.Add(day) {
				renewed = renewed || len(oneAt(want, have, at).Ops) > 0
			}
			if renewed != reachable {
				t.Errorf("ends %s, to end after %s: said to be reachable: %v, renewed: %v",
					have.Expires.Format(Date), by.Format(Date), reachable, renewed)
			}
		}
	}
}
