package openmetrics

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/render/words"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestLabelsAreAsGolden: each value stands beside its bytes, for the parsers to compare.
func TestLabelsAreAsGolden(t *testing.T) {
	t.Parallel()
	f := family{name: "x", help: "X."}
	for i, value := range []string{"", "cdn", "\x1b[2J\a\r\x9b31m\u202egnp.exe\u2028fin\xff\n  0 reads", `a"b`, `a\b`, `a\`, "a\nb", `a\nb`, `"} 1` + "\n# EOF\n", "\x00", "\xff\xfe", "é\u2028", "{}=,", "a\\\"\n"} {
		f.samples = append(f.samples, sample{[]Label{{"name", value}, {"bytes", hex.EncodeToString([]byte(words.Clean(value)))}, {"id", strconv.Itoa(i)}}, 7})
	}
	var b bytes.Buffer
	if err := exposition(&b, []family{f}, nil); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/labels.prom"
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
