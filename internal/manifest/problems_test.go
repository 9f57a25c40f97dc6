package manifest

import (
	"fmt"
	"strings"
	"testing"
)

// TestTheFirstProblemsAreTold: of one manifest, of one file, and of its characters, and how
// many more there are.
func TestTheFirstProblemsAreTold(t *testing.T) {
	t.Parallel()
	var keys strings.Builder
	for i := range 90_000 {
		fmt.Fprintf(&keys, "a%d: 1\n", i)
	}
	var documents strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&documents, "---\n%sspeck: {}\nspeck2: {}\n", legal(i+1))
	}
	for name, c := range map[string]struct {
		text  string
		shown int
		last  string
	}{
		"keys":       {legal(1) + keys.String(), 51, "a.yaml:54:1: and 89950 more problems from here on"},
		"one more":   {legal(1) + strings.Join(strings.SplitAfter(keys.String(), "\n")[:51], ""), 51, "a.yaml:54:1: and 1 more problem here"},
		"no more":    {legal(1) + strings.Join(strings.SplitAfter(keys.String(), "\n")[:50], ""), 50, `a.yaml:53:1: unknown key "a49"`},
		"characters": {strings.Repeat("\x01\n", 100_000), 51, "a.yaml:51:1: and 99950 more problems from here on"},
		"documents":  {documents.String(), 3*500 + 1, "a.yaml:3005:1: and 7500 more problems from here on"},
	} {
		_, problems := Load(files(map[string]string{"a.yaml": c.text}), []string{"a.yaml"})
		last := problems[len(problems)-1]
		if got := fmt.Sprintf("%v:%d:%d: %s", last.At.File, last.At.Line, last.At.Column, last.Message); len(problems) != c.shown || !strings.Contains(got, c.last) {
			t.Errorf("%s: %d problems, the last %s; want %d, %s", name, len(problems), got, c.shown, c.last)
		}
	}
}

// TestAFleetInOneFileLoads: no part of loading grows faster than the file.
func TestAFleetInOneFileLoads(t *testing.T) {
	load := func(n int) float64 {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "---\napiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: %d, name: c%d}\n", i+1, i+1)
		}
		fsys := files(map[string]string{"a.yaml": text.String()})
		return testing.AllocsPerRun(1, func() {
			if specs, _ := Load(fsys, []string{"a.yaml"}); len(specs) != n {
				t.Errorf("%d of %d", len(specs), n)
			}
		})
	}
	if few, many := load(300), load(3000); many > 12*few {
		t.Errorf("ten times as many documents take %.1f times the memory", many/few)
	}
}
