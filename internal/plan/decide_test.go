package plan_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// row is one decision: a manifest, a request, and the lines of the step.
type row struct {
	want  cert.Spec
	have  cert.Live
	lines []string
}

// check runs a table of rows.
func check(t *testing.T, rows map[string]row) {
	t.Helper()
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(r.lines, lines(one(r.want, r.have))); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
