package cert_test

import (
	"errors"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

func TestParseID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]cert.ID{"1": 1, "11604": 11604, "9223372036854775807": 9223372036854775807} {
		if got, err := cert.ParseID(in); err != nil || got != want || got.String() != in {
			t.Errorf("ParseID(%q) = %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "0", "-1", "+1", "007", "1.0", "1e3", "1_000", "0x10", " 1", "1 ", "١", "9223372036854775808", "abc"} {
		if got, err := cert.ParseID(in); !errors.Is(err, cert.ErrID) || got != 0 {
			t.Errorf("ParseID(%q) = %v, %v; want ErrID", in, got, err)
		}
	}
}
