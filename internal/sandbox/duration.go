package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration written as "90s", "4h" or "7d" (days of 24 hours).
type Duration time.Duration

const day = 24 * time.Hour

// ParseDuration reads the written form: what time.ParseDuration reads, or whole days.
func ParseDuration(text string) (Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 15)
		if err != nil {
			return 0, fmt.Errorf("%q is not a number of days", text)
		}
		return Duration(time.Duration(n) * day), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 4h or 7d", text)
	}
	return Duration(d), nil
}

// String returns the shortest written form.
func (d Duration) String() string {
	if d != 0 && time.Duration(d)%day == 0 {
		return strconv.FormatInt(int64(time.Duration(d)/day), 10) + "d"
	}
	text := time.Duration(d).String()
	text = strings.Replace(text, "h0m0s", "h", 1)
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}

// Wait says when something outside happens: a duration, "never", or, for the
// proof of control, "check": as soon as the client asks the CA to look. Empty
// is the default of the member.
type Wait string

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *Wait) UnmarshalText(text []byte) error {
	*w = Wait(text)
	if *w == "never" || *w == "check" {
		return nil
	}
	_, err := ParseDuration(string(text))
	return err
}

// after returns the instant that is w after t; ok is false when it never comes.
func (w Wait) after(t time.Time) (_ time.Time, ok bool) {
	d, err := ParseDuration(string(w))
	if err != nil {
		return time.Time{}, false
	}
	return t.Add(time.Duration(d)), true
}
