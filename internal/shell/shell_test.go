package shell_test

import (
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/shell"
)

// TestWordIsOneWord: a shell that reads what was written gets the word, and runs nothing.
func TestWordIsOneWord(t *testing.T) {
	t.Parallel()
	for _, word := range []string{
		"", "certs/web", "a b", "$(touch x)", "`touch x`", "a;b", "a'b", "''", `a\`, `"`, "a\nb", "*", "~", "!!", "#a", "-n", "é", "\x1b[31m", "a&b|c>d<e",
	} {
		out, err := patience.Command(t, "sh", "-c", "printf '<%s>' "+shell.Word(word)).CombinedOutput()
		if err != nil || string(out) != "<"+word+">" {
			t.Errorf("%q: %s, %v", word, out, err)
		}
	}
}
