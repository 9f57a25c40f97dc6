package manifest

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Why ParseDuration refused a text.
var (
	ErrDuration     = errors.New("a duration is digits and one of s m h d w, such as 30d")
	ErrDurationLong = errors.New("the duration is longer than 290 years")
)

const day = 24 * time.Hour

var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day,
}

// ParseDuration reads digits and one of s m h d w, such as 30d: no sign, no
// point, no blank, one unit. A day has 24 hours. Zero is a duration, with its
// unit. The errors are ErrDuration and ErrDurationLong.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, ErrDuration
	}
	digits, unit := s[:len(s)-1], units[s[len(s)-1]]
	if digits == "" || unit == 0 || strings.Trim(digits, "0123456789") != "" {
		return 0, ErrDuration
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0, ErrDurationLong
	}
	return time.Duration(n) * unit, nil
}
