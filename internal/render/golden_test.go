package render_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file under testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// rendered is what a format writes of a scenario.
func rendered(t *testing.T, name string, format render.Func, s render.Style) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := format(&b, scenarios[name](), s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPlanJSON(w io.Writer, r report.Report, _ render.Style) error { return jsonplan.Report(w, r) }

// texts are the golden files of the text format. An apply is printed as a plan before
// its first write and as a summary after its last.
func texts() map[string]func(*testing.T) []byte {
	all := map[string]func(*testing.T) []byte{}
	for name := range scenarios {
		if name == "proving-60" { // TestAFleetIsReadable says what of it is folded
			continue
		}
		all[name+".txt"] = func(t *testing.T) []byte { return rendered(t, name, text.Report, render.Style{}) }
	}
	for _, name := range []string{"verbose", "fields", "names", "proving", "looked-up"} {
		all[name+"-v.txt"] = func(t *testing.T) []byte { return rendered(t, name, text.Report, render.Style{Verbose: true}) }
	}
	all["apply.txt"] = func(t *testing.T) []byte { return rendered(t, "apply", text.Plan, render.Style{}) }
	all["color.txt"] = func(t *testing.T) []byte { return rendered(t, "mixed", text.Report, render.Style{Color: true}) }
	return all
}

func TestTextIsAsGolden(t *testing.T) {
	t.Parallel()
	for name, write := range texts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, write(t))
		})
	}
}

// What goes to stderr as operations end is a line each, however long.
func TestLinesAreAsGolden(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, o := range partly().Outcomes {
		b.WriteString(words.OutcomeLine(o) + "\n")
	}
	golden(t, "lines.txt", b.Bytes())
}

func TestJSONIsAsGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"failure"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".json", rendered(t, name, asPlanJSON, render.Style{}))
		})
	}
	for name, r := range map[string]report.Report{
		"blocked": of(blockedFleet()[1:4], nil, false), "errors": of(faulty()[1:3], nil, true), "proving": someProofs(),
		"apply-part": someOutcomes(11604, 11612, 18003), "apply-wait": someWaits(),
	} {
		var b bytes.Buffer
		if err := jsonplan.Report(&b, r); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", b.Bytes())
	}
}

// someOutcomes is partly with a few of its certificates.
func someOutcomes(ids ...cert.ID) report.Report {
	r := partly()
	r.Plan = r.Plan.Where(func(s plan.Step) bool { return slices.Contains(ids, s.Want.ID) })
	r.Outcomes = slices.DeleteFunc(r.Outcomes, func(o report.Outcome) bool { return !slices.Contains(ids, o.Step.Want.ID) })
	return r
}

// TestAnApplyAtWorkSaysSo: what has not ended has no outcome.
func TestAnApplyAtWorkSaysSo(t *testing.T) {
	t.Parallel()
	text := string(rendered(t, "apply-work", asPlanJSON, render.Style{}))
	if !strings.Contains(text, `"finished": false`) || strings.Count(text, `"outcome": null`) != 2 || strings.Count(text, `"outcome": "done"`) != 2 {
		t.Errorf("%s", text)
	}
}

func TestSameBytesEveryTime(t *testing.T) {
	t.Parallel()
	for name := range scenarios {
		for _, format := range []render.Func{text.Plan, text.Summary, asPlanJSON} {
			if !bytes.Equal(rendered(t, name, format, render.Style{}), rendered(t, name, format, render.Style{})) {
				t.Errorf("%s differs from run to run", name)
			}
		}
	}
}
