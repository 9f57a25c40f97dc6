//go:build unix

package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "measure, and write the figures into docs/developers/performance.md")

const (
	document     = "../../docs/developers/performance.md"
	begin, after = "<!-- figures -->\n", "<!-- end of figures -->\n"
)

// measured are the packages with benchmarks, and how long each of them runs: a whole run
// is measured once a round, since it takes seconds.
var measured = []struct {
	time     string
	packages []string
}{
	{"200ms", []string{"../../internal/manifest", "../../internal/diff", "../../internal/plan", "../../internal/render"}},
	{"1x", []string{"."}},
}

// rounds is how often everything is measured. The table holds the middle.
const rounds = 3

// TestPerformance holds the counts in docs/developers/performance.md to the program; with -update it
// measures everything and writes the document's tables.
func TestPerformance(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	old, end, closed := strings.Cut(rest, after)
	if !found || !closed {
		t.Fatalf("%s has no place for figures", document)
	}
	if !*update {
		if !strings.Contains(old, dependencies(t)) {
			t.Errorf("%s does not say %q; write it with make performance", document, dependencies(t))
		}
		for _, r := range rows {
			if !strings.Contains(old, "| "+r.what+" |") {
				t.Errorf("%s has no figure for: %s; write it with make performance", document, r.what)
			}
		}
		return
	}
	f := measureAll(t)
	tables := strings.Join([]string{surroundings(), beside(t, f), fleets(f), size(t), everything(f)}, "\n")
	if err := os.WriteFile(document, []byte(before+begin+"\n"+tables+"\n"+after+end), 0o644); err != nil {
		t.Fatal(err)
	}
}

// measureAll runs the benchmarks, one after another.
func measureAll(t *testing.T) figures {
	t.Helper()
	var all strings.Builder
	for _, m := range measured {
		args := []string{"test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", m.time, "-count", fmt.Sprint(rounds)}
		out, err := exec.CommandContext(t.Context(), "go", append(args, m.packages...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		all.Write(out)
	}
	return parse(all.String())
}

func surroundings() string {
	return fmt.Sprintf("%s, %s, %d processors, %s. Each figure is the middle of %d; in brackets the\nsmallest and the largest.\n",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), runtime.Version(), rounds)
}

// size says how large the released program is and what it is made of.
func size(t *testing.T) string {
	t.Helper()
	info, err := os.Stat(built(t))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("The program, stripped, has %.1f MB. %s\n", float64(info.Size())/1e6, dependencies(t))
}

// dependencies counts what go.mod requires directly.
func dependencies(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "\t") && !strings.Contains(line, "// indirect") {
			n++
		}
	}
	return fmt.Sprintf("It has %d direct dependencies, those of tests included.", n)
}
