package manifest

import (
	"fmt"
	"strings"
	"testing"
)

func TestDocumentsAreCutAtMarkers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "",
		"a":                          `0:"a"`,
		"---\na\n":                   `0:"---\na\n"`,
		"# c\n---\na\n--- # d\nb":    `0:"# c\n" 1:"---\na\n" 3:"--- # d\nb"`,
		"a\r\n---\r\nb\r\n":          `0:"a\r\n" 1:"---\r\nb\r\n"`,
		"a: |\n  ---\n ---\n----\n":  `0:"a: |\n  ---\n ---\n----\n"`,
		"---\n---\n---":              `0:"---\n" 1:"---\n" 2:"---"`,
		"a: \"\n---\n\"\n...\n---\t": `0:"a: \"\n" 1:"---\n\"\n...\n" 4:"---\t"`,
	} {
		var got []string
		for _, p := range split([]byte(text)) {
			got = append(got, fmt.Sprintf("%d:%q", p.above, p.text))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q is cut into %s, want %s", text, g, want)
		}
	}
}

// TestBrokenYAMLIsPlaced: the reader often names the line before, or the one where
// the block began.
func TestBrokenYAMLIsPlaced(t *testing.T) {
	t.Parallel()
	top := "apiVersion: cpsync/v1\nkind: Certificate\nmetadata:\n  id: 1\n"
	for broken, want := range map[string]string{
		"spec:\n  auto_renew: false\n  domains: []\n x: y\n": "8:2",
		"spec:\n  a: b: c\n":                                          "6:3",
		"spec:\n  a: \"x\n  b: y\n  c: z\n":                           "6:3",
		"spec:\n  domains:\n    - a\n   - b\n":                        "8:4",
		"spec:\n  domains: [a,\n    b\n  c: d\nexpect: {}\npolicy: {": "7:5",
		"spec:\n  a: @b\n":                                            "6:3",
		"spec:\n  a: 'it's'\n":                                        "6:3",
		"spec:\n  a\n  b: c\n":                                        "7:3",
		"spec:\n  a: *nobody\n  b: c\n":                               "6:3",
		"spec:\n  a: \"\\q\"\n":                                       "6:3",
	} {
		got := loaded(files(map[string]string{"a.yaml": top + broken}), "a.yaml")
		if !strings.HasPrefix(got, "a.yaml:"+want+": not YAML: ") || strings.Count(got, "\n") != 2 {
			t.Errorf("want a.yaml:%s for %q, got\n%s", want, broken, got)
		}
	}
}
