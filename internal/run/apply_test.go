package run

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAnAgeIsWrittenAsAFlagTakesIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	r := &Run{Target: &Target{API: "api", Instant: now}}
	saved := fmt.Sprintf(`{"format_version": "2", "mode": "plan", "finished": true, "api": "api", "steps": [], "now": %q}`, now.Add(-300*time.Hour).Format(time.RFC3339))
	for want, age := range map[string]time.Duration{"10s": 10 * time.Second, "90s": 90 * time.Second, "10m": 10 * time.Minute, "36h": 36 * time.Hour} {
		if _, err := r.ReadApproval([]byte(saved), "plan.json", age); err == nil || !strings.Contains(err.Error(), "--plan-max-age "+want+",") {
			t.Errorf("%s: %v", age, err)
		}
	}
}
