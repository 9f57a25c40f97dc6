package manifest

import (
	"errors"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{
		"30d":         30 * 24 * time.Hour,
		"2w":          14 * 24 * time.Hour,
		"20h":         20 * time.Hour,
		"90m":         90 * time.Minute,
		"007s":        7 * time.Second,
		"0s":          0,
		"0d":          0,
		"9223372036s": 9223372036 * time.Second,
	} {
		if got, err := ParseDuration(s); got != want || err != nil {
			t.Errorf("%q is %v, %v; want %v", s, got, err, want)
		}
	}
}

func TestWhatIsNoDuration(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]error{
		"": ErrDuration, "d": ErrDuration, "30": ErrDuration, "0": ErrDuration, "-1d": ErrDuration,
		"+1d": ErrDuration, "1.5h": ErrDuration, "1h30m": ErrDuration, "1 d": ErrDuration, " 1d": ErrDuration,
		"30D": ErrDuration, "1y": ErrDuration, "1_0d": ErrDuration, "٣d": ErrDuration, "30ms": ErrDuration,
		"9223372037s":           ErrDurationLong,
		"15251w":                ErrDurationLong,
		"99999999999999999999s": ErrDurationLong,
	} {
		if got, err := ParseDuration(s); got != 0 || !errors.Is(err, want) {
			t.Errorf("%q is %v, %v; want %v", s, got, err, want)
		}
	}
}
