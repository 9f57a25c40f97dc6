package run

import (
	"testing"
	"time"
)

func TestATimeIsWrittenAsAFlagTakesIt(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"10s": 10 * time.Second, "1m30s": 90 * time.Second, "10m": 10 * time.Minute, "1h0m10s": time.Hour + 10*time.Second,
		"100h": 100 * time.Hour, "1h10m": 70 * time.Minute, "48h": 48 * time.Hour,
	} {
		if got := inUnits(d); got != want {
			t.Errorf("%s is written as %s, want %s", d, got, want)
		}
	}
}
