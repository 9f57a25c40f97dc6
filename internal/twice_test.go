package internal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mostTwice is how many lines in a row may stand in two places of the program.
const mostTwice = 6

// TestNothingStandsTwice finds what was copied: lines without comments, blanks and imports.
func TestNothingStandsTwice(t *testing.T) {
	t.Parallel()
	type place struct {
		path string
		line int
	}
	first := map[string]place{}
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(f.path)))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		var at []int
		imports := false
		for i, line := range strings.Split(string(text), "\n") {
			line = strings.TrimSpace(line)
			imports = imports && line != ")" || line == "import ("
			if line != "" && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "package ") && !imports {
				lines, at = append(lines, line), append(at, i+1)
			}
		}
		for i, told := 0, -1; i+mostTwice < len(lines); i++ {
			key := strings.Join(lines[i:i+mostTwice+1], "\n")
			if p, twice := first[key]; twice && i > told {
				t.Errorf("%s:%d stands at %s too", f.path, at[i], fmt.Sprint(p.path, ":", p.line))
				told = i + mostTwice
			} else if !twice {
				first[key] = place{f.path, at[i]}
			}
		}
	}
}
