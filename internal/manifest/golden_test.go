package manifest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/report"
)

var update = flag.Bool("update", false, "rewrite the expected problems in testdata/bad")

// TestBadManifests holds each manifest of testdata/bad against the problems beside
// it: one line for the place and the message, one for the hint.
func TestBadManifests(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) < 40 {
		t.Fatalf("testdata/bad holds %d manifests: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			specs, problems := Load(onDisk(t, path), []string{path})
			if len(problems) == 0 || len(specs) > 0 {
				t.Fatalf("got %d problems and %d specs", len(problems), len(specs))
			}
			checkProblems(t, problems)
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", print(problems))
		})
	}
}

// checkProblems holds every problem to what people and editors rely on.
func checkProblems(t *testing.T, problems []report.Problem) {
	t.Helper()
	for _, p := range problems {
		switch {
		case p.At.File == "", p.At.Line < 0, (p.At.Line > 0) != (p.At.Column > 0):
			t.Errorf("no place: %+v", p)
		case p.Message == "", strings.HasSuffix(p.Message, "."), strings.Contains(p.Message, "\n"):
			t.Errorf("not a message: %q", p.Message)
		case len(p.Rule)+p.More == 0:
			t.Errorf("no rule: %+v", p)
		case p.Hint == "", strings.Contains(p.Hint, "\n"):
			t.Errorf("not a hint: %q", p.Hint)
		}
	}
}

func print(problems []report.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s:%d:%d: %s [%s]\n\t%s\n", filepath.Base(p.At.File), p.At.Line, p.At.Column, p.Message, p.Rule, p.Hint)
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("problems differ from %s (-want +got):\n%s", path, d)
	}
}

// TestGoodManifests loads each manifest of testdata/good without a problem.
func TestGoodManifests(t *testing.T) {
	t.Parallel()
	if specs, problems := Load(onDisk(t, "testdata/good"), []string{"testdata/good"}); len(specs) < 10 {
		t.Errorf("got %d specs and problems\n%s", len(specs), print(problems))
	}
}
