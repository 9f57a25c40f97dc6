// Package guards takes out, one by one, what keeps cpsync from sending an order twice
// and from saying what is not so, and looks who notices: the fault matrix, the tests
// beside the code, the exploration. It has tests and nothing else.
//
// A guard that nobody would miss is either not needed or not tested. docs/developers/guards.md
// shows the table of who missed what; make guards takes everything out again and writes
// it anew.
package guards

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const top = "../.."

// without returns the file of the guard as it is when the guard is taken out.
func (g guard) without(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, g.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), g.is); n != 1 {
		t.Fatalf("%s: %q is there %d times; the guard was changed, so change it here too", g.file, g.is, n)
	}
	return strings.Replace(string(text), g.is, g.gone, 1)
}

// TestGuardsAreThere keeps the list true to the code, and the document to the list.
func TestGuardsAreThere(t *testing.T) {
	t.Parallel()
	_, table, _ := document(t)
	for _, g := range guards {
		g.without(t)
		if !strings.Contains(table, "| "+g.what+" |") {
			t.Errorf("%s does not say who misses this guard: %s; write it with make guards", page, g.what)
		}
	}
}

// Where docs/developers/guards.md shows who missed what.
const (
	page  = top + "/docs/developers/guards.md"
	begin = "<!-- The guards, written by make guards -->\n"
	end   = "<!-- The end of the guards -->\n"
)

// document returns docs/developers/guards.md in three parts, the table in the middle.
func document(t *testing.T) (before, table, after string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), begin)
	table, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s has no place for the guards", page)
	}
	return before, table, after
}
