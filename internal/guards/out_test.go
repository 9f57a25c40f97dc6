package guards

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	out       = flag.Bool("out", false, "take the guards out, and write into docs/developers/guards.md who missed them")
	schedules = flag.Int("schedules", 2000, "how many schedules look for what a guard kept away")
	only      = flag.String("only", "", "take out the guards whose words hold this, and write nothing")
)

// TestTakenOut takes every guard out by itself and fails where nobody misses one.
func TestTakenOut(t *testing.T) {
	if !*out && *only == "" {
		t.Skip("takes half an hour; make guards")
	}
	rows := fmt.Sprintf("| taken out: | rows of the matrix that fail | schedules until found, of %d | other tests that fail |\n|---|---|---|---|\n", *schedules)
	for _, g := range guards {
		if !strings.Contains(g.what, *only) {
			continue
		}
		row := g.missed(t)
		t.Log(row)
		rows += row + "\n"
	}
	if *only == "" {
		before, _, after := document(t)
		if err := os.WriteFile(page, []byte(before+begin+"\n"+rows+"\n"+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// missed is the line of the table.
func (g guard) missed(t *testing.T) string {
	t.Helper()
	overlay := g.overlay(t)
	matrix := cells(run(t, overlay, "./cmd/cpsync", "-run", "^TestFaultMatrix$", "-args", "-whole"))
	found := schedule(run(t, overlay, "./internal/explore", "-run", "^TestSchedules$", "-v", "-args", "-seed", "1", "-schedules", fmt.Sprint(*schedules)))
	tests := names(run(t, overlay, "./internal/cps", "./internal/plan", "./internal/apply", "./internal/journal"))
	if matrix+found+tests == "" {
		t.Errorf("nobody misses this: %s", g.what)
	}
	return fmt.Sprintf("| %s | %s | %s | %s |", g.what, cmp.Or(matrix, "-"), cmp.Or(found, "-"), cmp.Or(tests, "-"))
}

// overlay writes what go test's flag of that name reads: the guard's file is another.
func (g guard) overlay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	whole, err := filepath.Abs(filepath.Join(top, g.file))
	if err != nil {
		t.Fatal(err)
	}
	other, list := filepath.Join(dir, "other.go"), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {whole: other}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{other: []byte(g.without(t)), list: text} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// run runs tests without a guard, and returns what they say.
func run(t *testing.T, overlay string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-overlay", overlay, "-vet=off", "-timeout", "10m"}, args...)...)
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = top
	text, err := cmd.CombinedOutput()
	if strings.Contains(string(text), "[build failed]") {
		t.Fatalf("%v\n%s", err, text)
	}
	return string(text)
}

var (
	cell  = regexp.MustCompile(`--- FAIL: TestFaultMatrix/(.+),_\w+ `)
	wrong = regexp.MustCompile(`schedule (\d+) goes wrong`)
	test  = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)
)

// cells names the rows of the matrix in which a cell differs.
func cells(text string) string {
	return strings.ReplaceAll(firsts(cell, text, "; "), "_", " ")
}

// schedule is the number of the first schedule that went wrong.
func schedule(text string) string {
	if m := wrong.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// names are those of the tests that fail: one, and how many more.
func names(text string) string {
	all := strings.Split(firsts(test, text, " "), " ")
	if len(all) == 1 {
		return all[0]
	}
	return fmt.Sprintf("%s and %d more", all[0], len(all)-1)
}

// firsts joins what the pattern's group found, each once, sorted.
func firsts(pattern *regexp.Regexp, text, between string) string {
	var all []string
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), between)
}
