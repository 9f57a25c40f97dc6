package manifest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// changedIDs loads now and names what changed since then.
func changedIDs(t *testing.T, then, now map[string]string) string {
	t.Helper()
	today := LoadAll(files(now), []string{"."}, false)
	if len(today.Problems) > 0 {
		t.Fatal(print(today.Problems))
	}
	var ids []string
	for _, s := range today.Review(today.Specs, nil, files(then)).Changed {
		ids = append(ids, s.ID.String())
	}
	return strings.Join(ids, " ")
}

// TestMayHold: what can hold no manifest takes no place from what can.
func TestMayHold(t *testing.T) {
	t.Parallel()
	files := []string{"_defaults.yaml"}
	for i := range mostMoved {
		files = append(files, fmt.Sprintf("docs/%d.md", i))
	}
	if got := MayHold(append(files, "z/cdn.yaml")); !slices.Equal(got, []string{"z/cdn.yaml"}) {
		t.Errorf("%d files", len(got))
	}
}

func TestChangedIsWhatNoDocumentHeld(t *testing.T) {
	t.Parallel()
	named := func(id int, name string) string {
		return strings.Replace(legal(id), "metadata: {", "metadata: {name: "+name+", ", 1)
	}
	line := func(id int, name string) string {
		return fmt.Sprintf("{apiVersion: cpsync/v1, kind: Certificate, metadata: {id: %d, name: %s}}\n", id, name)
	}
	two := named(1, "a") + "---\n" + named(2, "b")
	for name, c := range map[string]struct {
		then, now map[string]string
		want      string
	}{
		"nothing":            {map[string]string{"a.yaml": two}, map[string]string{"a.yaml": two}, ""},
		"all is new":         {map[string]string{}, map[string]string{"a.yaml": two}, "1 2"},
		"one of two":         {map[string]string{"a.yaml": two}, map[string]string{"a.yaml": two + "# said\n"}, "2"},
		"one before":         {map[string]string{"a.yaml": named(2, "b")}, map[string]string{"a.yaml": two}, "1"},
		"moved":              {map[string]string{"a.yaml": two}, map[string]string{"b/c.yaml": two}, ""},
		"line ends":          {map[string]string{"a.yaml": two}, map[string]string{"a.yaml": strings.ReplaceAll(two, "\n", "\r\n")}, ""},
		"a line each":        {map[string]string{"a.yaml": line(1, "a") + "---\n" + line(2, "b")}, map[string]string{"a.yaml": line(1, "c") + "---\n" + line(2, "b")}, "1"},
		"what was no YAML":   {map[string]string{"a.yaml": "]"}, map[string]string{"a.yaml": legal(1)}, "1"},
		"beside what is bad": {map[string]string{"a.yaml": "]\n---\n" + legal(1)}, map[string]string{"a.yaml": legal(1)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := changedIDs(t, c.then, c.now); got != c.want {
				t.Errorf("changed %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnOlderStateMayLackPaths(t *testing.T) {
	t.Parallel()
	then := files(map[string]string{"certs/a.yaml": legal(1), "empty/README": "", "none/b.yaml": "# later\n"})
	paths := []string{"certs", "empty", "none", "later", "later/c.yaml"}
	specs, problems := older(then, paths, nil).specs()
	if len(specs) != 1 || len(problems) > 0 {
		t.Errorf("%d specs and\n%s", len(specs), print(problems))
	}
	if _, problems := Load(then, paths); len(problems) != 4 {
		t.Errorf("now that is\n%s", print(problems))
	}
	if _, problems := older(files(map[string]string{"certs/a.yaml": "]"}), paths, nil).specs(); len(problems) != 1 {
		t.Errorf("a file that is wrong: %s", print(problems))
	}
}
