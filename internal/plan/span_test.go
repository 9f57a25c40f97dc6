package plan_test

import (
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"
	"time"
)

func TestSpanIsRoundedDown(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		t    time.Time
		days int
		want string
	}{
		{at, 0, "less than 1 minute"},
		{at.Add(time.Minute - 1), 0, "less than 1 minute"},
		{at.Add(time.Minute), 0, "1 minute"},
		{at.Add(30 * time.Minute), 0, "30 minutes"},
		{at.Add(time.Hour - 1), 0, "59 minutes"},
		{at.Add(time.Hour), 0, "1 hour"},
		{at.Add(23*time.Hour + 59*time.Minute), 0, "23 hours"},
		{at.Add(day), 1, "24 hours"},
		{at.Add(2*day - 1), 1, "47 hours"},
		{at.Add(2 * day), 2, "2 days"},
		{at.Add(3*day - 1), 2, "2 days"},
		{midnight("2026-12-04"), 11, "11 days"},
		{at.Add(-30 * time.Minute), -1, "30 minutes"},
		{at.Add(-time.Hour), -1, "1 hour"},
		{at.Add(-2 * day), -2, "2 days"},
		{at.Add(-3*day + 1), -3, "2 days"},
		{midnight("9999-12-31"), 2912116, "2912116 days"},
		{midnight("0001-01-02"), -739941, "739940 days"},
		{time.Date(2026, 11, 23, 0, 15, 0, 0, time.FixedZone("CET", 3600)), -1, "15 minutes"},
	} {
		if got := Span(tt.t, at); got != tt.want {
			t.Errorf("Span(%s) = %s, want %s", tt.t, got, tt.want)
		}
		if got := DaysUntil(tt.t, at); got != tt.days {
			t.Errorf("DaysUntil(%s) = %d, want %d", tt.t, got, tt.days)
		}
	}
	if got := Until(at.Add(30*time.Minute), at) + ", " + Since(at.Add(-3*day), at); got != "30 minutes (2026-11-23 00:00 UTC), 3 days ago (2026-11-19)" {
		t.Error(got)
	}
}
